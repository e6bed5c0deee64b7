namespace Aim.Reduction;

/// <summary>
/// VisPruner: half of the budget for the patches that the tower attends to most, the other half for patches unlike each other.
/// <list type="bullet">
/// <item>Acts before the language model, on the tower's output, picture by picture: rounds times tokens squared is much for a
/// whole video at once.</item>
/// <item>Needs the features, and the attention of the class token in the tower's second last layer, averaged over heads (<see
/// cref="VisualAttention.OfClassToken"/>); adapted for towers without one: <see cref="VisualAttention.OfAllQueries"/>.</item>
/// <item>Keeps exactly the number asked for, in raster order: int(keep * ratio) by attention, the rest by diversity. Defaults:
/// ratio 0.5, 8 duplicates removed a round; the number (128 in upstream's example) is an argument of its scripts.</item>
/// <item>Differs from upstream where that fails: an odd list has one token more in the even places (upstream raises).</item>
/// <item>Source: Theia-4869/VisPruner, llava_arch.py, encode_images.</item>
/// </list>
/// </summary>
public static class VisPruner
{
    /// <summary>The share of the budget that goes by attention.</summary>
    public const double DefaultImportantRatio = 0.5;

    /// <summary>Tokens that a round removes at most.</summary>
    public const int DefaultPerRound = 8;

    /// <summary>The patches to keep, ascending.</summary>
    /// <param name="features">[patches, dim].</param>
    /// <param name="attention">One score a patch.</param>
    /// <param name="keep">How many; more than there are means all.</param>
    /// <param name="importantRatio">Share of <paramref name="keep"/> chosen by attention, 0 .. 1.</param>
    /// <param name="perRound">Duplicates removed a round.</param>
    public static int[] Select(
        Tensor features,
        ReadOnlySpan<float> attention,
        int keep,
        double importantRatio = DefaultImportantRatio,
        int perRound = DefaultPerRound)
    {
        ArgumentNullException.ThrowIfNull(features);
        ArgumentOutOfRangeException.ThrowIfLessThan(perRound, 1);
        if (!(importantRatio >= 0 && importantRatio <= 1))
            throw new ArgumentOutOfRangeException(nameof(importantRatio), importantRatio, "a share lies in 0 .. 1");
        Ranking.CheckLength(attention, features.shape[0], nameof(attention));
        keep = Ranking.Clip(keep, attention.Length);
        int[] order = Ranking.Descending(attention);
        int important = (int)(keep * importantRatio);
        int[] rest = order[important..];
        if (rest.Length > keep - important && keep > important)
            rest = Diverse(features, rest, keep - important, perRound);
        int[] chosen = [.. order[..important], .. rest[..(keep - important)]];
        Array.Sort(chosen);
        return chosen;
    }

    // Round by round: even places of the list against odd places; of the even ones those with the nearest counterpart go.
    private static int[] Diverse(Tensor features, int[] patches, int target, int perRound)
    {
        using var scope = NewDisposeScope();
        var rows = features.index_select(0, tensor(Array.ConvertAll(patches, s => (long)s)).to(features.device));
        float[] similarity = Cosine.Between(rows, rows);
        int[] list = [.. Enumerable.Range(0, patches.Length)];
        while (list.Length > target)
        {
            int[] even = [.. list.Where((_, i) => i % 2 == 0)], odd = [.. list.Where((_, i) => i % 2 == 1)];
            int removed = Math.Min(Math.Min(perRound, list.Length - target), even.Length);
            float[] nearest = Array.ConvertAll(even, e => Nearest(similarity.AsSpan(e * patches.Length, patches.Length), odd));
            int[] staying = Ranking.Descending(nearest)[removed..];
            list = [.. staying.Select(i => even[i]), .. odd];
        }

        return Array.ConvertAll(list, i => patches[i]);
    }

    // The last token of a list has no counterpart.
    private static float Nearest(ReadOnlySpan<float> similarity, int[] odd)
    {
        float nearest = float.NegativeInfinity;
        foreach (int i in odd)
            nearest = Math.Max(nearest, similarity[i]);
        return nearest;
    }
}
