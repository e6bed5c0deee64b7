using System.Runtime.CompilerServices;

namespace Aim.Tensors.Kernels;

internal abstract unsafe partial class KernelSet
{
    /// <summary>
    /// Rotates rows [rows, 2 * half], <paramref name="rowX"/> and <paramref name="rowY"/> apart; cos and sin [rows, 2 * half].
    /// </summary>
    public abstract void RotateRows(float* x, nint rowX, float* cos, float* sin, float* y, nint rowY, int rows, int half);

    /// <summary>The transpose of <see cref="RotateRows"/>.</summary>
    public abstract void RotateRowsBackward(float* dy, nint rowY, float* cos, float* sin, float* dx, nint rowX, int rows,
        int half);
}

internal sealed unsafe partial class KernelSet<V, S>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void RotateRows(float* x, nint rowX, float* cos, float* sin, float* y, nint rowY, int rows, int half)
    {
        for (var r = 0; r < rows; r++, x += rowX, y += rowY, cos += 2 * half, sin += 2 * half)
        {
            for (var i = 0; i < half; i += S.Lanes)
            {
                var rest = half - i;
                var x1 = LoadUpTo(x + i, rest);
                var x2 = LoadUpTo(x + half + i, rest);
                var y1 = S.Fma(x1, LoadUpTo(cos + i, rest), S.Negate(S.Multiply(x2, LoadUpTo(sin + i, rest))));
                var y2 = S.Fma(x2, LoadUpTo(cos + half + i, rest), S.Multiply(x1, LoadUpTo(sin + half + i, rest)));
                StoreUpTo(y1, y + i, rest);
                StoreUpTo(y2, y + half + i, rest);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void RotateRowsBackward(float* dy, nint rowY, float* cos, float* sin, float* dx, nint rowX, int rows,
        int half)
    {
        for (var r = 0; r < rows; r++, dx += rowX, dy += rowY, cos += 2 * half, sin += 2 * half)
        {
            for (var i = 0; i < half; i += S.Lanes)
            {
                var rest = half - i;
                var g1 = LoadUpTo(dy + i, rest);
                var g2 = LoadUpTo(dy + half + i, rest);
                var d1 = S.Fma(g1, LoadUpTo(cos + i, rest), S.Multiply(g2, LoadUpTo(sin + half + i, rest)));
                var d2 = S.Fma(g2, LoadUpTo(cos + half + i, rest), S.Negate(S.Multiply(g1, LoadUpTo(sin + i, rest))));
                StoreUpTo(d1, dx + i, rest);
                StoreUpTo(d2, dx + half + i, rest);
            }
        }
    }
}
