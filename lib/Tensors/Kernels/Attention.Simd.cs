using System.Runtime.CompilerServices;

namespace Aim.Tensors.Kernels;

/// <summary>
/// Some rows of scores against a block of keys: row i, Row apart, sees the keys before End + i * EndStep (kept within 0
/// and Limit); rows may be written up to Width, a multiple of two vectors. Mask (added, -inf where hidden) may be null.
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
    /// <summary>Floats of a vector.</summary>
    public abstract int Lanes { get; }

    /// <summary>
    /// Takes scores into their rows' softmax: each becomes 2^(scale * score - max), 0 from the row's end to the width. What the
    /// rows had summed before (sums [rows, wide], or null) is rescaled when a larger score appears.
    /// </summary>
    /// <param name="max">The largest score of each row so far, in units of log 2; -inf if none was visible.</param>
    /// <param name="lanes">A vector a row: sums of 2^(score - max) so far, lane by lane.</param>
    public abstract void SoftmaxRowsOnline(float* scores, in ScoreRows block, float* max, float* lanes, float* sums, int wide);

    /// <summary>
    /// Ends the softmax of rows: totals [rows] from the lanes that <see cref="SoftmaxRowsOnline"/> left, and y = sums / total,
    /// rows <paramref name="rowY"/> apart; zeros where a row saw nothing. sums may be null.
    /// </summary>
    public abstract void FinishRows(
        float* lanes, float* sums, int wide, float* y, nint rowY, int rows, int dim, float* totals);

    /// <summary>
    /// Score becomes p = 2^(scale * score - lse[i]), dp becomes p * (dp - delta[i]); both 0 from the row's end to the width.
    /// </summary>
    public abstract void SoftmaxRowsRecompute(float* scores, float* dp, in ScoreRows block, float* lse, float* delta);

    /// <summary>y = alpha * x.</summary>
    public abstract void ScaleRow(float alpha, float* x, float* y, int count);

    /// <summary>Sums [rows] of x * y over rows of <paramref name="count"/>, <paramref name="row"/> apart in both.</summary>
    public abstract void DotRows(float* x, float* y, nint row, int rows, int count, float* sums);
}

internal sealed unsafe partial class KernelSet<V, S>
{
    public override int Lanes => S.Lanes;

    /// <summary>
    /// Three passes over all rows, each of independent work: a row at a time would wait for its maximum, then for its factor.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void SoftmaxRowsOnline(float* scores, in ScoreRows block, float* max, float* lanes, float* sums, int wide)
    {
        var highest = stackalloc float[block.Rows];
        var factors = stackalloc float[block.Rows];
        for (var i = 0; i < block.Rows; i++)
        {
            if (block.Mask != null)
                AddMask(scores + i * block.Row, block.Mask, block.Width);
            highest[i] = Highest(scores + i * block.Row, block.End(i), block.Width);
        }
        if (RaiseMaxima(highest, block.Scale, max, factors, block.Rows))
        {
            for (var i = 0; i < block.Rows; i++)
            {
                var factor = S.Create(factors[i]);
                S.Store(S.Multiply(factor, S.Load(lanes + i * S.Lanes)), lanes + i * S.Lanes);
                for (var j = 0; j < wide && sums != null; j += S.Lanes)
                    S.Store(S.Multiply(factor, S.Load(sums + i * wide + j)), sums + i * wide + j);
            }
        }
        var high = VectorMath<V, S>.Load(Constants.Exp2);
        var low = VectorMath<V, S>.Load(Constants.Exp2 + 4);
        for (var i = 0; i < block.Rows; i++)
            Exponentials(scores + i * block.Row, block.End(i), block.Width, block.Scale, max[i], lanes + i * S.Lanes, high, low);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void FinishRows(
        float* lanes, float* sums, int wide, float* y, nint rowY, int rows, int dim, float* totals)
    {
        for (var i = 0; i < rows; i++)
        {
            var total = S.Sum(S.Load(lanes + i * S.Lanes));
            totals[i] = total;
            var factor = S.Create(1 / total);
            for (var j = 0; j < dim && sums != null; j += S.Lanes)
                StoreUpTo(total == 0 ? default : S.Multiply(factor, S.Load(sums + i * wide + j)), y + i * rowY + j, dim - j);
        }
    }

    private static void AddMask(float* row, float* mask, int width)
    {
        for (var j = 0; j < width; j += S.Lanes)
            S.Store(S.Add(S.Load(row + j), S.Load(mask + j)), row + j);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Highest(float* row, int end, int width)
    {
        var lowest = S.Create(float.NegativeInfinity);
        var (max0, max1) = (lowest, lowest);
        var j = 0;
        for (; j + 2 * S.Lanes <= end; j += 2 * S.Lanes)
        {
            max0 = S.Max(S.Load(row + j), max0);
            max1 = S.Max(S.Load(row + j + S.Lanes), max1);
        }
        for (; j < Math.Min(end, width); j += S.Lanes)
            max0 = S.Max(S.KeepBelow(S.Load(row + j), end - j, lowest), max0);
        return S.MaxLane(S.Max(max0, max1));
    }

    /// <summary>
    /// max = max(max, scale * highest); factors = 2^(before - after), 0 for a row's first score. Whether any factor is not 1.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool RaiseMaxima(float* highest, float scale, float* max, float* factors, int rows)
    {
        var changed = false;
        for (var i = 0; i < rows; i++)
        {
            var raised = highest[i] * scale;
            changed |= raised > max[i];
            factors[i] = max[i];
            max[i] = raised > max[i] ? raised : max[i];
        }
        if (!changed)
            return false;
        for (var i = 0; i < rows; i += S.Lanes)
        {
            // two minus infinities have no difference: a row without scores keeps its sum of 0 by any finite factor
            var rise = S.Subtract(LoadUpTo(factors + i, rows - i), LoadUpTo(max + i, rows - i));
            var factor = VectorMath<V, S>.Exp2Negative(
                S.Max(rise, S.Create(-200f)), VectorMath<V, S>.Load(Constants.Exp2), VectorMath<V, S>.Load(Constants.Exp2 + 4));
            StoreUpTo(factor, factors + i, rows - i);
        }
        return true;
    }

    /// <summary>2^(scale * score - max), zeros from end to width; their sum to lanes, even vectors before odd ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Exponentials(float* row, int end, int width, float factor, float max, float* lanes,
        Four<V> high, Four<V> low)
    {
        var scale = S.Create(factor);
        var shift = S.Create(float.IsNegativeInfinity(max) ? 0 : -max);
        V sum0 = default, sum1 = default;
        var j = 0;
        for (; j + 2 * S.Lanes <= end; j += 2 * S.Lanes)
        {
            var p0 = VectorMath<V, S>.Exp2Negative(S.Fma(S.Load(row + j), scale, shift), high, low);
            var p1 = VectorMath<V, S>.Exp2Negative(S.Fma(S.Load(row + j + S.Lanes), scale, shift), high, low);
            sum0 = S.Add(sum0, p0);
            sum1 = S.Add(sum1, p1);
            S.Store(p0, row + j);
            S.Store(p1, row + j + S.Lanes);
        }
        for (; j < Math.Min(end, width); j += S.Lanes)
        {
            var p = VectorMath<V, S>.Exp2Negative(S.Fma(S.Load(row + j), scale, shift), high, low);
            p = S.KeepBelow(p, end - j, default);
            if ((j & S.Lanes) == 0)
                sum0 = S.Add(sum0, p);
            else
                sum1 = S.Add(sum1, p);
            S.Store(p, row + j);
        }
        for (; j < width; j += S.Lanes)
            S.Store(default, row + j);
        S.Store(S.Add(S.Load(lanes), S.Add(sum0, sum1)), lanes);
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
        var high = VectorMath<V, S>.Load(Constants.Exp2);
        var low = VectorMath<V, S>.Load(Constants.Exp2 + 4);
        for (var i = 0; i < block.Rows; i++, scores += block.Row, dp += block.Row)
        {
            var end = block.End(i);
            var shift = S.Create(-lse[i]);
            var d = S.Create(delta[i]);
            var used = Math.Min(block.Width, (end + S.Lanes - 1) & -S.Lanes);
            for (var j = 0; j < used; j += S.Lanes)
            {
                var p = VectorMath<V, S>.Exp2Negative(
                    S.Fma(Visible(scores, j, end, block.Mask, lowest), scale, shift), high, low);
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
    public override void DotRows(float* x, float* y, nint row, int rows, int count, float* sums)
    {
        for (var i = 0; i < rows; i++)
            sums[i] = Dot1(x + i * row, y + i * row, count);
    }
}
