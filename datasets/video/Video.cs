namespace Aim.Datasets;

/// <summary>Frames of a video, as they were sampled.</summary>
/// <param name="Frames">The pictures, upright, in order; a frame that was sampled several times is one object.</param>
/// <param name="Indices">The number of each in the video, from 0.</param>
/// <param name="Total">Frames of the whole video.</param>
/// <param name="FramesPerSecond">Their average rate; null where it is not known (a directory of frames).</param>
public sealed record Video(IReadOnlyList<Picture> Frames, IReadOnlyList<int> Indices, int Total, double? FramesPerSecond);

/// <summary>What reading a video may take.</summary>
/// <param name="Time">Wall-clock time of one program that is run.</param>
/// <param name="Frames">Frames that may be asked for.</param>
/// <param name="FramePixels">Pixels of a frame.</param>
/// <param name="Bytes">Bytes of all frames that are kept, 3 a pixel.</param>
public sealed record VideoLimits(TimeSpan Time, int Frames, long FramePixels, long Bytes)
{
    /// <summary>10 minutes, 512 frames, 8192 x 8192 pixels, 2 GiB.</summary>
    public static VideoLimits Default { get; } = new(TimeSpan.FromMinutes(10), 512, 1L << 26, 1L << 31);
}

/// <summary>The programs that read videos: names that are looked up on the PATH, or paths.</summary>
public sealed record VideoPrograms(string Ffmpeg = "ffmpeg", string Ffprobe = "ffprobe");
