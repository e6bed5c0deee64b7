namespace Aim.Reduction;

/// <summary>The settings of PruMerge and PruMerge+.</summary>
public sealed record PruMergeSettings
{
    /// <summary>PruMerge+: evenly spaced patches are taken beside the most attended ones.</summary>
    public bool Plus { get; init; }

    /// <summary>Share of the patches taken by attention; null: adaptive, the share whose attention is an outlier.</summary>
    public double? Ratio { get; init; }

    /// <summary>Patches added to each that is taken.</summary>
    public int Neighbours { get; init; } = PruMerge.DefaultNeighbours;

    /// <summary>
    /// Adaptive PruMerge+ takes its evenly spaced patches before this slot; null: all but the last patch, as upstream's constant
    /// 575 of 576.
    /// </summary>
    public int? SampleStop { get; init; }
}

/// <summary>
/// PruMerge (<c>prumerge</c>) and PruMerge+ (<c>prumerge+</c>): the patches to which the class token attends unusually much, each
/// with the patches most like it added, and one more token for the rest.
/// <list type="bullet">
/// <item>Acts before the language model, on the tower's second last hidden states, before the projector.</item>
/// <item>Needs queries and keys of the last layer, all heads as one (<see cref="VisualAttention.OfOneQuery"/>); adapted for
/// towers without a class token, as AIM's video baseline does: the mean of all queries, frame by frame.</item>
/// <item>Keeps int(n * ratio) + 1, ratio = the share of outliers (attention above Q3 + 1.5 IQR), so the count depends on the
/// picture. PruMerge+ takes every s-th patch besides, s = int(int(1 / ratio) / 3). With a fixed ratio (1/8 in upstream's
/// training) int(n * ratio) + 1, PruMerge+ min(2 int(n * ratio), n) + 1. Default: adaptive, 32 neighbours.</item>
/// <item>Weights are the bare attention: a token's sum with its neighbours is no mean.</item>
/// <item>Differs from upstream where that fails: without an outlier PruMerge+ takes patch 0 alone (upstream divides by zero), a
/// share above a third makes s = 1 (upstream raises), and an evenly spaced patch of the fixed ratio that is already taken gives
/// its place to the next free one (upstream takes it twice).</item>
/// <item>Sources: 42Shawn/LLaVA-PruMerge, clip_encoder.py, token_prune_merge_advanced and token_prune_merge_advanced_plus;
/// LaVi-Lab/AIM, siglip_encoder.py.</item>
/// </list>
/// </summary>
public static class PruMerge
{
    /// <summary>Patches added to each that is taken.</summary>
    public const int DefaultNeighbours = 32;

    /// <summary>The ratio of upstream's training variant.</summary>
    public const double FixedRatio = 1.0 / 8;

    /// <summary>Tokens that are left of so many patches; null where that depends on the picture.</summary>
    public static int? Count(int patches, PruMergeSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.Ratio is not { } ratio)
            return null;
        int top = (int)(patches * ratio);
        return 1 + (settings.Plus ? Math.Min(2 * top, patches) : top);
    }

    /// <summary>Decides which patches are taken and what is added to them.</summary>
    /// <param name="attention">One score a patch.</param>
    /// <param name="keys">[patches, dim], all heads as one, without the class token.</param>
    /// <param name="settings">Null: PruMerge's defaults.</param>
    public static PruMergeResult Reduce(ReadOnlySpan<float> attention, Tensor keys, PruMergeSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(keys);
        settings ??= new PruMergeSettings();
        if (settings.Ratio is { } given && !(given >= 0 && given <= 1))
            throw new ArgumentException($"the ratio is {given}; a share lies in 0 .. 1");
        ArgumentOutOfRangeException.ThrowIfNegative(settings.Neighbours);
        Ranking.CheckLength(attention, keys.shape[0], nameof(attention));
        int n = attention.Length;
        double bound = UpperBound(attention);
        double ratio = settings.Ratio ?? OutlierRatio(attention, bound);
        int[] top = Ranking.Descending(attention)[..(int)(n * ratio)];
        var taken = new bool[n];
        foreach (int i in top)
            taken[i] = true;
        List<int> chosen = [.. top];
        if (settings.Plus)
            AddSpaced(chosen, taken, ratio, settings);
        return new PruMergeResult(top, [.. chosen], bound, new TokenMixture(n, Mix(attention, keys, chosen, taken, settings)));
    }

    /// <summary>Q3 + 1.5 (Q3 - Q1), percentiles interpolated linearly: attention above it is an outlier.</summary>
    public static double UpperBound(ReadOnlySpan<float> attention)
    {
        if (attention.IsEmpty)
            return 0;
        float[] sorted = attention.ToArray();
        Array.Sort(sorted);
        double q1 = Percentile(0.25), q3 = Percentile(0.75);
        return q3 + 1.5 * (q3 - q1);

        double Percentile(double p)
        {
            double at = p * (sorted.Length - 1);
            int below = (int)at;
            double next = sorted[Math.Min(below + 1, sorted.Length - 1)];
            return sorted[below] + (at - below) * (next - sorted[below]);
        }
    }

    private static double OutlierRatio(ReadOnlySpan<float> attention, double bound)
    {
        int outliers = 0;
        foreach (float a in attention)
            outliers += a > bound ? 1 : 0;
        return attention.IsEmpty ? 0 : (double)outliers / attention.Length;
    }

    private static void AddSpaced(List<int> chosen, bool[] taken, double ratio, PruMergeSettings settings)
    {
        int n = taken.Length;
        if (settings.Ratio is null)
        {
            int stop = Math.Min(settings.SampleStop ?? n - 1, n);
            int step = ratio > 0 ? Math.Max(1, (int)(1 / ratio) / 3) : n;
            for (int i = 0; i < stop; i += step)
                Take(i);
            return;
        }

        foreach (int slot in Uniform.Slots(n, Math.Min(chosen.Count, n - chosen.Count)))
        {
            int free = slot;
            while (taken[free])
                free = (free + 1) % n;
            Take(free);
        }

        void Take(int slot)
        {
            if (!taken[slot])
                chosen.Add(slot);
            taken[slot] = true;
        }
    }

    private static List<MixedToken> Mix(
        ReadOnlySpan<float> attention, Tensor keys, List<int> chosen, bool[] taken, PruMergeSettings settings)
    {
        int n = taken.Length;
        int[] rest = [.. Enumerable.Range(0, n).Where(i => !taken[i])];
        int[] order = [.. chosen, .. rest];
        float[] similarity = Similarity(keys, chosen);
        var rows = new List<MixedToken>(chosen.Count + 1);
        for (int c = 0; c < chosen.Count; c++)
        {
            // Upstream's order of the candidates decides among equals: the other chosen ones, then the rest.
            int self = c;
            int[] others = [.. order.Where((_, i) => i != self)];
            int[] near = Ranking.Descending(Array.ConvertAll(others, j => similarity[self * n + j]));
            near = [.. near.Take(settings.Neighbours).Select(i => others[i])];
            rows.Add(new MixedToken([chosen[c], .. near], [1, .. Weights(attention, near)]));
        }

        rows.Add(new MixedToken(rest, Weights(attention, rest)));
        return rows;
    }

    private static float[] Similarity(Tensor keys, List<int> chosen)
    {
        using var scope = NewDisposeScope();
        var index = tensor(chosen.ConvertAll(i => (long)i).ToArray()).to(keys.device);
        return chosen.Count == 0 ? [] : Cosine.Between(keys.index_select(0, index), keys);
    }

    private static float[] Weights(ReadOnlySpan<float> attention, int[] slots)
    {
        var weights = new float[slots.Length];
        for (int i = 0; i < slots.Length; i++)
            weights[i] = attention[slots[i]];
        return weights;
    }
}

/// <summary>What PruMerge decided.</summary>
/// <param name="Top">The patches taken by attention, most attended first.</param>
/// <param name="Chosen">All patches taken: <paramref name="Top"/>, then evenly spaced ones.</param>
/// <param name="UpperBound">Attention above it is an outlier.</param>
/// <param name="Mixture">One output token for each of <paramref name="Chosen"/>, and one for all that were not.</param>
public sealed record PruMergeResult(int[] Top, int[] Chosen, double UpperBound, TokenMixture Mixture);
