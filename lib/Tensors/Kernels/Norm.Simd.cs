using System.Runtime.CompilerServices;

namespace Aim.Tensors.Kernels;

internal abstract unsafe partial class KernelSet
{
    /// <summary><paramref name="past"/>: y goes past the caches.</summary>
    public abstract void RmsForwardRows(
        float* x, float* weight, float* y, float* rstd, long rows, int dim, float eps, bool past = false);

    /// <summary>dx unless null, and dWeight += the rows' part unless null.</summary>
    public abstract void RmsBackwardRows(float* dy, float* x, float* weight, float* rstd, float* dx, float* dWeight, long rows,
        int dim);

    public abstract void LayerForwardRows(
        float* x, float* weight, float* bias, float* y, float* mean, float* rstd, long rows, int dim, float eps,
        bool past = false);

    /// <summary>dx unless null, and dWeight and dBias += the rows' part unless null.</summary>
    public abstract void LayerBackwardRows(
        float* dy, float* x, float* weight, float* mean, float* rstd, float* dx, float* dWeight, float* dBias, long rows,
        int dim);
}

internal sealed unsafe partial class KernelSet<V, S>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V LoadUpTo(float* x, int rest, float fill = 0) => rest >= S.Lanes ? S.Load(x) : S.LoadPartial(x, rest, fill);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreUpTo(V value, float* x, int rest)
    {
        if (rest >= S.Lanes)
            S.Store(value, x);
        else
            S.StorePartial(value, x, rest);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void RmsBackwardRows(float* dy, float* x, float* weight, float* rstd, float* dx, float* dWeight, long rows,
        int dim)
    {
        for (long r = 0; r < rows; r++, x += dim, dy += dim)
        {
            V dot = default;
            for (var i = 0; i < dim; i += S.Lanes)
            {
                var g = LoadUpTo(dy + i, dim - i);
                if (weight != null)
                    g = S.Multiply(g, LoadUpTo(weight + i, dim - i));
                dot = S.Fma(g, LoadUpTo(x + i, dim - i), dot);
            }
            var scale = S.Create(rstd[r]);
            var back = S.Create(-S.Sum(dot) / dim * rstd[r] * rstd[r] * rstd[r]);
            for (var i = 0; i < dim; i += S.Lanes)
            {
                var g = S.Multiply(LoadUpTo(dy + i, dim - i), scale);
                var v = LoadUpTo(x + i, dim - i);
                if (dWeight != null)
                    StoreUpTo(S.Fma(g, v, LoadUpTo(dWeight + i, dim - i)), dWeight + i, dim - i);
                if (weight != null)
                    g = S.Multiply(g, LoadUpTo(weight + i, dim - i));
                if (dx != null)
                    StoreUpTo(S.Fma(back, v, g), dx + r * dim + i, dim - i);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void LayerBackwardRows(
        float* dy, float* x, float* weight, float* mean, float* rstd, float* dx, float* dWeight, float* dBias, long rows, int dim)
    {
        for (long r = 0; r < rows; r++, x += dim, dy += dim)
        {
            var scale = S.Create(rstd[r]);
            var center = S.Create(mean[r]);
            V sum = default, dot = default;
            for (var i = 0; i < dim; i += S.Lanes)
            {
                var g = LoadUpTo(dy + i, dim - i);
                if (weight != null)
                    g = S.Multiply(g, LoadUpTo(weight + i, dim - i));
                var v = S.Multiply(S.Subtract(LoadUpTo(x + i, dim - i), center), scale);
                sum = S.Add(sum, g);
                dot = S.Fma(g, v, dot);
            }
            var shift = S.Create(S.Sum(sum) / dim);
            var back = S.Create(-S.Sum(dot) / dim);
            for (var i = 0; i < dim; i += S.Lanes)
            {
                var g = LoadUpTo(dy + i, dim - i);
                var v = S.Multiply(S.Subtract(LoadUpTo(x + i, dim - i), center), scale);
                if (dWeight != null)
                    StoreUpTo(S.Fma(g, v, LoadUpTo(dWeight + i, dim - i)), dWeight + i, dim - i);
                if (dBias != null)
                    StoreUpTo(S.Add(g, LoadUpTo(dBias + i, dim - i)), dBias + i, dim - i);
                if (weight != null)
                    g = S.Multiply(g, LoadUpTo(weight + i, dim - i));
                if (dx != null)
                    StoreUpTo(S.Multiply(scale, S.Fma(back, v, S.Subtract(g, shift))), dx + r * dim + i, dim - i);
            }
        }
    }
}
