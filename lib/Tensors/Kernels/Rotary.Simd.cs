using System.Runtime.CompilerServices;

namespace Aim.Tensors.Kernels;

/// <summary>
/// A grid of rows of 2 * half floats: Outer by Inner of them, steps in elements. Tables (cos and sin) have steps of their own, 0
/// where neighbours share a row.
/// </summary>
internal readonly record struct RotaryGrid(
    int Outer, int Inner, nint OuterX, nint InnerX, nint OuterY, nint InnerY, nint OuterTable, nint InnerTable, int Half);

internal abstract unsafe partial class KernelSet
{
    /// <summary>Rotates rows of x into y by cos and sin.</summary>
    public abstract void Rotate(in RotaryGrid grid, float* x, float* cos, float* sin, float* y);

    /// <summary>The transpose of <see cref="Rotate"/>, from the gradient of y to that of x.</summary>
    public abstract void RotateBackward(in RotaryGrid grid, float* dx, float* cos, float* sin, float* dy);
}

internal sealed unsafe partial class KernelSet<V, S>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Rotate(in RotaryGrid grid, float* x, float* cos, float* sin, float* y)
    {
        var half = grid.Half;
        for (var o = 0; o < grid.Outer; o++)
        {
            var (px, py, c, s) = ((nint)(x + o * grid.OuterX), (nint)(y + o * grid.OuterY),
                (nint)(cos + o * grid.OuterTable), (nint)(sin + o * grid.OuterTable));
            for (var i = 0; i < grid.Inner; i++)
            {
                RotateRow((float*)px + i * grid.InnerX, (float*)c + i * grid.InnerTable, (float*)s + i * grid.InnerTable,
                    (float*)py + i * grid.InnerY, half);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void RotateBackward(in RotaryGrid grid, float* dx, float* cos, float* sin, float* dy)
    {
        var half = grid.Half;
        for (var o = 0; o < grid.Outer; o++)
        {
            var (px, py, c, s) = ((nint)(dx + o * grid.OuterX), (nint)(dy + o * grid.OuterY),
                (nint)(cos + o * grid.OuterTable), (nint)(sin + o * grid.OuterTable));
            for (var i = 0; i < grid.Inner; i++)
            {
                RotateRowBack((float*)py + i * grid.InnerY, (float*)c + i * grid.InnerTable, (float*)s + i * grid.InnerTable,
                    (float*)px + i * grid.InnerX, half);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void RotateRow(float* x, float* cos, float* sin, float* y, int half)
    {
        var i = 0;
        for (; i + S.Lanes <= half; i += S.Lanes)
        {
            Prefetch.At(x + i + Prefetch.LongRow); // strides from head to head escape the hardware's own
            Prefetch.At(x + half + i + Prefetch.LongRow);
            var (x1, x2) = (S.Load(x + i), S.Load(x + half + i));
            S.Store(S.Fma(x1, S.Load(cos + i), S.Negate(S.Multiply(x2, S.Load(sin + i)))), y + i);
            S.Store(S.Fma(x2, S.Load(cos + half + i), S.Multiply(x1, S.Load(sin + half + i))), y + half + i);
        }
        if (i < half)
        {
            var rest = half - i;
            var (x1, x2) = (S.LoadPartial(x + i, rest, 0), S.LoadPartial(x + half + i, rest, 0));
            var y1 = S.Fma(x1, S.LoadPartial(cos + i, rest, 0), S.Negate(S.Multiply(x2, S.LoadPartial(sin + i, rest, 0))));
            var y2 = S.Fma(x2, S.LoadPartial(cos + half + i, rest, 0), S.Multiply(x1, S.LoadPartial(sin + half + i, rest, 0)));
            S.StorePartial(y1, y + i, rest);
            S.StorePartial(y2, y + half + i, rest);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void RotateRowBack(float* dy, float* cos, float* sin, float* dx, int half)
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
