namespace Aim.Datasets;

/// <summary>
/// Reads frames of videos: files through <c>ffmpeg</c> and <c>ffprobe</c>, which must be installed, and directories of numbered
/// pictures without them. Files are untrusted: time, size and number of what is read are limited, and the programs are ended
/// with their children when a limit is reached or the caller cancels.
/// </summary>
public sealed class VideoReader
{
    private readonly VideoLimits _limits;
    private readonly VideoPrograms _programs;

    /// <param name="limits">What reading may take; null: <see cref="VideoLimits.Default"/>.</param>
    /// <param name="programs">Which programs read files; null: those on the PATH.</param>
    public VideoReader(VideoLimits? limits = null, VideoPrograms? programs = null)
        => (_limits, _programs) = (limits ?? VideoLimits.Default, programs ?? new VideoPrograms());

    /// <summary>Reads frames that lie evenly over a video (<see cref="FrameSampling.Uniform"/>).</summary>
    /// <param name="path">A video file, or a directory of numbered PNG or JPEG files.</param>
    /// <param name="count">How many.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <exception cref="VideoException">
    /// The video cannot be read, is larger than the limits, or a program is not installed; the message says what to do.
    /// </exception>
    /// <exception cref="PictureException">A frame's file in a directory cannot be read.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1 or above the limit.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was raised.</exception>
    public Video Read(string path, int count, CancellationToken cancel = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _limits.Frames);
        if (Directory.Exists(path))
            return FrameDirectory.Read(path, count, _limits, cancel);
        if (!File.Exists(path))
            throw new VideoException(path, "no such file");
        var probe = new VideoProbe(path, _limits, _programs);
        var stream = probe.Read(exact: false, cancel);
        if (Decode(path, stream, count, cancel) is { } video)
            return video;

        // Some packets hold no frame: count what is really decoded.
        stream = probe.Read(exact: true, cancel);
        return Decode(path, stream, count, cancel)
            ?? throw new VideoException(path, $"fewer frames are decoded than the {stream.Total} counted");
    }

    private Video? Decode(string path, VideoStream stream, int count, CancellationToken cancel)
    {
        int[] indices = FrameSampling.Uniform(stream.Total, count);
        int[] distinct = [.. indices.Distinct()];
        long bytes = (long)distinct.Length * stream.Width * stream.Height * 3;
        if (bytes > _limits.Bytes)
        {
            string asked = $"{distinct.Length} frames of {stream.Width} x {stream.Height} pixels";
            throw new VideoException(path, $"{asked} take {bytes} bytes, more than {_limits.Bytes}");
        }

        // Selected frames get new times, one a second, so that ffmpeg neither repeats nor drops any of them.
        string[] arguments =
        [
            "-nostdin", "-hide_banner", "-loglevel", "error", "-protocol_whitelist", "file,pipe", "-i", VideoProbe.Url(path),
            "-map", "0:V:0", "-an", "-sn", "-dn",
            "-vf", $"select='{Any(distinct)}',setpts=N/TB", "-r", "1", "-frames:v", $"{distinct.Length}", "-pix_fmt", "rgb24",
            "-c:v", "ppm", "-f", "image2pipe", "-",
        ];
        var frames = new List<Picture>();
        string? problem = null;
        var (end, exitCode, errors) = ChildProgram.Run(_programs.Ffmpeg, arguments, _limits.Time, output =>
        {
            var reader = new FrameStream(output, _limits.FramePixels);
            while (frames.Count < distinct.Length && problem is null && reader.Next(out problem) is { } frame)
                frames.Add(frame);
            return problem is null && frames.Count < distinct.Length;
        }, cancel);
        VideoProbe.Check(path, "ffmpeg", end, exitCode, errors, _limits.Time, tolerant: frames.Count == distinct.Length);
        if (problem is not null)
            throw new VideoException(path, problem);
        if (frames.Count < distinct.Length)
            return null;
        Picture[] sampled = [.. indices.Select(i => frames[Array.IndexOf(distinct, i)])];
        return new Video(sampled, indices, stream.Total, stream.FramesPerSecond);
    }
    // True for the frames of these numbers. A balanced tree: ffmpeg refuses a sum of hundreds of terms, which nests as deeply.
    private static string Any(ReadOnlySpan<int> numbers) => numbers.Length == 1
        ? $"eq(n\\,{numbers[0]})"
        : $"({Any(numbers[..(numbers.Length / 2)])}+{Any(numbers[(numbers.Length / 2)..])})";
}
