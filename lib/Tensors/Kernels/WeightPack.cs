using System.Runtime.CompilerServices;

namespace Aim.Tensors.Kernels;

/// <summary>
/// The packed layout of a weight [N, K]: panels of 32 rows of the weight (columns of the product), each [K, 32], so that the
/// innermost kernel reads memory front to back; the last panel is filled with zeros. Of 16-bit values, one 32-bit word holds row
/// i (low) and row i + 16 (high): a shift and a mask widen a word into both. It is the same for every instruction set.
/// </summary>
internal static unsafe class WeightPack
{
    /// <summary>Columns of a panel.</summary>
    public const int Width = 32;

    /// <summary>Columns between the two vectors that a tile of the product computes.</summary>
    public const int Half = Width / 2;

    /// <summary>Depth of a part of a panel that is filled at a time, so that it stays in L1.</summary>
    private const int DepthChunk = 128;

    public static long Bytes(int rows, int columns, WeightType type) =>
        (long)GemmBlocked.Divide(rows, Width) * Width * columns * WeightMatrix.SizeOf(type);

    /// <summary>Where element [row, column] of a weight of this many columns lies, in bytes.</summary>
    public static long Offset(int row, int column, int columns, WeightType type)
    {
        var (panel, i) = (row / Width, row % Width);
        var at = ((long)panel * columns + column) * Width;
        return type == WeightType.Float32 ? (at + i) * 4 : (at + i % Half * 2 + i / Half) * 2;
    }

    /// <summary>Packs a row-major weight at any address; a panel is a task.</summary>
    public static void Pack(byte* source, WeightType type, int rows, int columns, byte* target)
    {
        var size = WeightMatrix.SizeOf(type);
        Pool.Ranges(GemmBlocked.Divide(rows, Width), Math.Max(1, 65536 / Math.Max(1, columns)), (from, to) =>
        {
            for (var panel = from; panel < to; panel++)
            {
                var lines = (int)Math.Min(Width, rows - panel * Width);
                var read = source + panel * Width * columns * size;
                var write = target + panel * Width * columns * size;
                if (type == WeightType.Float32)
                    GemmPack.Panel((float*)read, columns, 1, lines, columns, (float*)write, Width);
                else
                    Pairs((ushort*)read, lines, columns, (uint*)write);
            }
        });
    }

    /// <summary>Rows i and i + 16 of a panel, interleaved; rows beyond <paramref name="lines"/> are zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pairs(ushort* source, int lines, int columns, uint* target)
    {
        for (var from = 0; from < columns; from += DepthChunk)
        {
            var to = Math.Min(columns, from + DepthChunk);
            for (nint i = 0; i < Half; i++)
            {
                var low = source + i * columns;
                var high = low + (nint)Half * columns;
                if (i + Half < lines)
                    for (nint p = from; p < to; p++)
                        target[p * Half + i] = low[p] | (uint)high[p] << 16;
                else
                    for (nint p = from; p < to; p++)
                        target[p * Half + i] = i < lines ? low[p] : 0u;
            }
        }
    }

    /// <summary>One row of a packed weight, widened to <c>Columns</c> floats.</summary>
    public static void Unpack(in WeightMatrix w, int row, float* target)
    {
        var first = w.Data + Offset(row, 0, w.Columns, w.Type);
        nint step = Width * w.Size;
        for (nint p = 0; p < w.Columns; p++)
            target[p] = WeightMatrix.Widen(first + p * step, w.Type);
    }
}
