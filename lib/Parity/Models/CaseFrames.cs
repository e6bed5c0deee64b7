using System.Text.Json;
using Aim.Datasets;
using Aim.Models;

namespace Aim.Parity;

/// <summary>A case's video, from its files to the tower's input.</summary>
internal static class CaseFrames
{
    // More than any real case has; a hostile one could name thousands.
    private const int Most = 256;

    /// <summary>The files, if the case names any.</summary>
    public static string[] Paths(CaseFile file)
        => file.Root.TryField("video_frames", out var frames) && frames.ValueKind == JsonValueKind.Array
            ? [.. frames.EnumerateArray().Take(Most).Select(f => file.Resolve(f.GetString() ?? ""))]
            : [];

    /// <summary>Decoded, resized, normalised: <c>[frames, 3, height, width]</c>.</summary>
    public static Tensor PixelValues(string[] paths, VideoProcessor processor)
    {
        if (paths.Length == 0)
            throw new BadFixtureException("the case names no video_frames");
        var rgb = new List<byte>();
        foreach (string path in paths)
        {
            byte[] data = FixtureFiles.ReadBytes(path, PngFile.MaxFileBytes);
            if (DecodeKind.Missing(data) is { } reason)
                throw new UnsupportedCaseException($"a frame cannot be read: {reason}");
            rgb.AddRange(BicubicResize.Resize(PngFile.Read(data, path), processor.Width, processor.Height));
        }

        return processor.ToPixelValues(rgb.ToArray(), paths.Length, processor.Height, processor.Width);
    }
}
