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

/// <summary>
/// Some rows of scores against a block of keys: row i, Row apart, sees the keys before End + i * EndStep (kept within 0
/// and Limit); rows may be written up to Width, a multiple of two vectors. Mask (0 or -inf, added) may be null.
/// </summary>
internal readonly unsafe struct ScoreRows(int rows, nint row, int end, int endStep, int limit, int width, float* mask,
    float scale)
{
    public int Rows => rows;

    public nint Row => row;

    public int Width => width;

    public float* Mask => mask;

    /// <summary>Factor from raw scores to log 2 units.</summary>
    public float Scale => scale;

    public int End(int i) => Math.Clamp(end + i * endStep, 0, limit);
}

internal abstract unsafe partial class KernelSet
{
    /// <summary>
    /// Takes scores into their rows' softmax: each becomes 2^(scale * score - max), 0 from the row's end to the width. What the
    /// rows had summed before (sums [rows, wide], or null) is rescaled when a larger score appears.
    /// </summary>
    public abstract void SoftmaxRowsOnline(float* scores, in ScoreRows block, RunningSoftmax* state, float* sums, int wide);

    /// <summary>
    /// Score becomes p = 2^(scale * score - lse[i]), dp becomes p * (dp - delta[i]); both 0 from the row's end to the width.
    /// </summary>
    public abstract void SoftmaxRowsRecompute(float* scores, float* dp, in ScoreRows block, float* lse, float* delta);

    /// <summary>y = alpha * x.</summary>
    public abstract void ScaleRow(float alpha, float* x, float* y, int count);

    /// <summary>Sum of x * y.</summary>
    public abstract float DotRow(float* x, float* y, int count);
}

internal sealed unsafe partial class KernelSet<V, S>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void SoftmaxRowsOnline(float* scores, in ScoreRows block, RunningSoftmax* state, float* sums, int wide)
    {
        for (var i = 0; i < block.Rows; i++)
        {
            var before = state[i].Max;
            SoftmaxRow(scores + i * block.Row, block.End(i), block, ref state[i]);
            if (sums == null || before == state[i].Max)
                continue;
            var factor = float.IsNegativeInfinity(before) ? 0 : float.Exp2(before - state[i].Max);
            for (var j = 0; j < wide; j += S.Lanes)
                S.Store(S.Multiply(S.Create(factor), S.Load(sums + i * wide + j)), sums + i * wide + j);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SoftmaxRow(float* row, int end, in ScoreRows block, ref RunningSoftmax state)
    {
        var lowest = S.Create(float.NegativeInfinity);
        var (max0, max1) = (lowest, lowest);
        var used = Math.Min(block.Width, (end + 2 * S.Lanes - 1) & -(2 * S.Lanes));
        for (var j = 0; j < used; j += 2 * S.Lanes)
        {
            max0 = S.Max(Visible(row, j, end, block.Mask, lowest), max0);
            max1 = S.Max(Visible(row, j + S.Lanes, end, block.Mask, lowest), max1);
        }
        var highest = S.MaxLane(S.Max(max0, max1)) * block.Scale;
        var max = highest > state.Max ? highest : state.Max;
        var seen = !float.IsNegativeInfinity(max);
        V sum0 = default, sum1 = default;
        var scale = S.Create(block.Scale);
        var shift = S.Create(-max);
        for (var j = 0; j < used && seen; j += 2 * S.Lanes)
        {
            var p0 = VectorMath<V, S>.Exp2Negative(S.Fma(Visible(row, j, end, block.Mask, lowest), scale, shift));
            var p1 = VectorMath<V, S>.Exp2Negative(S.Fma(Visible(row, j + S.Lanes, end, block.Mask, lowest), scale, shift));
            sum0 = S.Add(sum0, p0);
            sum1 = S.Add(sum1, p1);
            S.Store(p0, row + j);
            S.Store(p1, row + j + S.Lanes);
        }
        for (var j = seen ? used : 0; j < block.Width; j += S.Lanes)
            S.Store(default, row + j);
        if (state.Sum > 0 && max != state.Max)
            state.Sum *= float.Exp2(state.Max - max);
        state.Sum += S.Sum(S.Add(sum0, sum1));
        state.Max = max;
    }

    /// <summary>Scores of a row, -inf where hidden.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Visible(float* row, int j, int end, float* mask, V lowest)
    {
        var x = S.Load(row + j);
        if (mask != null)
            x = S.Add(x, S.Load(mask + j));
        return j + S.Lanes <= end ? x : S.KeepBelow(x, end - j, lowest);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void SoftmaxRowsRecompute(float* scores, float* dp, in ScoreRows block, float* lse, float* delta)
    {
        var lowest = S.Create(float.NegativeInfinity);
        var scale = S.Create(block.Scale);
        for (var i = 0; i < block.Rows; i++, scores += block.Row, dp += block.Row)
        {
            var end = block.End(i);
            var shift = S.Create(-lse[i]);
            var d = S.Create(delta[i]);
            var used = Math.Min(block.Width, (end + S.Lanes - 1) & -S.Lanes);
            for (var j = 0; j < used; j += S.Lanes)
            {
                var p = VectorMath<V, S>.Exp2Negative(S.Fma(Visible(scores, j, end, block.Mask, lowest), scale, shift));
                S.Store(p, scores + j);
                S.Store(S.Multiply(p, S.Subtract(S.Load(dp + j), d)), dp + j);
            }
            for (var j = used; j < block.Width; j += S.Lanes)
            {
                S.Store(default, scores + j);
                S.Store(default, dp + j);
            }
        }
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
