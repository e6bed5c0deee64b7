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
        const int Bicubic = 3;
        var file = ConfigSection.Load(Path.Combine(directory, "preprocessor_config.json"));
        foreach (string step in (string[])["do_resize", "do_pad"])
        {
            if (!file.Bool(step, true))
                throw file.Error(step, "must be true: a tower takes pictures of one size");
        }

        if (file.Int("resample", Bicubic, 0) != Bicubic)
            throw file.Error("resample", $"must be {Bicubic} (bicubic)");
        VideoProcessor.ReadSize(file, config.Vision);
        if (file.Pairs("image_grid_pinpoints") is { } pinpoints && !pinpoints.SequenceEqual(config.ImageGridPinpoints))
            throw file.Error("image_grid_pinpoints", "differs from config.json's; tiles and tokens would not fit together");
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
                List<RgbImage> tiles = pictures.Count == 1 ? Tiles(picture, layout) : [Square(picture)];
                return new PreparedImage(_pixels.ToTensor(tiles), layout);
            }),
        ];
    }

    private List<RgbImage> Tiles(RgbImage picture, ImageLayout layout)
    {
        int size = _config.Vision.ImageSize;
        List<RgbImage> tiles = [BicubicResize.Resize(picture, size, size)];
        if (layout.SharesTile)
            return tiles;
        var resolution = AnyResolution.Best(picture.Height, picture.Width, _config.ImageGridPinpoints);
        var (height, width) = AnyResolution.Inside(picture.Height, picture.Width, resolution);
        int above = (resolution.Height - height) / 2, before = (resolution.Width - width) / 2;
        var padded = BicubicResize.Resize(picture, height, width)
            .Pad(above, before, resolution.Height, resolution.Width, [0, 0, 0]);
        for (int top = 0; top < resolution.Height; top += size)
        {
            for (int left = 0; left < resolution.Width; left += size)
                tiles.Add(padded.Crop(top, left, size, size));
        }

        return tiles;
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
