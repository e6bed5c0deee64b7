using System.Runtime.CompilerServices;

namespace Aim.Tensors.Kernels;

internal abstract unsafe partial class KernelSet
{
    /// <summary>sums += x².</summary>
    public abstract void AddSquares(float* x, float* sums, int count);

    /// <summary>
    /// sums += weights [rows] times matrix [rows, columns], rows <paramref name="row"/> apart; columns a multiple of two vectors.
    /// </summary>
    public abstract void AddWeightedRows(float* matrix, nint row, float* weights, int rows, int columns, float* sums);
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
    public override void AddWeightedRows(float* matrix, nint row, float* weights, int rows, int columns, float* sums)
    {
        var i = 0;
        for (; i + 6 <= rows; i += 6)
        {
            var (w0, w1, w2) = (S.Create(weights[i]), S.Create(weights[i + 1]), S.Create(weights[i + 2]));
            var (w3, w4, w5) = (S.Create(weights[i + 3]), S.Create(weights[i + 4]), S.Create(weights[i + 5]));
            var (x, x3) = ((nint)(matrix + i * row), (nint)(matrix + (i + 3) * row));
            for (var j = 0; j < columns; j += S.Lanes)
            {
                var (p, p3) = ((nint)((float*)x + j), (nint)((float*)x3 + j));
                var a = S.Fma(w0, S.Load((float*)p), S.Load(sums + j));
                var b = S.Multiply(w1, S.Load((float*)p + row));
                a = S.Fma(w2, S.Load((float*)p + 2 * row), a);
                b = S.Fma(w3, S.Load((float*)p3), b);
                a = S.Fma(w4, S.Load((float*)p3 + row), a);
                b = S.Fma(w5, S.Load((float*)p3 + 2 * row), b);
                S.Store(S.Add(a, b), sums + j);
            }
        }
        for (; i < rows; i++)
            Axpy(weights[i], matrix + i * row, sums, columns);
    }
}
