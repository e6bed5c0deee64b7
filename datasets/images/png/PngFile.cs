namespace Aim.Datasets;

/// <summary>
/// Reads and writes PNG. The reader takes every colour type, depth and interlacing of the standard, and nothing beside it: sizes,
/// chunk order, every CRC, the zlib stream's end. A file that breaks a rule is refused, never half read.
/// </summary>
/// <remarks>
/// Rules: W3C PNG (second edition), sections 5 (chunks), 8 (interlacing), 9 (filters), 11 (IHDR, PLTE, tRNS, eXIf). Samples of
/// 16 bits become their high byte, as in Pillow; gamma and colour profiles are ignored.
/// </remarks>
public static partial class PngFile
{
    internal static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    /// <summary>Reads a picture from a file.</summary>
    /// <exception cref="PictureException">The file is no PNG that this reader takes; the message says why.</exception>
    public static Picture Read(string path) => Read(PictureFile.Bytes(path), path);

    /// <summary>Reads a picture from memory; <paramref name="name"/> stands in error messages.</summary>
    /// <exception cref="PictureException">The bytes are no PNG that this reader takes; the message says why.</exception>
    public static Picture Read(ReadOnlySpan<byte> data, string name) => new PngReader(name).Parse(data).ToPicture();

    /// <summary>Reads the samples as the file stores them: palette indices stay indices, 16 bits stay 16 bits.</summary>
    /// <exception cref="PictureException">The bytes are no PNG that this reader takes; the message says why.</exception>
    public static PngSamples ReadSamples(ReadOnlySpan<byte> data, string name) => new PngReader(name).Parse(data).ToSamples();
}

/// <summary>A PNG file's own samples.</summary>
/// <param name="Width">Pixels a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Channels">Samples a pixel: 1 (grey, palette index), 2 (grey and alpha), 3 (RGB) or 4 (RGBA).</param>
/// <param name="Depth">Bits a sample: 1, 2, 4, 8 or 16.</param>
/// <param name="Values"><c>[height, width, channels]</c>.</param>
public sealed record PngSamples(int Width, int Height, int Channels, int Depth, ushort[] Values);
