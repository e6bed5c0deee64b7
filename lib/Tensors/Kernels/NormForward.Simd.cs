using System.Runtime.CompilerServices;

namespace Aim.Tensors.Kernels;

/// <summary>
/// A long row is summed up while the row before is written, so that memory is read and written all the time, as in a copy. Every
/// sum is four side by side: one would wait for each addition's end.
/// </summary>
internal sealed unsafe partial class KernelSet<V, S>
{
    /// <summary>Elements whose mean a long row is shifted by before it is summed up.</summary>
    private const int PivotSample = 256;

    /// <summary>Floats that memory is fetched ahead, past the end of a row too: the next row's pivot must not wait.</summary>
    private const int FetchAhead = 512;

    public override void RmsForwardRows(
        float* x, float* weight, float* y, float* rstd, long rows, int dim, float eps, bool past)
    {
        if (past)
            RmsForwardRows<Past<V, S>>(x, weight, y, rstd, rows, dim, eps);
        else
            RmsForwardRows<Near<V, S>>(x, weight, y, rstd, rows, dim, eps);
        Streaming.Fence(past);
    }

    public override void LayerForwardRows(
        float* x, float* weight, float* bias, float* y, float* mean, float* rstd, long rows, int dim, float eps, bool past)
    {
        if (past)
            LayerForwardRows<Past<V, S>>(x, weight, bias, y, mean, rstd, rows, dim, eps);
        else
            LayerForwardRows<Near<V, S>>(x, weight, bias, y, mean, rstd, rows, dim, eps);
        Streaming.Fence(past);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RmsForwardRows<TStore>(float* x, float* weight, float* y, float* rstd, long rows, int dim, float eps)
        where TStore : struct, IStore<V>
    {
        var together = dim >= Prefetch.LongRow && weight != null;
        float squares = 0;
        for (long r = 0; r < rows; r++, x += dim, y += dim)
        {
            if (r == 0 || !together)
                squares = SumSquares(x, dim, 0);
            var inverse = 1 / MathF.Sqrt(squares / dim + eps);
            if (rstd != null)
                rstd[r] = inverse;
            var scale = S.Create(inverse);
            var i = 0;
            if (together)
            {
                var next = r + 1 < rows ? x + dim : x; // the last row: itself again, to no end
                V sum0 = default, sum1 = default, sum2 = default, sum3 = default;
                for (; i + 4 * S.Lanes <= dim; i += 4 * S.Lanes)
                {
                    var n0 = S.Load(next + i);
                    var n1 = S.Load(next + i + S.Lanes);
                    var n2 = S.Load(next + i + 2 * S.Lanes);
                    var n3 = S.Load(next + i + 3 * S.Lanes);
                    sum0 = S.Fma(n0, n0, sum0);
                    sum1 = S.Fma(n1, n1, sum1);
                    sum2 = S.Fma(n2, n2, sum2);
                    sum3 = S.Fma(n3, n3, sum3);
                    var y0 = S.Multiply(S.Multiply(S.Load(x + i), scale), S.Load(weight + i));
                    var y1 = S.Multiply(S.Multiply(S.Load(x + i + S.Lanes), scale), S.Load(weight + i + S.Lanes));
                    var y2 = S.Multiply(S.Multiply(S.Load(x + i + 2 * S.Lanes), scale), S.Load(weight + i + 2 * S.Lanes));
                    var y3 = S.Multiply(S.Multiply(S.Load(x + i + 3 * S.Lanes), scale), S.Load(weight + i + 3 * S.Lanes));
                    TStore.Store(y0, y + i);
                    TStore.Store(y1, y + i + S.Lanes);
                    TStore.Store(y2, y + i + 2 * S.Lanes);
                    TStore.Store(y3, y + i + 3 * S.Lanes);
                }
                for (var j = i; j < dim; j += S.Lanes)
                {
                    var n = LoadUpTo(next + j, dim - j);
                    sum0 = S.Fma(n, n, sum0);
                }
                squares = S.Sum(S.Add(S.Add(sum0, sum1), S.Add(sum2, sum3)));
            }
            for (; i + 2 * S.Lanes <= dim && weight != null; i += 2 * S.Lanes)
            {
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
    private static void LayerForwardRows<TStore>(
        float* x, float* weight, float* bias, float* y, float* mean, float* rstd, long rows, int dim, float eps)
        where TStore : struct, IStore<V>
    {
        var share = 1f / dim;
        var together = dim >= Prefetch.LongRow && weight != null && bias != null;
        float mu = 0, variance = 0;
        for (long r = 0; r < rows; r++, x += dim, y += dim)
        {
            if (dim < Prefetch.LongRow)
            {
                mu = SumOf(x, dim) * share;
                variance = SumSquares(x, dim, mu) * share;
            }
            else if (r == 0 || !together)
            {
                (mu, variance) = Moments(x, dim);
            }
            var inverse = 1 / MathF.Sqrt(variance + eps);
            if (mean != null)
                mean[r] = mu;
            if (rstd != null)
                rstd[r] = inverse;
            var (center, scale) = (S.Create(mu), S.Create(inverse));
            var i = 0;
            if (together)
            {
                var next = r + 1 < rows ? x + dim : x; // the last row: itself again, to no end
                var shift = Pivot(next);
                var pivot = S.Create(shift);
                V sum0 = default, sum1 = default, sum2 = default, sum3 = default;
                V square0 = default, square1 = default, square2 = default, square3 = default;
                for (; i + 4 * S.Lanes <= dim; i += 4 * S.Lanes)
                {
                    for (var k = 0; k < 4 * S.Lanes; k += 16)
                        Prefetch.At(next + i + k + FetchAhead);
                    var n0 = S.Subtract(S.Load(next + i), pivot);
                    var n1 = S.Subtract(S.Load(next + i + S.Lanes), pivot);
                    var n2 = S.Subtract(S.Load(next + i + 2 * S.Lanes), pivot);
                    var n3 = S.Subtract(S.Load(next + i + 3 * S.Lanes), pivot);
                    (sum0, square0) = (S.Add(sum0, n0), S.Fma(n0, n0, square0));
                    (sum1, square1) = (S.Add(sum1, n1), S.Fma(n1, n1, square1));
                    (sum2, square2) = (S.Add(sum2, n2), S.Fma(n2, n2, square2));
                    (sum3, square3) = (S.Add(sum3, n3), S.Fma(n3, n3, square3));
                    var y0 = S.Multiply(S.Subtract(S.Load(x + i), center), scale);
                    var y1 = S.Multiply(S.Subtract(S.Load(x + i + S.Lanes), center), scale);
                    var y2 = S.Multiply(S.Subtract(S.Load(x + i + 2 * S.Lanes), center), scale);
                    var y3 = S.Multiply(S.Subtract(S.Load(x + i + 3 * S.Lanes), center), scale);
                    y0 = S.Fma(y0, S.Load(weight + i), S.Load(bias + i));
                    y1 = S.Fma(y1, S.Load(weight + i + S.Lanes), S.Load(bias + i + S.Lanes));
                    y2 = S.Fma(y2, S.Load(weight + i + 2 * S.Lanes), S.Load(bias + i + 2 * S.Lanes));
                    y3 = S.Fma(y3, S.Load(weight + i + 3 * S.Lanes), S.Load(bias + i + 3 * S.Lanes));
                    TStore.Store(y0, y + i);
                    TStore.Store(y1, y + i + S.Lanes);
                    TStore.Store(y2, y + i + 2 * S.Lanes);
                    TStore.Store(y3, y + i + 3 * S.Lanes);
                }
                for (var j = i; j < dim; j += S.Lanes)
                {
                    var n = S.Subtract(LoadUpTo(next + j, dim - j, shift), pivot);
                    (sum0, square0) = (S.Add(sum0, n), S.Fma(n, n, square0));
                }
                (mu, variance) = Shifted(
                    shift, S.Sum(S.Add(S.Add(sum0, sum1), S.Add(sum2, sum3))),
                    S.Sum(S.Add(S.Add(square0, square1), S.Add(square2, square3))), dim);
            }
            for (; i + 2 * S.Lanes <= dim && weight != null && bias != null; i += 2 * S.Lanes)
            {
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Pivot(float* x) => SumOf(x, PivotSample) * (1f / PivotSample);

    /// <summary>Mean and variance of a long row in one pass, in the order of the loop that has them of the next row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (float Mean, float Variance) Moments(float* x, int dim)
    {
        var shift = Pivot(x);
        var pivot = S.Create(shift);
        V sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        V square0 = default, square1 = default, square2 = default, square3 = default;
        var i = 0;
        for (; i + 4 * S.Lanes <= dim; i += 4 * S.Lanes)
        {
            var n0 = S.Subtract(S.Load(x + i), pivot);
            var n1 = S.Subtract(S.Load(x + i + S.Lanes), pivot);
            var n2 = S.Subtract(S.Load(x + i + 2 * S.Lanes), pivot);
            var n3 = S.Subtract(S.Load(x + i + 3 * S.Lanes), pivot);
            (sum0, square0) = (S.Add(sum0, n0), S.Fma(n0, n0, square0));
            (sum1, square1) = (S.Add(sum1, n1), S.Fma(n1, n1, square1));
            (sum2, square2) = (S.Add(sum2, n2), S.Fma(n2, n2, square2));
            (sum3, square3) = (S.Add(sum3, n3), S.Fma(n3, n3, square3));
        }
        for (; i < dim; i += S.Lanes)
        {
            var n = S.Subtract(LoadUpTo(x + i, dim - i, shift), pivot);
            (sum0, square0) = (S.Add(sum0, n), S.Fma(n, n, square0));
        }
        return Shifted(
            shift, S.Sum(S.Add(S.Add(sum0, sum1), S.Add(sum2, sum3))),
            S.Sum(S.Add(S.Add(square0, square1), S.Add(square2, square3))), dim);
    }

    /// <summary>
    /// Mean and variance from sums of x - pivot and of its squares. Since the pivot is a mean of PivotSample elements, it differs
    /// from the row's by at most sqrt(dim / PivotSample) deviations, whatever the row: little cancels.
    /// </summary>
    private static (float Mean, float Variance) Shifted(float pivot, float sum, float squares, int dim)
    {
        var offset = sum / dim;
        return (pivot + offset, MathF.Max(0, squares / dim - offset * offset));
    }

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

    /// <summary>Sum of (x - mean)².</summary>
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
}
