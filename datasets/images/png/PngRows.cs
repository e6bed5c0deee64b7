using System.IO.Compression;

namespace Aim.Datasets;

/// <summary>A file's rows in their order, pass by pass, expanded and unfiltered.</summary>
internal sealed class PngRows(PngHeader header, Stream compressed, Func<string, PictureException> fail)
{
    /// <summary>deflate cannot expand by more than this; a header that needs more is lying.</summary>
    private const int MaxDeflateRatio = 1032;

    /// <summary>Receives one row of a pass.</summary>
    /// <param name="row">Packed samples as the file has them.</param>
    /// <param name="y">The row of the picture that it belongs to.</param>
    /// <param name="x">The column of its first pixel.</param>
    /// <param name="step">Columns from one of its pixels to the next.</param>
    /// <param name="pixels">How many it has.</param>
    public delegate void Sink(ReadOnlySpan<byte> row, int y, int x, int step, int pixels);

    public PngHeader Header => header;

    /// <summary>
    /// Refuses a picture that the compressed data cannot hold: to be called before anything of its size is allocated.
    /// </summary>
    public void CheckSize()
    {
        if (header.Bytes > compressed.Length * MaxDeflateRatio)
            throw fail($"the data cannot hold {header.Width} x {header.Height} pixels");
    }

    /// <summary>Decodes all rows; one byte more or less than the header promises is an error.</summary>
    public void Read(Sink sink)
    {
        int most = header.RowBytes(header.Width), bytesPerPixel = Math.Max(1, header.Channels * header.Depth / 8);
        byte[] row = new byte[1 + most], above = new byte[1 + most];
        long read = 0;
        try
        {
            using var zlib = new ZLibStream(compressed, CompressionMode.Decompress);
            foreach (var (x, firstY, stepX, stepY) in header.Passes)
            {
                int pixels = PngHeader.Count(header.Width, x, stepX), bytes = 1 + header.RowBytes(pixels);
                above.AsSpan().Clear();
                for (int y = firstY; y < header.Height; y += stepY)
                {
                    var line = row.AsSpan(0, bytes);
                    int got = zlib.ReadAtLeast(line, bytes, throwOnEndOfStream: false);
                    read += got;
                    if (got < bytes)
                        throw fail($"the data ends after {read} of {header.Bytes} bytes");
                    if (line[0] > 4)
                        throw fail($"row {y} has filter {line[0]}; 0 to 4 exist");
                    Unfilter(line[0], line[1..], above.AsSpan(1, bytes - 1), bytesPerPixel);
                    sink(line[1..], y, x, stepX, pixels);
                    (row, above) = (above, row);
                }
            }

            if (zlib.ReadByte() >= 0)
                throw fail("more data than the picture has rows");
        }
        // Which of the two depends on what is wrong: a stream that wants a dictionary, for one, is an IOException.
        catch (Exception e) when (e is InvalidDataException or IOException and not PictureException)
        {
            throw fail("the data is damaged (not a zlib stream, or its checksum is wrong)");
        }
    }

    private static void Unfilter(int filter, Span<byte> row, ReadOnlySpan<byte> above, int step)
    {
        int start = Math.Min(step, row.Length);
        switch (filter)
        {
            case 1:
                for (int x = start; x < row.Length; x++)
                    row[x] += row[x - step];
                break;
            case 2:
                for (int x = 0; x < row.Length; x++)
                    row[x] += above[x];
                break;
            case 3:
                for (int x = 0; x < start; x++)
                    row[x] += (byte)(above[x] >> 1);
                for (int x = start; x < row.Length; x++)
                    row[x] += (byte)(row[x - step] + above[x] >> 1);
                break;
            case 4:
                for (int x = 0; x < start; x++)
                    row[x] += above[x];
                for (int x = start; x < row.Length; x++)
                    row[x] += Paeth(row[x - step], above[x], above[x - step]);
                break;
        }
    }

    // Of left, above and above-left the one nearest to left + above - above-left.
    private static byte Paeth(int a, int b, int c)
    {
        int pa = Math.Abs(b - c), pb = Math.Abs(a - c), pc = Math.Abs(a + b - 2 * c);
        return (byte)(pa <= pb && pa <= pc ? a : pb <= pc ? b : c);
    }
}
