using System.Buffers.Binary;

namespace Aim.Datasets;

/// <summary>What IHDR says, checked.</summary>
/// <param name="ColourType">0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA.</param>
/// <param name="Depth">Bits a sample.</param>
internal readonly record struct PngHeader(int Width, int Height, int Depth, int ColourType, bool IsInterlaced)
{
    /// <summary>Adam7: first column, first row, and the steps from one pixel to the next, of each pass.</summary>
    private static readonly (int X, int Y, int StepX, int StepY)[] s_adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    private static readonly (int, int, int, int)[] s_whole = [(0, 0, 1, 1)];

    /// <summary>Samples a pixel.</summary>
    public int Channels => ColourType switch { 0 or 3 => 1, 4 => 2, 2 => 3, _ => 4 };

    /// <summary>The passes, the empty ones left out.</summary>
    public IEnumerable<(int X, int Y, int StepX, int StepY)> Passes
    {
        get
        {
            var (width, height) = (Width, Height);
            return (IsInterlaced ? s_adam7 : s_whole).Where(p => p.Item1 < width && p.Item2 < height);
        }
    }

    /// <summary>Bytes that the compressed data expand to: all passes' rows, each behind its filter's number.</summary>
    public long Bytes
    {
        get
        {
            long bytes = 0;
            foreach (var (x, y, stepX, stepY) in Passes)
                bytes += Count(Height, y, stepY) * (1L + RowBytes(Count(Width, x, stepX)));
            return bytes;
        }
    }

    /// <summary>Pixels of a row, or rows, that a pass has.</summary>
    public static int Count(int size, int first, int step) => (size - first + step - 1) / step;

    /// <summary>Bytes of a row of so many pixels.</summary>
    public int RowBytes(int pixels) => checked((int)(((long)pixels * Channels * Depth + 7) / 8));

    /// <summary>Reads IHDR's body.</summary>
    public static PngHeader Read(ReadOnlySpan<byte> body, Func<string, PictureException> fail)
    {
        if (body.Length != 13)
            throw fail($"IHDR has {body.Length} bytes, it must have 13");
        uint width = BinaryPrimitives.ReadUInt32BigEndian(body), height = BinaryPrimitives.ReadUInt32BigEndian(body[4..]);
        if (width == 0 || height == 0 || width > int.MaxValue || height > int.MaxValue)
            throw fail($"impossible size {width} x {height}");
        if ((ulong)width * height > PictureFile.MaxPixels)
            throw fail($"{width} x {height} pixels, more than the {PictureFile.MaxPixels} that are read");
        int depth = body[8], colourType = body[9];
        bool legal = colourType switch
        {
            0 => depth is 1 or 2 or 4 or 8 or 16,
            3 => depth is 1 or 2 or 4 or 8,
            2 or 4 or 6 => depth is 8 or 16,
            _ => false,
        };
        if (!legal)
            throw fail($"colour type {colourType} with {depth} bits is not in the standard");
        if (body[10] != 0 || body[11] != 0 || body[12] > 1)
            throw fail($"compression {body[10]}, filter {body[11]}, interlace {body[12]}: not in the standard");
        return new PngHeader((int)width, (int)height, depth, colourType, body[12] == 1);
    }
}
