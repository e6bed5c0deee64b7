using System.Security.Cryptography;
using System.Text;
using Aim.Datasets;
using Aim.Models;

namespace Aim.Experiments;

/// <summary>Pictures and videos from files, as models take them.</summary>
internal static class VisualFiles
{
    /// <summary>A picture's colours, turned upright as its EXIF says; transparency is dropped, as upstream drops it.</summary>
    /// <exception cref="PictureException">It is missing or no picture that is read; the message names it.</exception>
    public static RgbImage Picture(string path) => Of(PictureFile.Read(path).Upright());

    /// <summary>A picture's height and width, turned upright, from its headers.</summary>
    /// <exception cref="PictureException">It is missing or no picture that is read; the message names it.</exception>
    public static (int Height, int Width) Size(string path)
    {
        var (width, height) = PictureFile.UprightSize(PictureFile.Bytes(path), path);
        return (height, width);
    }

    /// <summary>Frames that lie evenly over a video, the first and the last among them.</summary>
    /// <param name="path">A video file, or a directory of numbered pictures.</param>
    /// <param name="count">How many.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <exception cref="VideoException">It is missing or cannot be read; the message says what to do.</exception>
    /// <exception cref="PictureException">A frame's file cannot be read.</exception>
    public static IReadOnlyList<RgbImage> Frames(string path, int count, CancellationToken cancel) =>
        [.. new VideoReader().Read(path, count, cancel).Frames.Select(Of)];

    /// <summary>sha256 of a file, or of the names and contents of a directory's files, in lower-case hexadecimal.</summary>
    /// <exception cref="PictureException">It is missing or cannot be read.</exception>
    public static string Sha256(string path)
    {
        try
        {
            if (!Directory.Exists(path))
                return OfFile(path);
            var all = new StringBuilder();
            foreach (string file in Directory.GetFiles(path).Order(StringComparer.Ordinal))
                all.Append(Path.GetFileName(file)).Append(' ').Append(OfFile(file)).Append('\n');
            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all.ToString())));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PictureException(path, e is FileNotFoundException or DirectoryNotFoundException
                ? "no such file" : $"cannot be read ({e.Message.ReplaceLineEndings(" ")})");
        }
    }

    private static string OfFile(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static RgbImage Of(Picture picture) => new(picture.Height, picture.Width, picture.ToRgb());
}
