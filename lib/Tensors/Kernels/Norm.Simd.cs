using System.Runtime.CompilerServices;

namespace Aim.Tensors.Kernels;

internal abstract unsafe partial class KernelSet
{
    public abstract void RmsForwardRows(float* x, float* weight, float* y, float* rstd, long rows, int dim, float eps);

    /// <summary>dx unless null, and dWeight += the rows' part unless null.</summary>
    public abstract void RmsBackwardRows(float* dy, float* x, float* weight, float* rstd, float* dx, float* dWeight, long rows,
        int dim);

    public abstract void LayerForwardRows(
        float* x, float* weight, float* bias, float* y, float* mean, float* rstd, long rows, int dim, float eps);

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

    /// <summary>Four sums side by side: one would wait for each addition's end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float SumOf(float* x, int dim)
    {
        V sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        var i = 0;
        for (; i + 4 * S.Lanes <= dim; i += 4 * S.Lanes)
        {
            sum0 = S.Add(sum0, S.Load(x + i));
            sum1 = S.Add(sum1, S.Load(x + i + S.Lanes));
            sum2 = S.Add(sum2, S.Load(x + i + 2 * S.Lanes));
            sum3 = S.Add(sum3, S.Load(x + i + 3 * S.Lanes));
        }
        for (; i < dim; i += S.Lanes)
            sum0 = S.Add(sum0, LoadUpTo(x + i, dim - i));
        return S.Sum(S.Add(S.Add(sum0, sum1), S.Add(sum2, sum3)));
    }

    /// <summary>Sum of (x - mean)², likewise.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float SumSquares(float* x, int dim, float mean)
    {
        var center = S.Create(mean);
        V sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        var i = 0;
        for (; i + 4 * S.Lanes <= dim; i += 4 * S.Lanes)
        {
            var x0 = S.Subtract(S.Load(x + i), center);
            var x1 = S.Subtract(S.Load(x + i + S.Lanes), center);
            var x2 = S.Subtract(S.Load(x + i + 2 * S.Lanes), center);
            var x3 = S.Subtract(S.Load(x + i + 3 * S.Lanes), center);
            sum0 = S.Fma(x0, x0, sum0);
            sum1 = S.Fma(x1, x1, sum1);
            sum2 = S.Fma(x2, x2, sum2);
            sum3 = S.Fma(x3, x3, sum3);
        }
        for (; i < dim; i += S.Lanes)
        {
            var v = S.Subtract(LoadUpTo(x + i, dim - i, mean), center);
            sum0 = S.Fma(v, v, sum0);
        }
        return S.Sum(S.Add(S.Add(sum0, sum1), S.Add(sum2, sum3)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void RmsForwardRows(float* x, float* weight, float* y, float* rstd, long rows, int dim, float eps)
    {
        for (long r = 0; r < rows; r++, x += dim, y += dim)
        {
            var inverse = 1 / MathF.Sqrt(SumSquares(x, dim, 0) / dim + eps);
            if (rstd != null)
                rstd[r] = inverse;
            var scale = S.Create(inverse);
            var i = 0;
            for (; i + 2 * S.Lanes <= dim && weight != null; i += 2 * S.Lanes)
            {
                if (dim >= Prefetch.LongRow)
                {
                    Prefetch.At(x + dim + i);
                    Prefetch.At(x + dim + i + S.Lanes);
                }
                S.Store(S.Multiply(S.Multiply(S.Load(x + i), scale), S.Load(weight + i)), y + i);
                S.Store(
                    S.Multiply(S.Multiply(S.Load(x + i + S.Lanes), scale), S.Load(weight + i + S.Lanes)), y + i + S.Lanes);
            }
            for (; i < dim; i += S.Lanes)
            {
                var v = S.Multiply(LoadUpTo(x + i, dim - i), scale);
                if (weight != null)
                    v = S.Multiply(v, LoadUpTo(weight + i, dim - i));
                StoreUpTo(v, y + i, dim - i);
            }
        }
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
    public override void LayerForwardRows(
        float* x, float* weight, float* bias, float* y, float* mean, float* rstd, long rows, int dim, float eps)
    {
        var share = 1f / dim;
        for (long r = 0; r < rows; r++, x += dim, y += dim)
        {
            var mu = SumOf(x, dim) * share;
            var center = S.Create(mu);
            var inverse = 1 / MathF.Sqrt(SumSquares(x, dim, mu) * share + eps);
            if (mean != null)
                mean[r] = mu;
            if (rstd != null)
                rstd[r] = inverse;
            var scale = S.Create(inverse);
            var i = 0;
            for (; i + 2 * S.Lanes <= dim && weight != null && bias != null; i += 2 * S.Lanes)
            {
                if (dim >= Prefetch.LongRow)
                {
                    Prefetch.At(x + dim + i);
                    Prefetch.At(x + dim + i + S.Lanes);
                }
                var v0 = S.Multiply(S.Subtract(S.Load(x + i), center), scale);
                var v1 = S.Multiply(S.Subtract(S.Load(x + i + S.Lanes), center), scale);
                S.Store(S.Fma(v0, S.Load(weight + i), S.Load(bias + i)), y + i);
                S.Store(S.Fma(v1, S.Load(weight + i + S.Lanes), S.Load(bias + i + S.Lanes)), y + i + S.Lanes);
            }
            for (; i < dim; i += S.Lanes)
            {
                var v = S.Multiply(S.Subtract(LoadUpTo(x + i, dim - i), center), scale);
                if (weight != null)
                    v = S.Multiply(v, LoadUpTo(weight + i, dim - i));
                if (bias != null)
                    v = S.Add(v, LoadUpTo(bias + i, dim - i));
                StoreUpTo(v, y + i, dim - i);
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
