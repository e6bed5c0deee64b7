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
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float MaxOf(float* x, int dim)
    {
        var max = S.Create(float.NegativeInfinity);
        for (var i = 0; i < dim; i += S.Lanes)
            max = S.Max(LoadUpTo(x + i, dim - i, float.NegativeInfinity), max);
        return S.MaxLane(max);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V ExpMinus(float* x, int rest, V shift) =>
        VectorMath<V, S>.Exp(S.Subtract(LoadUpTo(x, rest, float.NegativeInfinity), shift));

    /// <summary>Sum of exp(x - max); the exponentials themselves to y unless null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float SumExp(float* x, float* y, int dim, float max)
    {
        var shift = S.Create(max);
        V sum = default;
        for (var i = 0; i < dim; i += S.Lanes)
        {
            var e = ExpMinus(x + i, dim - i, shift);
            sum = S.Add(sum, e);
            if (y != null)
                StoreUpTo(e, y + i, dim - i);
        }
        return S.Sum(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void SoftmaxRows(float* x, float* y, long rows, int dim)
    {
        for (long r = 0; r < rows; r++, x += dim, y += dim)
        {
            var sum = SumExp(x, y, dim, MaxOf(x, dim));
            ScaleRow(1 / sum, y, y, dim);
        }
    }

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
        for (long r = 0; r < rows; r++, x += dim, y += dim)
        {
            var max = MaxOf(x, dim);
            var log = MathF.Log(SumExp(x, null, dim, max));
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
        for (long r = 0; r < rows; r++, y += dim, dy += dim, dx += dim)
        {
            V total = default;
            for (var i = 0; i < dim; i += S.Lanes)
                total = S.Add(total, LoadUpTo(dy + i, dim - i));
            var sum = S.Create(-S.Sum(total));
            for (var i = 0; i < dim; i += S.Lanes)
            {
                var p = VectorMath<V, S>.Exp(LoadUpTo(y + i, dim - i));
                StoreUpTo(S.Fma(p, sum, LoadUpTo(dy + i, dim - i)), dx + i, dim - i);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override float LogSumExp(float* x, int dim)
    {
        var max = MaxOf(x, dim);
        return max + MathF.Log(SumExp(x, null, dim, max));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void ScaledExp(float* x, float* y, int dim, float shift, float factor)
    {
        var s = S.Create(shift);
        var f = S.Create(factor);
        for (var i = 0; i < dim; i += S.Lanes)
            StoreUpTo(S.Multiply(f, ExpMinus(x + i, dim - i, s)), y + i, dim - i);
    }
}
