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
    private static readonly double[] s_clipMean = [0.48145466, 0.4578275, 0.40821073];
    private static readonly double[] s_clipDeviation = [0.26862954, 0.26130258, 0.27577711];

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
        const int Bicubic = 3;
        var file = ConfigSection.Load(Path.Combine(directory, "preprocessor_config.json"));
        bool clip = file.Text("image_processor_type", config.Vision.HasClass ? Clip : Siglip, Clip, Siglip) == Clip;
        if (!file.Bool("do_resize", true))
            throw file.Error("do_resize", "must be true: a tower takes pictures of one size");
        if (file.Bool("do_pad", false))
            throw file.Error("do_pad", "is not supported; it must be false");
        if (file.Int("resample", Bicubic, 0) != Bicubic)
            throw file.Error("resample", $"must be {Bicubic} (bicubic)");
        var pixels = PixelNormalizer.Read(file, clip ? s_clipMean : s_half, clip ? s_clipDeviation : s_half);
        int side = config.Vision.ImageSize;
        int? edge = clip ? Edge(file, side) : Square(file, config.Vision);
        return new LlavaImageProcessor(side, edge, config.LayoutOf(side, side, 1), pixels);
    }

    // The length of the shorter side, from which a square of the tower's size is cut.
    private static int? Edge(ConfigSection file, int side)
    {
        if (!file.Bool("do_center_crop", true))
            throw file.Error("do_center_crop", "must be true: a tower takes squares");
        int Read(string field, string inner)
            => file.Has(field) && file.Element.GetProperty(field).ValueKind == System.Text.Json.JsonValueKind.Number
                ? file.Int(field, side)
                : file.Section(field)?.Int(inner, side) ?? side;
        int edge = Read("size", "shortest_edge"), height = Read("crop_size", "height"), width = Read("crop_size", "width");
        if (height != side || width != side)
            throw file.Error("crop_size", $"{height} x {width} differs from the tower's image_size {side}");
        return edge >= side ? edge : throw file.Error(
            "size", $"a shortest edge of {edge} gives pictures smaller than the tower's image_size {side}");
    }

    private static int? Square(ConfigSection file, VisionConfig vision)
    {
        VideoProcessor.ReadSize(file, vision);
        return null;
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
