using System.Text.Json;

namespace Aim.Models;

/// <summary>
/// What CLIP's image processor and its descendants read from <c>preprocessor_config.json</c>: the length that a picture's shorter
/// side is brought to, the square that is cut out, and the normalisation.
/// </summary>
/// <param name="ShortestEdge">In pixels, at least the tower's <c>image_size</c>.</param>
/// <param name="Pixels">The normalisation.</param>
internal readonly record struct ClipImageSettings(int ShortestEdge, PixelNormalizer Pixels)
{
    private static readonly double[] s_mean = [0.48145466, 0.4578275, 0.40821073];
    private static readonly double[] s_deviation = [0.26862954, 0.26130258, 0.27577711];

    /// <exception cref="CheckpointException">A field is wrong or does not fit the tower; the message names it.</exception>
    public static ClipImageSettings Read(ConfigSection file, VisionConfig vision)
    {
        CheckResize(file);
        if (!file.Bool("do_center_crop", true))
            throw file.Error("do_center_crop", "must be true: a tower takes squares");
        int side = vision.ImageSize;

        // OpenAI's own files give sizes as numbers.
        int Length(string field, string inner)
            => file.Has(field) && file.Element.GetProperty(field).ValueKind == JsonValueKind.Number
                ? file.Int(field, side)
                : file.Section(field)?.Int(inner, side) ?? side;
        int edge = Length("size", "shortest_edge"), height = Length("crop_size", "height"), width = Length("crop_size", "width");
        if (height != side || width != side)
            throw file.Error("crop_size", $"{height} x {width} differs from the tower's image_size {side}");
        if (edge < side)
            throw file.Error("size", $"a shortest edge of {edge} gives pictures smaller than the tower's image_size {side}");
        return new ClipImageSettings(edge, PixelNormalizer.Read(file, s_mean, s_deviation));
    }

    /// <summary>Checks what all processors have in common.</summary>
    /// <exception cref="CheckpointException">Pictures are not resized, or in another way.</exception>
    public static void CheckResize(ConfigSection file)
    {
        const int Bicubic = 3;
        if (!file.Bool("do_resize", true))
            throw file.Error("do_resize", "must be true: a tower takes pictures of one size");
        if (file.Int("resample", Bicubic, 0) != Bicubic)
            throw file.Error("resample", $"must be {Bicubic} (bicubic)");
    }
}
