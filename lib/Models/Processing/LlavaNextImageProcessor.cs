namespace Aim.Models;

/// <summary>
/// LLaVA-NeXT's processing of pictures (transformers' <c>LlavaNextImageProcessor</c> with Pillow): every picture becomes a base
/// tile and the tiles of its best resolution (<see cref="PictureTiles"/>), normalised as CLIP was trained.
/// </summary>
public sealed class LlavaNextImageProcessor
{
    private readonly LlavaNextConfig _config;
    private readonly PixelNormalizer _pixels;

    private LlavaNextImageProcessor(LlavaNextConfig config, PixelNormalizer pixels) => (_config, _pixels) = (config, pixels);

    /// <summary>Reads <c>preprocessor_config.json</c>; what it leaves out is CLIP's.</summary>
    /// <exception cref="CheckpointException">
    /// The file is missing, a field is wrong or does not fit config.json; the message names it.
    /// </exception>
    public static LlavaNextImageProcessor Load(string directory, LlavaNextConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var file = ConfigSection.Load(Path.Combine(directory, "preprocessor_config.json"));
        var kind = ClipImageSettings.Read(file, config.Vision);
        if (kind.ShortestEdge != config.Vision.ImageSize)
        {
            throw file.Error(
                "size", $"a shortest edge of {kind.ShortestEdge} differs from the tower's image_size {config.Vision.ImageSize}");
        }

        PictureTiles.CheckPinpoints(file, config);
        return new LlavaNextImageProcessor(config, kind.Pixels);
    }

    /// <summary>Prepares pictures, each on its own.</summary>
    public IReadOnlyList<PreparedImage> Prepare(IReadOnlyList<RgbImage> pictures)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        return
        [
            .. pictures.Select(picture =>
            {
                var layout = _config.LayoutOf(picture.Height, picture.Width, pictures.Count);
                return new PreparedImage(_pixels.ToTensor(PictureTiles.Cut(picture, _config, layout)), layout);
            }),
        ];
    }
}
