namespace Aim.Reduction;

/// <summary>
/// Orders of scores. Among equals the lower index comes first, always, as in a stable sort; torch's own top-k promises no order
/// there.
/// </summary>
internal static class Ranking
{
    /// <summary>All indices, largest score first.</summary>
    public static int[] Descending(ReadOnlySpan<float> scores)
    {
        float[] copy = scores.ToArray();
        return [.. Enumerable.Range(0, copy.Length).OrderByDescending(i => copy[i])];
    }

    /// <summary>All indices, smallest score first.</summary>
    public static int[] Ascending(ReadOnlySpan<float> scores)
    {
        float[] copy = scores.ToArray();
        return [.. Enumerable.Range(0, copy.Length).OrderBy(i => copy[i])];
    }

    /// <summary>The first of the largest values among those that are not excluded; -1 where all are.</summary>
    public static int ArgMax(ReadOnlySpan<float> values, ReadOnlySpan<bool> excluded)
    {
        int best = -1;
        for (int i = 0; i < values.Length; i++)
        {
            if (!excluded[i] && (best < 0 || values[i] > values[best]))
                best = i;
        }

        return best;
    }

    /// <summary>What can be kept of so many tokens: not less than nothing, not more than all.</summary>
    /// <exception cref="ArgumentOutOfRangeException">keep is negative.</exception>
    public static int Clip(int keep, long tokens)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(keep);
        return (int)Math.Min(keep, tokens);
    }

    /// <summary>Checks that there is one score a token.</summary>
    /// <exception cref="ArgumentException">There are more or fewer.</exception>
    public static void CheckLength(ReadOnlySpan<float> scores, long tokens, string what)
    {
        if (scores.Length != tokens)
            throw new ArgumentException($"{what} has {scores.Length} values for {tokens} tokens; there must be one a token");
    }
}
