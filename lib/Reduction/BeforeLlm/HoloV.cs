namespace Aim.Reduction;

/// <summary>
/// HoloV: the picture is cut into crops, each gets a share of the budget by how varied and attended to it is, and spends it on
/// its most attended patches.
/// <list type="bullet">
/// <item>Acts before the language model, on the tower's output.</item>
/// <item>Needs the features, and the attention of the class token in the tower's second last layer, averaged over heads (<see
/// cref="VisualAttention.OfClassToken"/>); adapted for towers without one: <see cref="VisualAttention.OfAllQueries"/>.</item>
/// <item>Keeps exactly the number of rows asked for (64 by default, of 16 crops), crop by crop and inside a crop by attention. As
/// upstream, what a crop gets beyond its size is lost, and as many ZERO rows end the output.</item>
/// <item>As upstream, a crop of a single patch has its bare attention as its score, where larger crops have a thousand times
/// theirs and more. Differs from upstream where that fails: crops of negative score get no budget, and a budget that no crop has
/// a claim to is dealt out one by one.</item>
/// <item>Source: obananas/HoloV, llava/model/utils.py, HoloV.</item>
/// </list>
/// </summary>
public static class HoloV
{
    /// <summary>Contiguous runs of the raster.</summary>
    public const int DefaultCrops = 16;

    /// <summary>Rows of the output.</summary>
    public const int DefaultKeep = 64;

    /// <summary>How much variance weighs beside attention.</summary>
    public const double DefaultAlpha = 0.09;

    private const float Epsilon = 1e-6f;
    private const float AttentionScale = 1000;

    /// <summary>The patches to keep, in output order; what is missing to <paramref name="keep"/> are rows of zeros.</summary>
    /// <param name="features">[patches, dim].</param>
    /// <param name="attention">One score a patch, not negative.</param>
    /// <param name="keep">Rows of the output; more than there are patches means as many.</param>
    /// <param name="crops">Runs that the raster is cut into; more than there are patches means as many.</param>
    /// <param name="alpha">Weight of variance.</param>
    public static int[] Select(
        Tensor features,
        ReadOnlySpan<float> attention,
        int keep = DefaultKeep,
        int crops = DefaultCrops,
        double alpha = DefaultAlpha)
    {
        ArgumentNullException.ThrowIfNull(features);
        ArgumentOutOfRangeException.ThrowIfLessThan(crops, 1);
        int n = attention.Length;
        Ranking.CheckLength(attention, features.shape[0], nameof(attention));
        keep = Ranking.Clip(keep, n);
        if (keep == 0)
            return [];
        crops = Math.Min(crops, n);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var x = features.to(ScalarType.Float32);
        var unit = x.div(x.norm(-1, true).add(Epsilon));
        int Start(int crop) => crop * (n / crops) + Math.Min(crop, n % crops);
        var scores = new float[crops];
        for (int p = 0; p < crops; p++)
        {
            var (from, size) = (Start(p), Start(p + 1) - Start(p));
            scores[p] = Score(unit.narrow(0, from, size), attention.Slice(from, size), (float)alpha);
        }

        int[] budget = Budgets(scores, keep);
        var chosen = new List<int>(keep);
        for (int p = 0; p < crops; p++)
        {
            var (from, size) = (Start(p), Start(p + 1) - Start(p));
            // A crop that is kept whole stays in slot order.
            var slots = budget[p] >= size
                ? Enumerable.Range(0, size)
                : Ranking.Descending(attention.Slice(from, size)).Take(budget[p]);
            chosen.AddRange(slots.Select(i => from + i));
        }

        return [.. chosen];
    }

    /// <summary>The chosen rows, then zeros.</summary>
    /// <param name="x">[patches, dim].</param>
    /// <param name="chosen">What <see cref="Select"/> gave.</param>
    /// <param name="keep">Rows of the output.</param>
    /// <returns>[keep, dim].</returns>
    public static Tensor Apply(Tensor x, int[] chosen, int keep)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(chosen);
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, chosen.Length);
        using var scope = NewDisposeScope();
        var rows = x.index_select(0, tensor(Array.ConvertAll(chosen, i => (long)i)).to(x.device));
        var padding = zeros([keep - chosen.Length, x.shape[1]], x.dtype, x.device);
        return cat([rows, padding], 0).MoveToOuterDisposeScope();
    }

    // The mean over a crop of scaled attention plus variance of the similarities, the latter brought to the size of the former.
    private static float Score(Tensor unit, ReadOnlySpan<float> attention, float alpha)
    {
        int s = attention.Length;
        if (s == 1)
            return attention[0];
        using var scope = NewDisposeScope();
        float[] similarity = Cosine.Host(matmul(unit, unit.transpose(0, 1)));
        float attended = 0, variances = 0;
        for (int i = 0; i < s; i++)
        {
            attended += AttentionScale * attention[i] / s;
            var row = similarity.AsSpan(i * s, s);
            row[i] = 0;
            float sum = 0, squares = 0;
            foreach (float value in row)
                sum += value;
            float mean = sum / (s - 1);
            // As upstream, the zero on the diagonal counts here, too.
            foreach (float value in row)
                squares += (value - mean) * (value - mean);
            variances += squares / (s - 1) / s;
        }

        return attended + alpha * variances * attended / (variances + Epsilon);
    }

    private static int[] Budgets(float[] scores, int keep)
    {
        float total = Epsilon;
        for (int p = 0; p < scores.Length; p++)
            total += scores[p] = Math.Max(scores[p], 0);
        float[] weight = Array.ConvertAll(scores, s => s / total);
        int[] budget = Array.ConvertAll(weight, w => (int)MathF.Floor(w * keep));
        int left = keep - budget.Sum();
        int[] order = Ranking.Descending(weight);
        for (int i = 0; left > 0; i++, left--)
            budget[order[i % order.Length]]++;
        return budget;
    }
}
