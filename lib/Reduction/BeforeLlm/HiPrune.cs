namespace Aim.Reduction;

/// <summary>
/// HiPrune: anchors that a middle layer of the tower looks at, their neighbours in the picture, and what the deep layer looks at.
/// <list type="bullet">
/// <item>Acts before the language model, on the tower's output.</item>
/// <item>Needs two attentions of the tower, layer 9 (of 24) and the second last, each averaged over heads and over all queries
/// (<see cref="VisualAttention.OfAllQueries"/>), so a class token is not needed: nothing is adapted.</item>
/// <item>Keeps exactly the number asked for, in raster order: round(keep * alpha / 5) anchors (halves to even) with up to four
/// neighbours each, the rest from the deep layer. Defaults: alpha 0.1, layer 9; 192, 128 or 64 of 576 patches.</item>
/// <item>As upstream, left and right neighbours are slots -1 and +1 even at a row's ends, and slots beyond the grid are the
/// nearest end. Where anchors and neighbours exceed the budget (large alpha, upstream raises), the stronger anchors' are
/// taken.</item>
/// <item>Source: Danielement321/HiPrune, LLaVA/llava_arch.py, encode_images.</item>
/// </list>
/// </summary>
public static class HiPrune
{
    /// <summary>The share of the budget for anchors and their neighbours.</summary>
    public const double DefaultAlpha = 0.1;

    /// <summary>The layer of CLIP's 24 (counted from 1) that finds objects.</summary>
    public const int DefaultObjectLayer = 9;

    /// <summary>The patches to keep, ascending.</summary>
    /// <param name="shallow">The object layer's attention, one score a patch.</param>
    /// <param name="deep">The deep layer's attention, one score a patch.</param>
    /// <param name="keep">How many; more than there are means all.</param>
    /// <param name="gridWidth">Patches of a row of the picture.</param>
    /// <param name="alpha">Share of <paramref name="keep"/> for anchors and neighbours, 0 .. 1.</param>
    public static int[] Select(
        ReadOnlySpan<float> shallow, ReadOnlySpan<float> deep, int keep, int gridWidth, double alpha = DefaultAlpha)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(gridWidth, 1);
        if (!(alpha >= 0 && alpha <= 1))
            throw new ArgumentOutOfRangeException(nameof(alpha), alpha, "a share lies in 0 .. 1");
        Ranking.CheckLength(shallow, deep.Length, nameof(shallow));
        int n = deep.Length;
        keep = Ranking.Clip(keep, n);
        int anchors = (int)Math.Round(keep * alpha / 5, MidpointRounding.ToEven);
        var chosen = new HashSet<int>();
        foreach (int anchor in Ranking.Descending(shallow)[..Math.Min(anchors, n)])
            Add(anchor, anchor - 1, anchor + 1, anchor - gridWidth, anchor + gridWidth);
        Add(Ranking.Descending(deep));
        return [.. chosen.Order()];

        void Add(params ReadOnlySpan<int> slots)
        {
            foreach (int slot in slots)
            {
                if (chosen.Count < keep)
                    chosen.Add(Math.Clamp(slot, 0, n - 1));
            }
        }
    }
}
