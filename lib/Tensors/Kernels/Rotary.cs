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
        ForBlocks(s, (shape, b, h, from, rows) => set.RotateRows(
            x + b * shape.X.Batch + h * shape.X.Head + from * shape.X.Row, (nint)shape.X.Row, Table(shape, cos, b, from),
            Table(shape, sin, b, from), y + b * shape.Y.Batch + h * shape.Y.Head + from * shape.Y.Row, (nint)shape.Y.Row,
            rows, shape.HeadDim / 2));
    }

    /// <summary>dx (strides X) from dy (strides Y).</summary>
    public static void Backward(in RotaryShape s, float* dy, float* cos, float* sin, float* dx)
    {
        var set = KernelSet.Current;
        ForBlocks(s, (shape, b, h, from, rows) => set.RotateRowsBackward(
            dy + b * shape.Y.Batch + h * shape.Y.Head + from * shape.Y.Row, (nint)shape.Y.Row, Table(shape, cos, b, from),
            Table(shape, sin, b, from), dx + b * shape.X.Batch + h * shape.X.Head + from * shape.X.Row, (nint)shape.X.Row,
            rows, shape.HeadDim / 2));
    }

    private static float* Table(in RotaryShape s, float* table, int b, int row) =>
        table + b * s.TableBatch + (long)row * s.HeadDim;

    /// <summary>A task has one head's rows, as many as make it worth a thread; several heads where they are short.</summary>
    private static void ForBlocks(RotaryShape s, Action<RotaryShape, int, int, int, int> body)
    {
        const int Elements = 32768;
        var rows = Math.Min(s.Rows, Math.Max(1, Elements / Math.Max(1, s.HeadDim)));
        if (rows == 0)
            return;
        var blocks = (s.Rows + rows - 1) / rows;
        Pool.Ranges((long)s.Batch * s.Heads * blocks, Math.Max(1, Elements / ((long)rows * Math.Max(1, s.HeadDim))),
            (first, last) =>
        {
            for (var i = first; i < last; i++)
            {
                var from = (int)(i % blocks) * rows;
                body(s, (int)(i / blocks / s.Heads), (int)(i / blocks % s.Heads), from, Math.Min(rows, s.Rows - from));
            }
        });
    }
}
