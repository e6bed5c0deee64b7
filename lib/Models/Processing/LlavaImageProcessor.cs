namespace Aim.Models;

/// <summary>
/// LLaVA-1.5's processing of pictures, by the kind that <c>preprocessor_config.json</c> names (transformers with Pillow): CLIP's
/// brings the shorter side to a length and cuts the centre out; SigLIP's resizes to a square without regard to the picture's
/// shape.
/// </summary>
public sealed class LlavaImageProcessor
{
    private const string Clip = "CLIPImageProcessor", Siglip = "SiglipImageProcessor";
    private static readonly double[] s_half = [0.5, 0.5, 0.5];

    private readonly int _side;
    private readonly int? _shortestEdge;
    private readonly ImageLayout _layout;
    private readonly PixelNormalizer _pixels;

    internal LlavaImageProcessor(int side, int? shortestEdge, ImageLayout layout, PixelNormalizer pixels)
    {
        (_side, _shortestEdge, _layout, _pixels) = (side, shortestEdge, layout, pixels);
    }

    /// <summary>
    /// Reads <c>preprocessor_config.json</c>; what it leaves out is the kind's (CLIP's, or SigLIP's mean and deviation 0.5).
    /// </summary>
    /// <exception cref="CheckpointException">
    /// The file is missing, a field is wrong or does not fit config.json; the message names it.
    /// </exception>
    public static LlavaImageProcessor Load(string directory, LlavaConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var file = ConfigSection.Load(Path.Combine(directory, "preprocessor_config.json"));
        bool clip = file.Text("image_processor_type", config.Vision.HasClass ? Clip : Siglip, Clip, Siglip) == Clip;
        if (file.Bool("do_pad", false))
            throw file.Error("do_pad", "is not supported; it must be false");
        int side = config.Vision.ImageSize;
        var layout = config.LayoutOf(side, side, 1);
        if (clip)
        {
            var settings = ClipImageSettings.Read(file, config.Vision);
            return new LlavaImageProcessor(side, settings.ShortestEdge, layout, settings.Pixels);
        }

        ClipImageSettings.CheckResize(file);
        VideoProcessor.ReadSize(file, config.Vision);
        return new LlavaImageProcessor(side, null, layout, PixelNormalizer.Read(file, s_half, s_half));
    }

    /// <summary>The size of a picture whose shorter side is brought to a length; the other is truncated.</summary>
    public static (int Height, int Width) ShortestEdge(int height, int width, int edge)
    {
        int other = (int)((double)((long)edge * Math.Max(height, width)) / Math.Min(height, width));
        return width <= height ? (other, edge) : (edge, other);
    }

    /// <summary>Prepares pictures, each on its own.</summary>
    public IReadOnlyList<PreparedImage> Prepare(IReadOnlyList<RgbImage> pictures)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        return [.. pictures.Select(picture => new PreparedImage(_pixels.ToTensor([Resize(picture)]), _layout))];
    }

    private RgbImage Resize(RgbImage picture)
    {
        if (_shortestEdge is not { } edge)
            return BicubicResize.Resize(picture, _side, _side);
        var (height, width) = ShortestEdge(picture.Height, picture.Width, edge);
        return BicubicResize.Resize(picture, height, width).Crop((height - _side) / 2, (width - _side) / 2, _side, _side);
    }
}
