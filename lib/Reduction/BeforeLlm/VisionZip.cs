namespace Aim.Reduction;

/// <summary>
/// VisionZip: the tokens to which the tower attends most, as they are, and a few contextual ones that take in all others.
/// <list type="bullet">
/// <item>Acts before the language model, on the tower's output before the projector.</item>
/// <item>Needs the attention of the class token in the tower's second last layer, summed over heads, and that layer's keys
/// averaged over heads; adapted for towers without a class token: <see cref="VisualAttention.OfAllQueries"/>.</item>
/// <item>Keeps dominant + contextual, and the class token besides where there is one: [class token and dominant by position,
/// contextual]. Fewer contextual ones where fewer are left. Default: upstream's example of 64 = 53 dominant + the class token +
/// 10 contextual (written 54 and 10 there: its 54 count the class token).</item>
/// <item>A contextual token is, as upstream, its target plus the mean of what goes there, which is no mean of all.</item>
/// <item>Source: dvlab-research/VisionZip, visionzip/clip_encoder.py, forward.</item>
/// </list>
/// </summary>
public static class VisionZip
{
    /// <summary>Dominant patches, beside the class token.</summary>
    public const int DefaultDominant = 53;

    /// <summary>Contextual tokens.</summary>
    public const int DefaultContextual = 10;

    /// <summary>Tokens that are left of so many, class tokens counted.</summary>
    public static int Count(
        int tokens, int dominant = DefaultDominant, int contextual = DefaultContextual, bool classToken = true)
        => Math.Min(tokens, dominant + contextual + (classToken ? 1 : 0));

    /// <summary>Decides.</summary>
    /// <param name="scores">Attention to every slot (the class token's own is not looked at).</param>
    /// <param name="metric">[tokens, dim]: what tokens are compared by.</param>
    /// <param name="dominant">Tokens to keep as they are, the class token not counted.</param>
    /// <param name="contextual">Tokens that take in the rest.</param>
    /// <param name="classToken">Slot 0 is a class token; it is kept.</param>
    public static VisionZipResult Reduce(
        ReadOnlySpan<float> scores,
        Tensor metric,
        int dominant = DefaultDominant,
        int contextual = DefaultContextual,
        bool classToken = true)
    {
        ArgumentNullException.ThrowIfNull(metric);
        ArgumentOutOfRangeException.ThrowIfNegative(contextual);
        Ranking.CheckLength(scores, metric.shape[0], nameof(scores));
        int n = scores.Length, first = classToken && n > 0 ? 1 : 0;
        int[] byScore = Array.ConvertAll(Ranking.Descending(scores[first..]), i => i + first);
        byScore = byScore[..Ranking.Clip(dominant, n - first)];
        int[] kept = [.. Enumerable.Range(0, first), .. byScore.Order()];
        int[] rest = [.. Enumerable.Range(0, n).Except(kept)];

        // Evenly spaced among what is left; the last stretch may be longer.
        int step = Math.Max(1, contextual == 0 ? 1 : rest.Length / contextual);
        int[] targets = [.. rest.Where((_, i) => i % step == 0).Take(contextual)];
        int[] sources = targets.Length == 0 ? [] : [.. rest.Except(targets)];
        int[] assign = Assign(metric, sources, targets);
        var rows = kept.Select(MixedToken.Copy).ToList();
        for (int t = 0; t < targets.Length; t++)
        {
            int[] members = [.. sources.Where((_, i) => assign[i] == t)];
            rows.Add(new MixedToken(
                [targets[t], .. members],
                [1, .. Enumerable.Repeat(1f / Math.Max(1, members.Length), members.Length)]));
        }

        return new VisionZipResult(byScore, kept, targets, sources, assign, new TokenMixture(n, rows));
    }

    private static int[] Assign(Tensor metric, int[] sources, int[] targets)
    {
        if (sources.Length == 0)
            return [];
        using var scope = NewDisposeScope();
        float[] similarity = Cosine.Between(Rows(sources), Rows(targets));
        var assign = new int[sources.Length];
        var none = new bool[targets.Length];
        for (int i = 0; i < sources.Length; i++)
            assign[i] = Ranking.ArgMax(similarity.AsSpan(i * targets.Length, targets.Length), none);
        return assign;

        Tensor Rows(int[] slots) => metric.index_select(0, tensor(Array.ConvertAll(slots, s => (long)s)).to(metric.device));
    }
}

/// <summary>What VisionZip decided; all slots count the class token where there is one.</summary>
/// <param name="ByScore">The dominant tokens, most attended first, without the class token.</param>
/// <param name="Kept">The tokens that stay as they are, ascending, with the class token.</param>
/// <param name="Targets">The tokens that become contextual ones, ascending.</param>
/// <param name="Sources">The tokens that go into them, ascending.</param>
/// <param name="Assign">The target of each source, as an index into <paramref name="Targets"/>.</param>
/// <param name="Mixture">The output tokens.</param>
public sealed record VisionZipResult(
    int[] ByScore, int[] Kept, int[] Targets, int[] Sources, int[] Assign, TokenMixture Mixture);
