using System.Text.RegularExpressions;
using Aim.Datasets;
using Aim.Experiments.Planning;
using Aim.Models;

namespace Aim.Experiments.Asking;

/// <summary>Pictures and videos from files, as models take them.</summary>
internal static partial class VisualFiles
{
    /// <summary>A picture's colours; transparency is dropped, as upstream drops it.</summary>
    /// <exception cref="IOException">It is missing or no picture that is read; the message names it.</exception>
    public static RgbImage Picture(string path)
    {
        if (!File.Exists(path))
            throw new DefinitionException($"{path}: no such file; name a picture");
        var picture = PngFile.Read(path);
        return new RgbImage(picture.Height, picture.Width, picture.ToRgb());
    }

    /// <summary>
    /// Frames that lie evenly over a video, the first and the last among them: a directory of numbered pictures.
    /// </summary>
    /// <exception cref="IOException">It is missing, holds no frames, or one cannot be read; the message names it.</exception>
    public static IReadOnlyList<RgbImage> Frames(string path, int count)
    {
        if (File.Exists(path))
            throw new DefinitionException($"{path}: video files are not decoded; give a directory of numbered frames");
        if (!Directory.Exists(path))
            throw new DefinitionException($"{path}: no such directory; name one of numbered frames");
        string[] files =
        [
            .. Directory.EnumerateFiles(path).Select(f => (File: f, Match: Number().Match(Path.GetFileName(f))))
                .Where(f => f.Match.Success).OrderBy(f => decimal.Parse(f.Match.Groups[1].ValueSpan)).Select(f => f.File),
        ];
        if (files.Length == 0)
            throw new DefinitionException($"{path}: no numbered frames (such as frame_0001.png) are in this directory");
        long last = files.Length - 1;
        int[] indices = [.. Enumerable.Range(0, count).Select(i => (int)(i * last / Math.Max(1, count - 1)))];
        var frames = indices.Distinct().ToDictionary(i => i, i => Picture(files[i]));
        return [.. indices.Select(i => frames[i])];
    }

    [GeneratedRegex(@"(\d{1,18})\D*\.png$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}
