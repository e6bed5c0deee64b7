using Aim.Datasets;
using Aim.Models;

namespace Aim.Experiments.Asking;

/// <summary>Pictures and videos from files, as models take them.</summary>
internal static class VisualFiles
{
    /// <summary>A picture's colours, turned upright as its EXIF says; transparency is dropped, as upstream drops it.</summary>
    /// <exception cref="PictureException">It is missing or no picture that is read; the message names it.</exception>
    public static RgbImage Picture(string path) => Of(PictureFile.Read(path).Upright());

    /// <summary>Frames that lie evenly over a video, the first and the last among them.</summary>
    /// <param name="path">A video file, or a directory of numbered pictures.</param>
    /// <param name="count">How many.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <exception cref="VideoException">It is missing or cannot be read; the message says what to do.</exception>
    /// <exception cref="PictureException">A frame's file cannot be read.</exception>
    public static IReadOnlyList<RgbImage> Frames(string path, int count, CancellationToken cancel) =>
        [.. new VideoReader().Read(path, count, cancel).Frames.Select(Of)];

    private static RgbImage Of(Picture picture) => new(picture.Height, picture.Width, picture.ToRgb());
}
