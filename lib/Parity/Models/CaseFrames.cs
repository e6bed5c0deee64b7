using System.Text.Json;
using Aim.Datasets;
using Aim.Models;

namespace Aim.Parity;

/// <summary>A case's pictures and frames, from its files.</summary>
internal static class CaseFrames
{
    // More than any real case has; a hostile one could name thousands.
    private const int Most = 256;

    /// <summary>The video's files, if the case names any.</summary>
    public static string[] Paths(CaseFile file) => Paths(file, "video_frames");

    /// <summary>The pictures' files, if the case names any.</summary>
    public static string[] Pictures(CaseFile file) => Paths(file, "images");

    private static string[] Paths(CaseFile file, string field)
        => file.Root.TryField(field, out var frames) && frames.ValueKind == JsonValueKind.Array
            ? [.. frames.EnumerateArray().Take(Most).Select(f => file.Resolve(f.GetString() ?? ""))]
            : [];

    /// <summary>Decodes a file as transformers' <c>load_image</c> does: turned upright, alpha dropped.</summary>
    public static RgbImage Read(string path)
    {
        var picture = PictureFile.Read(FixtureFiles.ReadBytes(path, PictureFile.MaxFileBytes), path).Upright();
        return new RgbImage(picture.Height, picture.Width, picture.ToRgb());
    }

    /// <summary>Frames decoded, resized, normalised: <c>[frames, 3, height, width]</c>.</summary>
    public static Tensor PixelValues(string[] paths, VideoProcessor processor)
        => paths.Length == 0
            ? throw new BadFixtureException("the case names no video_frames")
            : processor.ToPixelValues([.. paths.Select(Read)]);
}
