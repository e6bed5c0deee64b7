using System.Globalization;
using System.Text.Json;

namespace Aim.Datasets;

/// <summary>What is known of a file's first video stream.</summary>
internal sealed record VideoStream(int Width, int Height, int Total, double? FramesPerSecond);

/// <summary>Asks <c>ffprobe</c> about a file.</summary>
internal sealed class VideoProbe(string path, VideoLimits limits, VideoPrograms programs)
{
    private const int MostOutput = 1 << 20;

    /// <summary>The file's address for ffmpeg: a name never chooses another protocol or option.</summary>
    public static string Url(string path) => "file:" + Path.GetFullPath(path);

    /// <summary>Size, number of frames and rate of the first stream that is no cover picture.</summary>
    /// <param name="exact">Whether frames are counted by decoding them; else packets are counted, which is quick.</param>
    public VideoStream Read(bool exact, CancellationToken cancel)
    {
        string counted = exact ? "nb_read_frames" : "nb_read_packets";
        string[] arguments =
        [
            "-hide_banner", "-loglevel", "error", "-protocol_whitelist", "file,pipe", "-select_streams", "V:0",
            exact ? "-count_frames" : "-count_packets", "-show_entries", $"stream=width,height,avg_frame_rate,{counted}",
            "-of", "json", Url(path),
        ];
        var text = new MemoryStream();
        var (end, exitCode, errors) = ChildProgram.Run(programs.Ffprobe, arguments, limits.Time, output =>
        {
            var block = new byte[4096];
            for (int got; (got = output.Read(block)) > 0 && text.Length <= MostOutput;)
                text.Write(block, 0, got);
            return text.Length <= MostOutput;
        }, cancel);
        if (end == ChildEnd.Stopped)
            throw new VideoException(path, $"ffprobe wrote more than {MostOutput} bytes");
        Check(path, "ffprobe", end, exitCode, errors, limits.Time, tolerant: false);
        return Parse(text.ToArray(), counted, errors);
    }

    /// <summary>Throws what a program's end means for the file.</summary>
    /// <param name="tolerant">
    /// All that was wanted has come: how the program ended does not matter, unless it was cut short.
    /// </param>
    public static void Check(
        string path, string program, ChildEnd end, int exitCode, string[] errors, TimeSpan time, bool tolerant)
    {
        string? reason = end switch
        {
            ChildEnd.NotFound => $"{program} is needed for videos and is not installed: get ffmpeg by 'apt-get install ffmpeg', "
                + "'brew install ffmpeg' or 'winget install ffmpeg' and have it on the PATH",
            ChildEnd.TimedOut => $"{program} was ended after {time.TotalSeconds.ToString(CultureInfo.InvariantCulture)} seconds",
            ChildEnd.Exited when exitCode != 0 && !tolerant => $"{program} cannot read it: {LastWords(errors, exitCode)}",
            _ => null,
        };
        if (reason is not null)
            throw new VideoException(path, reason);
    }

    private static string LastWords(string[] errors, int exitCode)
        => errors.Length == 0 ? $"it ended with code {exitCode} and said nothing" : string.Join("; ", errors.TakeLast(2));

    private static string Remark(string[] errors) => errors.Length == 0 ? "" : $": {LastWords(errors, 0)}";

    private VideoStream Parse(byte[] json, string counted, string[] errors)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (!document.RootElement.TryGetProperty("streams", out var streams) || streams.GetArrayLength() == 0)
                throw new VideoException(path, "it holds no video" + Remark(errors));
            var stream = streams[0];
            int width = stream.GetProperty("width").GetInt32(), height = stream.GetProperty("height").GetInt32();
            if (width < 1 || height < 1 || (long)width * height > limits.FramePixels)
            {
                throw new VideoException(
                    path, $"frames of {width} x {height} pixels; at most {limits.FramePixels} pixels are read");
            }

            if (!int.TryParse(stream.GetProperty(counted).GetString(), CultureInfo.InvariantCulture, out int total) || total < 1)
                throw new VideoException(path, "it holds no frame" + Remark(errors));
            return new VideoStream(width, height, total, Rate(stream));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new VideoException(path, "ffprobe's answer is not understood" + Remark(errors));
        }
    }

    // A fraction, 0/0 where it is not known.
    private static double? Rate(JsonElement stream)
    {
        string[] parts = stream.TryGetProperty("avg_frame_rate", out var rate) ? rate.GetString()?.Split('/') ?? [] : [];
        return parts.Length == 2
            && double.TryParse(parts[0], CultureInfo.InvariantCulture, out double above)
            && double.TryParse(parts[1], CultureInfo.InvariantCulture, out double below)
            && above > 0 && below > 0
            ? above / below
            : null;
    }
}
