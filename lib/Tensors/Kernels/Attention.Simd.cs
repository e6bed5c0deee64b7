using System.Runtime.CompilerServices;

namespace Aim.Tensors.Kernels;

/// <summary>What the softmax of a row carries from key block to key block; scores are in units of log 2.</summary>
internal struct RunningSoftmax
{
    /// <summary>The largest score so far, -inf if none was visible.</summary>
    public float Max;

    /// <summary>Sum of 2^(score - Max) so far.</summary>
    public float Sum;
}

internal abstract unsafe partial class KernelSet
{
    /// <summary>
    /// Takes a block of scores into a row's softmax: row[j] becomes 2^(c * row[j] - max) for j below <paramref name="end"/>, 0 from there
    /// to <paramref name="width"/> (a multiple of two vectors, as far as the row may be written). <paramref name="mask"/> (0 or -inf,
    /// added) may be null.
    /// </summary>
    /// <returns>by what everything summed before has to be multiplied</returns>
    public abstract float SoftmaxBlock(float* row, int end, int width, float* mask, float c, ref RunningSoftmax state);

    /// <summary>
    /// scores[j] becomes p = 2^(c * score - lse), dp[j] becomes p * (dp - delta), for j below end; both 0 from there to width.
    /// </summary>
    public abstract void SoftmaxBlockBackward(float* scores, float* dp, int end, int width, float* mask, float c, float lse, float delta);

    /// <summary>y = alpha * x.</summary>
    public abstract void ScaleRow(float alpha, float* x, float* y, int count);

    /// <summary>Sum of x * y.</summary>
    public abstract float DotRow(float* x, float* y, int count);
}

internal sealed unsafe partial class KernelSet<V, S>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override float SoftmaxBlock(float* row, int end, int width, float* mask, float c, ref RunningSoftmax state)
    {
        var used = Visible(row, end, width, mask);
        var max0 = S.Create(float.NegativeInfinity);
        var max1 = max0;
        for (var j = 0; j < used; j += 2 * S.Lanes)
        {
            max0 = S.Max(S.Load(row + j), max0);
            max1 = S.Max(S.Load(row + j + S.Lanes), max1);
        }
        var before = state.Max;
        var max = MathF.Max(before, c * S.MaxLane(S.Max(max0, max1)));
        state.Max = max;
        if (float.IsNegativeInfinity(max))
        {
            new Span<float>(row, width).Clear();
            return 1;
        }
        var scale = S.Create(c);
        var shift = S.Create(-max);
        V sum0 = default, sum1 = default;
        for (var j = 0; j < used; j += 2 * S.Lanes)
        {
            var p0 = VectorMath<V, S>.Exp2Negative(S.Fma(S.Load(row + j), scale, shift));
            var p1 = VectorMath<V, S>.Exp2Negative(S.Fma(S.Load(row + j + S.Lanes), scale, shift));
            sum0 = S.Add(sum0, p0);
            sum1 = S.Add(sum1, p1);
            S.Store(p0, row + j);
            S.Store(p1, row + j + S.Lanes);
        }
        for (var j = used; j < width; j += S.Lanes)
            S.Store(default, row + j);
        var factor = float.IsNegativeInfinity(before) ? 0 : before == max ? 1 : float.Exp2(before - max);
        state.Sum = state.Sum * factor + S.Sum(S.Add(sum0, sum1));
        return factor;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void SoftmaxBlockBackward(
        float* scores, float* dp, int end, int width, float* mask, float c, float lse, float delta)
    {
        var used = Visible(scores, end, width, mask);
        var scale = S.Create(c);
        var shift = S.Create(-lse);
        var d = S.Create(delta);
        for (var j = 0; j < used; j += 2 * S.Lanes)
        {
            var p0 = VectorMath<V, S>.Exp2Negative(S.Fma(S.Load(scores + j), scale, shift));
            var p1 = VectorMath<V, S>.Exp2Negative(S.Fma(S.Load(scores + j + S.Lanes), scale, shift));
            S.Store(p0, scores + j);
            S.Store(p1, scores + j + S.Lanes);
            S.Store(S.Multiply(p0, S.Subtract(S.Load(dp + j), d)), dp + j);
            S.Store(S.Multiply(p1, S.Subtract(S.Load(dp + j + S.Lanes), d)), dp + j + S.Lanes);
        }
        for (var j = used; j < width; j += S.Lanes)
        {
            S.Store(default, scores + j);
            S.Store(default, dp + j);
        }
    }

    /// <summary>Sets scores that the row may not see to -inf, up to the next two whole vectors; returns where those end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Visible(float* row, int end, int width, float* mask)
    {
        var used = Math.Min(width, (end + 2 * S.Lanes - 1) / (2 * S.Lanes) * (2 * S.Lanes));
        for (var j = 0; j < used && mask != null; j += S.Lanes)
            S.Store(S.Add(S.Load(row + j), S.Load(mask + j)), row + j);
        for (var j = end; j < used; j++)
            row[j] = float.NegativeInfinity;
        return used;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void ScaleRow(float alpha, float* x, float* y, int count)
    {
        var a = S.Create(alpha);
        var i = 0;
        for (; i + S.Lanes <= count; i += S.Lanes)
            S.Store(S.Multiply(a, S.Load(x + i)), y + i);
        for (; i < count; i++)
            y[i] = alpha * x[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override float DotRow(float* x, float* y, int count) => Dot1(x, y, count);
}
