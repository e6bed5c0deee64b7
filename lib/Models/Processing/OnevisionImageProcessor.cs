namespace Aim.Models;

/// <summary>A picture as the tower takes it, and how its features become tokens.</summary>
/// <param name="PixelValues">Normalised tiles <c>[tiles, 3, height, width]</c>, the base tile first.</param>
/// <param name="Layout">Its tokens.</param>
public sealed record PreparedImage(Tensor PixelValues, ImageLayout Layout);

/// <summary>
/// LLaVA-OneVision's processing of pictures (transformers' <c>LlavaOnevisionImageProcessor</c> with Pillow): a prompt's only
/// picture becomes a base tile, resized without regard to its shape, and the tiles of the best resolution, into which it is
/// scaled, centred and padded with black; several pictures are padded to squares with the mean colour and become one tile each.
/// </summary>
public sealed class OnevisionImageProcessor
{
    private static readonly double[] s_half = [0.5, 0.5, 0.5];
    private readonly LlavaOnevisionConfig _config;
    private readonly PixelNormalizer _pixels;

    private OnevisionImageProcessor(LlavaOnevisionConfig config, PixelNormalizer pixels) => (_config, _pixels) = (config, pixels);

    /// <summary>
    /// Reads <c>preprocessor_config.json</c>; what it leaves out is SigLIP's (mean and deviation 0.5, bytes / 255).
    /// </summary>
    /// <exception cref="CheckpointException">
    /// The file is missing, a field is wrong or does not fit config.json; the message names it.
    /// </exception>
    public static OnevisionImageProcessor Load(string directory, LlavaOnevisionConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var file = ConfigSection.Load(Path.Combine(directory, "preprocessor_config.json"));
        if (!file.Bool("do_pad", true))
            throw file.Error("do_pad", "must be true: a tower takes pictures of one size");
        ClipImageSettings.CheckResize(file);
        VideoProcessor.ReadSize(file, config.Vision);
        PictureTiles.CheckPinpoints(file, config);
        return new OnevisionImageProcessor(config, PixelNormalizer.Read(file, s_half, s_half));
    }

    /// <summary>Prepares the pictures of one prompt, which are treated otherwise when there are several.</summary>
    /// <param name="pictures">In the order of their placeholders.</param>
    public IReadOnlyList<PreparedImage> Prepare(IReadOnlyList<RgbImage> pictures)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        return
        [
            .. pictures.Select(picture =>
            {
                var layout = _config.LayoutOf(picture.Height, picture.Width, pictures.Count);
                IReadOnlyList<RgbImage> tiles = pictures.Count == 1
                    ? PictureTiles.Cut(picture, _config, layout) : [Square(picture)];
                return new PreparedImage(_pixels.ToTensor(tiles), layout);
            }),
        ];
    }

    private RgbImage Square(RgbImage picture)
    {
        int size = _config.Vision.ImageSize, side = Math.Max(picture.Height, picture.Width);
        if (picture.Height != picture.Width)
        {
            byte[] mean = [.. _pixels.Mean.Select(m => (byte)Math.Clamp((int)(m * 255), 0, 255))];
            picture = picture.Pad((side - picture.Height) / 2, (side - picture.Width) / 2, side, side, mean);
        }

        return BicubicResize.Resize(picture, size, size);
    }
}
