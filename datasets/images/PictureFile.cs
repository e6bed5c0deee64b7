namespace Aim.Datasets;

/// <summary>
/// Reads pictures: PNG and JPEG, told apart by their content, not by their name. A file is untrusted: it is refused with a
/// <see cref="PictureException"/> or read whole, in memory and time that its own size bounds.
/// </summary>
/// <remarks>
/// Limits: <see cref="MaxFileBytes"/> and <see cref="MaxPixels"/>; what a header claims is allocated only if the file is long
/// enough to bear it out (deflate expands by 1,032 at most; a block of 64 JPEG samples takes a bit at least). Besides the file
/// and the result, decoding takes the compressed data and two rows (PNG), up to 3 bytes a pixel (baseline JPEG) or 7
/// (progressive JPEG of full-size chroma; 4 bytes and a half with chroma halved both ways).
/// </remarks>
public static class PictureFile
{
    /// <summary>The most pixels that a picture may have: 100 megapixels, a little above where Pillow warns of a bomb.</summary>
    public const int MaxPixels = 100_000_000;

    /// <summary>The most bytes that a file may have.</summary>
    public const int MaxFileBytes = 1 << 28;

    /// <summary>Reads a picture from a file.</summary>
    /// <exception cref="PictureException">
    /// The file is missing, broken, too large or of another format; the message says which.
    /// </exception>
    public static Picture Read(string path) => Read(Bytes(path), path);

    /// <summary>Reads a picture from memory; <paramref name="name"/> stands in error messages.</summary>
    /// <exception cref="PictureException">The bytes are no picture that is read; the message says why.</exception>
    public static Picture Read(ReadOnlySpan<byte> data, string name)
        => data.StartsWith(JpegMarkers.Start) ? new JpegReader(data, name).Read()
            : data.StartsWith(PngFile.Signature) ? PngFile.Read(data, name)
            : throw new PictureException(name, Foreign(data));

    /// <summary>
    /// Width and height of a picture as it is to be seen (<see cref="Picture.Upright"/>), without decoding it.
    /// </summary>
    /// <exception cref="PictureException">The bytes are no picture that is read, as far as their headers tell.</exception>
    public static (int Width, int Height) UprightSize(ReadOnlySpan<byte> data, string name)
        => data.StartsWith(JpegMarkers.Start) ? new JpegReader(data, name).UprightSize()
            : data.StartsWith(PngFile.Signature) ? new PngReader(name).Parse(data).UprightSize
            : throw new PictureException(name, Foreign(data));

    /// <summary>A picture's file, of at most <see cref="MaxFileBytes"/>.</summary>
    /// <exception cref="PictureException">It is missing, too large or cannot be read.</exception>
    public static byte[] Bytes(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            if (stream.Length > MaxFileBytes)
                throw new PictureException(path, $"{stream.Length} bytes, more than the {MaxFileBytes} that are read");
            var data = new byte[stream.Length];
            stream.ReadExactly(data);
            return data;
        }
        catch (Exception e) when (e is not PictureException
            && e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new PictureException(path, e is FileNotFoundException or DirectoryNotFoundException
                ? "no such file"
                : $"cannot be read ({e.Message.ReplaceLineEndings(" ")})");
        }
    }

    /// <summary>What bytes that are no PNG and no JPEG are instead, whatever the file's name says.</summary>
    internal static string Foreign(ReadOnlySpan<byte> data)
    {
        static bool Iso(ReadOnlySpan<byte> data, ReadOnlySpan<byte> brand) => data.Length > 12 && data[4..].StartsWith("ftyp"u8)
            && data[8..].StartsWith(brand);
        string? format = data.StartsWith("GIF8"u8) ? "GIF"
            : data.StartsWith("BM"u8) ? "BMP"
            : data.StartsWith("RIFF"u8) && data.Length > 12 && data[8..].StartsWith("WEBP"u8) ? "WebP"
            : data.StartsWith("II*\0"u8) || data.StartsWith("MM\0*"u8) ? "TIFF"
            : Iso(data, "avi"u8) ? "AVIF"
            : Iso(data, "hei"u8) ? "HEIC"
            : null;
        return format is not null ? $"{format} is not supported; convert it to PNG or JPEG"
            : data.IsEmpty ? "the file is empty"
            : "neither a PNG nor a JPEG file (the first bytes are wrong)";
    }
}
