namespace Aim.Tensors.Kernels;

/// <summary>
/// x and y [batch, heads, rows, dim] with their strides (last dimension contiguous); cos and sin [rows, dim], contiguous, the tables of
/// successive batch items <paramref name="TableBatch"/> elements apart (0: one table for all).
/// </summary>
internal readonly record struct RotaryShape(int Batch, int Heads, int Rows, int HeadDim, HeadStrides X, HeadStrides Y, long TableBatch);

/// <summary>Rotary position embedding, half-split as in Hugging Face. x and y may be the same.</summary>
internal static unsafe class Rotary
{
    /// <summary>y = x * cos + rotate_half(x) * sin.</summary>
    public static void Forward(in RotaryShape s, float* x, float* cos, float* sin, float* y) =>
        RotaryReference.Forward(s, x, cos, sin, y);

    /// <summary>dx (strides X) from dy (strides Y).</summary>
    public static void Backward(in RotaryShape s, float* dy, float* cos, float* sin, float* dx) =>
        RotaryReference.Backward(s, dy, cos, sin, dx);
}
