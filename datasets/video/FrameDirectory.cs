using System.Text.RegularExpressions;

namespace Aim.Datasets;

/// <summary>A directory of numbered pictures as a video: frames in the order of the last number in their names.</summary>
internal static partial class FrameDirectory
{
    private const int MostFiles = 1_000_000;

    /// <summary>Reads frames that lie evenly over it; only those are decoded.</summary>
    /// <exception cref="VideoException">
    /// No picture has a number, two have the same, or the frames are larger than the limits.
    /// </exception>
    /// <exception cref="PictureException">A frame cannot be read.</exception>
    public static Video Read(string path, int count, VideoLimits limits, CancellationToken cancel)
    {
        string[] files = Files(path);
        int[] indices = FrameSampling.Uniform(files.Length, count);
        var frames = new Dictionary<int, Picture>();
        long bytes = 0;
        foreach (int index in indices.Distinct())
        {
            cancel.ThrowIfCancellationRequested();
            var frame = PictureFile.Read(files[index]).Upright();
            bytes += frame.Samples.LongLength;
            if ((long)frame.Width * frame.Height > limits.FramePixels || bytes > limits.Bytes)
            {
                throw new VideoException(
                    path, $"its frames take more than {limits.FramePixels} pixels each or {limits.Bytes} bytes in all");
            }

            frames[index] = frame;
        }

        return new Video([.. indices.Select(i => frames[i])], indices, files.Length, null);
    }

    private static string[] Files(string path)
    {
        var numbered = new SortedDictionary<ulong, string>();
        foreach (string file in Directory.EnumerateFiles(path).Take(MostFiles))
        {
            var match = Number().Match(Path.GetFileName(file));
            if (!match.Success || !ulong.TryParse(match.Groups[1].Value, out ulong number))
                continue;
            if (!numbered.TryAdd(number, file))
            {
                string[] both = [Path.GetFileName(file), Path.GetFileName(numbered[number])];
                Array.Sort(both, StringComparer.Ordinal);
                throw new VideoException(path, $"{both[0]} and {both[1]} have the same number");
            }
        }

        return numbered.Count > 0
            ? [.. numbered.Values]
            : throw new VideoException(path, "no numbered frames (such as frame_0001.png or 1.jpg) are in this directory");
    }

    [GeneratedRegex(@"(\d+)\D*\.(png|jpe?g)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}
