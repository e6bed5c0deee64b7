namespace Aim.Reduction;

/// <summary>
/// DivPrune: the subset of tokens whose closest pair is as far apart as a greedy search can make it (max-min diversity).
/// <list type="bullet">
/// <item>Acts before the language model, on its input embeddings of the visual tokens (after the projector).</item>
/// <item>Needs the embeddings alone.</item>
/// <item>Keeps exactly round(ratio * tokens), halves to even; ratio 0.098 by default.</item>
/// <item>Differs from upstream where that fails: a token is chosen once (upstream chooses equal tokens again and again), and a
/// zero vector is at distance 1 from all others (upstream's distances become NaN).</item>
/// <item>Source: vbdi/divprune, llava_arch.py, DivPrune.</item>
/// </list>
/// </summary>
public static class DivPrune
{
    /// <summary>The share of visual tokens that upstream keeps by default.</summary>
    public const double DefaultRatio = 0.098;

    /// <summary>Tokens that are kept of so many.</summary>
    public static int Count(int tokens, double ratio = DefaultRatio) => (int)Math.Round(ratio * tokens, MidpointRounding.ToEven);

    /// <summary>The tokens to keep, ascending.</summary>
    /// <param name="tokens">[tokens, dim].</param>
    /// <param name="keep">How many; more than there are means all.</param>
    public static int[] Select(Tensor tokens, int keep)
    {
        int[] chosen = SelectInOrder(tokens, keep);
        Array.Sort(chosen);
        return chosen;
    }

    /// <summary>The tokens to keep, in the order in which they are found; equals are decided by the lower index.</summary>
    /// <inheritdoc cref="Select"/>
    public static int[] SelectInOrder(Tensor tokens, int keep)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        int n = (int)tokens.shape[0];
        keep = Ranking.Clip(keep, n);
        if (keep == 0)
            return [];
        float[] distance = Cosine.Between(tokens, tokens);
        for (int i = 0; i < distance.Length; i++)
            distance[i] = 1 - distance[i];

        // The first token is the one whose nearest other is farthest; from then on the nearest chosen one counts.
        var nearest = new float[n];
        for (int i = 0; i < n; i++)
            nearest[i] = NearestOther(distance.AsSpan(i * n, n), i);
        var taken = new bool[n];
        int[] chosen = new int[keep];
        for (int step = 0; step < keep; step++)
        {
            int next = chosen[step] = Ranking.ArgMax(nearest, taken);
            taken[next] = true;
            var row = distance.AsSpan(next * n, n);
            if (step == 0)
            {
                row.CopyTo(nearest);
                continue;
            }

            for (int i = 0; i < n; i++)
                nearest[i] = Math.Min(nearest[i], row[i]);
        }

        return chosen;
    }

    private static float NearestOther(ReadOnlySpan<float> row, int self)
    {
        float least = float.PositiveInfinity;
        for (int i = 0; i < row.Length; i++)
        {
            if (i != self && row[i] < least)
                least = row[i];
        }

        return least;
    }
}
