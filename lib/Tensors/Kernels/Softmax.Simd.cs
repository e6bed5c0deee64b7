using System.Runtime.CompilerServices;

namespace Aim.Tensors.Kernels;

internal abstract unsafe partial class KernelSet
{
    public abstract void SoftmaxRows(float* x, float* y, long rows, int dim);

    public abstract void SoftmaxBackwardRows(float* y, float* dy, float* dx, long rows, int dim);

    public abstract void LogSoftmaxRows(float* x, float* y, long rows, int dim);

    public abstract void LogSoftmaxBackwardRows(float* y, float* dy, float* dx, long rows, int dim);

    /// <summary>log(sum(exp(x))).</summary>
    public abstract float LogSumExp(float* x, int dim);

    /// <summary>y = factor * exp(x - shift).</summary>
    public abstract void ScaledExp(float* x, float* y, int dim, float shift, float factor);
}

internal sealed unsafe partial class KernelSet<V, S>
{
    /// <summary>Elements of a row that are read and written while they stay in L1.</summary>
    private const int SoftmaxBlock = 4096;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float MaxOf(float* x, int dim)
    {
        var lowest = S.Create(float.NegativeInfinity);
        V max0 = lowest, max1 = lowest, max2 = lowest, max3 = lowest;
        var i = 0;
        for (; i + 4 * S.Lanes <= dim; i += 4 * S.Lanes)
        {
            max0 = S.Max(S.Load(x + i), max0);
            max1 = S.Max(S.Load(x + i + S.Lanes), max1);
            max2 = S.Max(S.Load(x + i + 2 * S.Lanes), max2);
            max3 = S.Max(S.Load(x + i + 3 * S.Lanes), max3);
        }
        for (; i < dim; i += S.Lanes)
            max0 = S.Max(LoadUpTo(x + i, dim - i, float.NegativeInfinity), max0);
        return S.MaxLane(S.Max(S.Max(max0, max1), S.Max(max2, max3)));
    }

    /// <summary>Sum of exp(x - shift).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float SumExp(float* x, int dim, float shift, Four<V> a, Four<V> b, Four<V> c)
    {
        var s = S.Create(shift);
        V sum0 = default, sum1 = default;
        var i = 0;
        for (; i + 2 * S.Lanes <= dim; i += 2 * S.Lanes)
        {
            sum0 = S.Add(sum0, VectorMath<V, S>.Exp(S.Subtract(S.Load(x + i), s), a, b, c));
            sum1 = S.Add(sum1, VectorMath<V, S>.Exp(S.Subtract(S.Load(x + i + S.Lanes), s), a, b, c));
        }
        for (; i < dim; i += S.Lanes)
        {
            var v = S.Subtract(LoadUpTo(x + i, dim - i, float.NegativeInfinity), s);
            sum0 = S.Add(sum0, VectorMath<V, S>.Exp(v, a, b, c));
        }
        return S.Sum(S.Add(sum0, sum1));
    }

    /// <summary>y = exp(x - max), and their sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float ExpBelow(float* x, float* y, int dim, float max, Four<V> high, Four<V> low)
    {
        var s = S.Create(max);
        var unit = S.Create(1.44269504f);
        V sum0 = default, sum1 = default;
        var i = 0;
        for (; i + 2 * S.Lanes <= dim; i += 2 * S.Lanes)
        {
            if (dim >= Prefetch.LongRow)
            {
                Prefetch.At(x + dim + i);
                Prefetch.At(x + dim + i + S.Lanes);
            }
            var e0 = VectorMath<V, S>.Exp2Negative(S.Multiply(S.Subtract(S.Load(x + i), s), unit), high, low);
            var e1 = VectorMath<V, S>.Exp2Negative(S.Multiply(S.Subtract(S.Load(x + i + S.Lanes), s), unit), high, low);
            sum0 = S.Add(sum0, e0);
            sum1 = S.Add(sum1, e1);
            S.Store(e0, y + i);
            S.Store(e1, y + i + S.Lanes);
        }
        for (; i < dim; i += S.Lanes)
        {
            var v = S.Subtract(LoadUpTo(x + i, dim - i, float.NegativeInfinity), s);
            var e = VectorMath<V, S>.Exp2Negative(S.Multiply(v, unit), high, low);
            sum0 = S.Add(sum0, e);
            StoreUpTo(e, y + i, dim - i);
        }
        return S.Sum(S.Add(sum0, sum1));
    }

    /// <summary>
    /// A long row leaves the cache between passes: each block has its own maximum, and the last pass unites them. Results go into
    /// the caches whatever their size: past them, the last pass would wait for memory while nothing is computed.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void SoftmaxRows(float* x, float* y, long rows, int dim)
    {
        var high = VectorMath<V, S>.Load(Constants.Exp2);
        var low = VectorMath<V, S>.Load(Constants.Exp2 + 4);
        var maxima = stackalloc float[(dim + SoftmaxBlock - 1) / SoftmaxBlock];
        for (long r = 0; r < rows; r++, x += dim, y += dim)
        {
            var (max, sum) = (float.NegativeInfinity, 0f);
            for (var i = 0; i < dim; i += SoftmaxBlock)
            {
                var count = Math.Min(SoftmaxBlock, dim - i);
                var own = MaxOf(x + i, count);
                maxima[i / SoftmaxBlock] = own;
                var part = ExpBelow(x + i, y + i, count, Finite(own), high, low);
                var higher = own > max ? own : max;
                sum = sum * MathF.Exp(max - Finite(higher)) + part * MathF.Exp(own - Finite(higher));
                max = higher;
            }
            for (var i = 0; i < dim; i += SoftmaxBlock)
                ScaleRow(MathF.Exp(maxima[i / SoftmaxBlock] - Finite(max)) / sum, y + i, y + i, Math.Min(SoftmaxBlock, dim - i));
        }
    }

    /// <summary>Something that exponents may be shifted by: 0 where nothing but -inf was seen.</summary>
    private static float Finite(float max) => float.IsNegativeInfinity(max) ? 0 : max;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void SoftmaxBackwardRows(float* y, float* dy, float* dx, long rows, int dim)
    {
        for (long r = 0; r < rows; r++, y += dim, dy += dim, dx += dim)
        {
            var dot = S.Create(Dot1(y, dy, dim));
            for (var i = 0; i < dim; i += S.Lanes)
            {
                var g = S.Subtract(LoadUpTo(dy + i, dim - i), dot);
                StoreUpTo(S.Multiply(LoadUpTo(y + i, dim - i), g), dx + i, dim - i);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void LogSoftmaxRows(float* x, float* y, long rows, int dim)
    {
        var a = VectorMath<V, S>.Load(Constants.Exp);
        var b = VectorMath<V, S>.Load(Constants.Exp + 4);
        var c = VectorMath<V, S>.Load(Constants.Exp + 8);
        for (long r = 0; r < rows; r++, x += dim, y += dim)
        {
            var max = MaxOf(x, dim);
            var log = MathF.Log(SumExp(x, dim, max, a, b, c));
            // in two steps, as torch: near the maximum nothing is lost
            for (var i = 0; i < dim; i += S.Lanes)
            {
                var v = S.Subtract(S.Subtract(LoadUpTo(x + i, dim - i), S.Create(max)), S.Create(log));
                StoreUpTo(v, y + i, dim - i);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void LogSoftmaxBackwardRows(float* y, float* dy, float* dx, long rows, int dim)
    {
        var a = VectorMath<V, S>.Load(Constants.Exp);
        var b = VectorMath<V, S>.Load(Constants.Exp + 4);
        var c = VectorMath<V, S>.Load(Constants.Exp + 8);
        for (long r = 0; r < rows; r++, y += dim, dy += dim, dx += dim)
        {
            V total = default;
            for (var i = 0; i < dim; i += S.Lanes)
                total = S.Add(total, LoadUpTo(dy + i, dim - i));
            var sum = S.Create(-S.Sum(total));
            for (var i = 0; i < dim; i += S.Lanes)
            {
                var p = VectorMath<V, S>.Exp(LoadUpTo(y + i, dim - i), a, b, c);
                StoreUpTo(S.Fma(p, sum, LoadUpTo(dy + i, dim - i)), dx + i, dim - i);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override float LogSumExp(float* x, int dim)
    {
        var a = VectorMath<V, S>.Load(Constants.Exp);
        var b = VectorMath<V, S>.Load(Constants.Exp + 4);
        var c = VectorMath<V, S>.Load(Constants.Exp + 8);
        var max = MaxOf(x, dim);
        return max + MathF.Log(SumExp(x, dim, max, a, b, c));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void ScaledExp(float* x, float* y, int dim, float shift, float factor)
    {
        var a = VectorMath<V, S>.Load(Constants.Exp);
        var b = VectorMath<V, S>.Load(Constants.Exp + 4);
        var c = VectorMath<V, S>.Load(Constants.Exp + 8);
        var s = S.Create(shift);
        var f = S.Create(factor);
        for (var i = 0; i < dim; i += S.Lanes)
        {
            var e = VectorMath<V, S>.Exp(S.Subtract(LoadUpTo(x + i, dim - i, float.NegativeInfinity), s), a, b, c);
            StoreUpTo(S.Multiply(f, e), y + i, dim - i);
        }
    }
}
