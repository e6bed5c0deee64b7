using System.Runtime.CompilerServices;

namespace Aim.Tensors.Kernels;

internal abstract unsafe partial class KernelSet
{
    /// <summary>sums += x².</summary>
    public abstract void AddSquares(float* x, float* sums, int count);

    /// <summary>
    /// y[j] = factor * (sum over rows of weights[i] * matrix[i, j]) + shift for 64 columns (<paramref name="columns"/> a multiple
    /// of four vectors), rows <paramref name="row"/> apart.
    /// </summary>
    public abstract void WeightedColumnSums(
        float* matrix, nint row, float* weights, int rows, int columns, float factor, float shift, float* y);
}

internal sealed unsafe partial class KernelSet<V, S>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void AddSquares(float* x, float* sums, int count)
    {
        for (var i = 0; i < count; i += S.Lanes)
        {
            var v = LoadUpTo(x + i, count - i);
            StoreUpTo(S.Fma(v, v, LoadUpTo(sums + i, count - i)), sums + i, count - i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void WeightedColumnSums(
        float* matrix, nint row, float* weights, int rows, int columns, float factor, float shift, float* y)
    {
        for (var j = 0; j < columns; j += 4 * S.Lanes)
        {
            V a = default, b = default, c = default, d = default;
            var x = matrix + j;
            for (var i = 0; i < rows; i++, x += row)
            {
                var w = S.Create(weights[i]);
                a = S.Fma(w, S.Load(x), a);
                b = S.Fma(w, S.Load(x + S.Lanes), b);
                c = S.Fma(w, S.Load(x + 2 * S.Lanes), c);
                d = S.Fma(w, S.Load(x + 3 * S.Lanes), d);
            }
            var f = S.Create(factor);
            var e = S.Create(shift);
            S.Store(S.Fma(f, a, e), y + j);
            S.Store(S.Fma(f, b, e), y + j + S.Lanes);
            S.Store(S.Fma(f, c, e), y + j + 2 * S.Lanes);
            S.Store(S.Fma(f, d, e), y + j + 3 * S.Lanes);
        }
    }
}
