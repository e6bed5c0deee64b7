namespace Aim.Tensors.Kernels;

/// <summary>
/// x and y [batch, heads, rows, dim] with their strides (last dimension contiguous); cos and sin [rows, dim], contiguous, the
/// tables of successive batch items <paramref name="TableBatch"/> elements apart (0: one table for all).
/// </summary>
internal readonly record struct RotaryShape(int Batch, int Heads, int Rows, int HeadDim, HeadStrides X, HeadStrides Y,
    long TableBatch);

/// <summary>Rotary position embedding, half-split as in Hugging Face. x and y may be the same.</summary>
internal static unsafe class Rotary
{
    /// <summary>y = x * cos + rotate_half(x) * sin.</summary>
    public static void Forward(in RotaryShape s, float* x, float* cos, float* sin, float* y)
    {
        var set = KernelSet.Current;
        ForBlocks(s, (grid, atX, atY, table) => set.Rotate(grid, x + atX, cos + table, sin + table, y + atY));
    }

    /// <summary>dx (strides X) from dy (strides Y).</summary>
    public static void Backward(in RotaryShape s, float* dy, float* cos, float* sin, float* dx)
    {
        var set = KernelSet.Current;
        ForBlocks(s, (grid, atX, atY, table) => set.RotateBackward(grid, dx + atX, cos + table, sin + table, dy + atY));
    }

    /// <summary>
    /// A task has some rows of all heads of an item, and walks them as they lie in memory: where a row's heads are neighbours,
    /// row by row, else head by head.
    /// </summary>
    private static void ForBlocks(RotaryShape s, Action<RotaryGrid, long, long, long> body)
    {
        const int Elements = 32768;
        if (s.Batch == 0 || s.Heads == 0 || s.Rows == 0)
            return;
        var rows = (int)Math.Clamp(Elements / Math.Max(1, (long)s.Heads * s.HeadDim), 1, s.Rows);
        var blocks = (s.Rows + rows - 1) / rows;
        var byRow = s.X.Head <= s.X.Row;
        var together = Math.Max(1, Elements / ((long)rows * s.Heads * Math.Max(1, s.HeadDim)));
        Pool.Ranges((long)s.Batch * blocks, together, (first, last) =>
        {
            for (var i = first; i < last; i++)
            {
                var (b, from) = ((int)(i / blocks), (int)(i % blocks) * rows);
                var count = Math.Min(rows, s.Rows - from);
                var grid = byRow
                    ? new RotaryGrid(count, s.Heads, (nint)s.X.Row, (nint)s.X.Head, (nint)s.Y.Row, (nint)s.Y.Head, s.HeadDim, 0,
                        s.HeadDim / 2)
                    : new RotaryGrid(s.Heads, count, (nint)s.X.Head, (nint)s.X.Row, (nint)s.Y.Head, (nint)s.Y.Row, 0, s.HeadDim,
                        s.HeadDim / 2);
                body(grid, b * s.X.Batch + from * s.X.Row, b * s.Y.Batch + from * s.Y.Row,
                    b * s.TableBatch + (long)from * s.HeadDim);
            }
        });
    }
}
