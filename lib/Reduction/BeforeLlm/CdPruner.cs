using System.Numerics;

namespace Aim.Reduction;

/// <summary>
/// CDPruner: tokens that are diverse where they matter for the question, found by greedy search for the largest determinant of a
/// kernel (a determinantal point process).
/// <list type="bullet">
/// <item>Acts before the language model, on the projector's output.</item>
/// <item>Needs the tokens, and embeddings of patches and question in a common space: upstream CLIP's projected picture and text
/// embeddings; adapted for models without CLIP's text tower: the language model's input embeddings of both.</item>
/// <item>Keeps exactly the number asked for, in raster order. Upstream has no default number: its scripts take it (128 and 64 in
/// its examples).</item>
/// <item>Differs from upstream where that fails: beyond the rank of the kernel no volume is left (upstream takes roots of what is
/// not positive), so the rest goes by relevance; where all patches are equally relevant, their relevance is 1.</item>
/// <item>Source: Theia-4869/CDPruner, llava_arch.py, encode_images.</item>
/// </list>
/// </summary>
public static class CdPruner
{
    private const float Epsilon = 1e-6f;

    // Of a token's own diagonal: what float32 cannot tell from a combination of the tokens already chosen.
    private const float Dependent = 1e-6f;

    /// <summary>How relevant each patch is: minus its mean cosine with the texts, scaled to (0, 1].</summary>
    /// <remarks>The sign is upstream's: the less similar a patch is to the text, the more relevant it counts.</remarks>
    /// <param name="patches">[patches, dim].</param>
    /// <param name="texts">[texts, dim].</param>
    public static float[] Relevance(Tensor patches, Tensor texts)
    {
        ArgumentNullException.ThrowIfNull(patches);
        ArgumentNullException.ThrowIfNull(texts);
        if (texts.shape[0] == 0)
            throw new ArgumentException("relevance needs at least one text embedding", nameof(texts));
        int n = (int)patches.shape[0], m = (int)texts.shape[0];
        float[] cosine = Cosine.Between(patches, texts);
        var relevance = new float[n];
        for (int i = 0; i < n; i++)
        {
            foreach (float c in cosine.AsSpan(i * m, m))
                relevance[i] -= c;
            relevance[i] /= m;
        }

        float least = relevance.DefaultIfEmpty().Min(), most = relevance.DefaultIfEmpty().Max();
        return most > least
            ? Array.ConvertAll(relevance, r => (r - least + Epsilon) / (most - least))
            : Array.ConvertAll(relevance, _ => 1f);
    }

    /// <summary>The tokens to keep, ascending.</summary>
    /// <param name="tokens">[tokens, dim].</param>
    /// <param name="relevance">One value a token, not negative.</param>
    /// <param name="keep">How many; more than there are means all.</param>
    public static int[] Select(Tensor tokens, ReadOnlySpan<float> relevance, int keep)
    {
        int[] chosen = SelectInOrder(tokens, relevance, keep);
        Array.Sort(chosen);
        return chosen;
    }

    /// <summary>The tokens to keep, in the order in which they are found; equals are decided by the lower index.</summary>
    /// <inheritdoc cref="Select"/>
    public static int[] SelectInOrder(Tensor tokens, ReadOnlySpan<float> relevance, int keep)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        int n = (int)tokens.shape[0];
        Ranking.CheckLength(relevance, n, nameof(relevance));
        keep = Ranking.Clip(keep, n);
        float[] kernel = Kernel(tokens, relevance);
        // What each token would still add to the volume, squared.
        var volume = new float[n];
        for (int i = 0; i < n; i++)
            volume[i] = kernel[i * n + i];
        var factors = new float[keep][];
        var taken = new bool[n];
        var chosen = new List<int>(keep);
        while (chosen.Count < keep)
        {
            int next = Ranking.ArgMax(volume, taken);
            if (volume[next] <= 0)
                break;
            float[] factor = kernel.AsSpan(next * n, n).ToArray();
            for (int c = 0; c < chosen.Count; c++)
                SubtractScaled(factor, factors[c], factors[c][next]);
            float length = MathF.Sqrt(volume[next]);
            for (int i = 0; i < n; i++)
            {
                factor[i] /= length;
                volume[i] -= factor[i] * factor[i];
                if (volume[i] <= Dependent * kernel[i * n + i])
                    volume[i] = 0;
            }

            factors[chosen.Count] = factor;
            taken[next] = true;
            chosen.Add(next);
        }

        chosen.AddRange(Ranking.Descending(relevance).Where(i => !taken[i]).Take(keep - chosen.Count));
        return [.. chosen];
    }

    // relevance_i * cos(i, j) * relevance_j.
    private static float[] Kernel(Tensor tokens, ReadOnlySpan<float> relevance)
    {
        float[] kernel = Cosine.Between(tokens, tokens);
        int n = relevance.Length;
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < n; j++)
                kernel[i * n + j] *= relevance[i] * relevance[j];
        }

        return kernel;
    }

    private static void SubtractScaled(float[] from, float[] what, float factor)
    {
        int i = 0;
        for (; i <= from.Length - Vector<float>.Count; i += Vector<float>.Count)
            (new Vector<float>(from, i) - new Vector<float>(what, i) * factor).CopyTo(from, i);
        for (; i < from.Length; i++)
            from[i] -= what[i] * factor;
    }
}
