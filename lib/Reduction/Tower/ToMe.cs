namespace Aim.Reduction;

/// <summary>
/// ToMe: in every block of the vision tower, between attention and MLP, the r tokens most like another one are merged into it.
/// <list type="bullet">
/// <item>Acts in the tower; what comes out is no grid any more, so nothing that pools a grid can follow.</item>
/// <item>Needs each block's keys averaged over heads (<see cref="Metric"/>), and, on by default upstream, attention in which a
/// merged token weighs as much as those in it (<see cref="Attention"/>).</item>
/// <item>Keeps t - min(r, floor((t - p) / 2)) of t tokens in each block, p = the class and distillation tokens, which never
/// merge. r has no default; upstream's example sets 16 for a ViT-B/16 (12 blocks, 197 tokens). It may differ by block (<see
/// cref="Schedule"/>).</item>
/// <item>A merged token is the mean of all original tokens in it (sizes are remembered), unlike AIM's plain mean of the
/// two.</item>
/// <item>Differs from upstream where that fails: a zero vector is similar to nothing (upstream's similarities become NaN).</item>
/// <item>Source: facebookresearch/ToMe, tome/merge.py, bipartite_soft_matching; tome/patch/timm.py; tome/utils.py,
/// parse_r.</item>
/// </list>
/// </summary>
public static class ToMe
{
    /// <summary>r of every block: constant, or rising (inflection 1) or falling (-1) linearly about the same mean.</summary>
    public static int[] Schedule(int blocks, int r, double inflection = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(r);
        ArgumentOutOfRangeException.ThrowIfLessThan(blocks, 1);
        if (!(inflection >= -1 && inflection <= 1))
            throw new ArgumentOutOfRangeException(nameof(inflection), inflection, "the inflection lies in -1 .. 1");
        int least = (int)(r * (1 - inflection)), most = 2 * r - least;
        double step = blocks == 1 ? 0 : (most - least) / (blocks - 1.0);
        return [.. Enumerable.Range(0, blocks).Select(i => (int)(least + step * i))];
    }

    /// <summary>Tokens before and after every block.</summary>
    /// <param name="tokens">Tokens that enter, class and distillation token counted.</param>
    /// <param name="schedule">r of every block.</param>
    /// <param name="unmergeable">Class and distillation tokens: 0 .. 2.</param>
    public static int[] Counts(int tokens, IEnumerable<int> schedule, int unmergeable)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        var counts = new List<int> { tokens };
        foreach (int r in schedule)
            counts.Add(counts[^1] - Clip(r, counts[^1], unmergeable));
        return [.. counts];
    }

    /// <summary>What tokens are compared by: keys averaged over heads.</summary>
    /// <param name="key">[items, heads, tokens, head dim].</param>
    /// <returns>[items, tokens, head dim].</returns>
    public static Tensor Metric(Tensor key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return key.mean([1L]);
    }

    /// <summary>
    /// Proportional attention: softmax(q k^T scale + log size) v, so that a key counts as often as there are tokens in
    /// it.
    /// </summary>
    /// <param name="query">[items, heads, tokens, head dim].</param>
    /// <param name="key">The same shape.</param>
    /// <param name="value">The same shape.</param>
    /// <param name="sizes">[items, tokens]; null: all 1.</param>
    /// <param name="scale">Null: 1 / sqrt(head dim).</param>
    /// <returns>[items, heads, tokens, head dim].</returns>
    public static Tensor Attention(Tensor query, Tensor key, Tensor value, Tensor? sizes, double? scale = null)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(key);
        using var scope = NewDisposeScope();
        var logits = matmul(query, key.transpose(-2, -1)).mul(scale ?? 1 / Math.Sqrt(query.shape[3]));
        if (sizes is not null)
            logits = logits.add(sizes.to(logits.dtype).log().unsqueeze(1).unsqueeze(1));
        return matmul(logits.softmax(-1), value).MoveToOuterDisposeScope();
    }

    internal static int Clip(int r, int tokens, int unmergeable) => Math.Clamp(r, 0, Math.Max(0, (tokens - unmergeable) / 2));
}
