namespace Aim.Cost;

/// <summary>FLOPs of the method itself (the paper's Table 7).</summary>
public static class Overhead
{
    /// <summary>
    /// Merging: 2 (N/2)^2 D for the similarities and 4 N D for normalising and averaging, summed over iterations.
    /// </summary>
    /// <param name="tokens">Tokens in one set before each iteration: all frames' as the paper prices it, one frame's as the
    /// method runs.</param>
    /// <param name="width">D, the width of the features that are compared.</param>
    /// <param name="sets">Sets that are merged each on its own (frames).</param>
    public static double Merging(IReadOnlyList<int> tokens, int width, int sets = 1) =>
        sets * tokens.Sum(n => 2 * Math.Pow(n / 2d, 2) * width + 4d * n * width);

    /// <summary>
    /// Page Rank importance: 16 H n^2 + 2 H n + n per ranked layer (sharpened softmax, five products, the mean over heads).
    /// </summary>
    /// <param name="heads">Query heads, H.</param>
    /// <param name="tokens">Tokens of each ranked layer.</param>
    public static double Pruning(int heads, IReadOnlyList<int> tokens) =>
        tokens.Sum(n => 16d * heads * n * n + 2d * heads * n + n);

    /// <summary>
    /// The layers that the paper's Table 7 charges for ranking: the unpruned count once, then one for every layer with 0 &lt;
    /// rate &lt; 1, rate = 1 - k / steps. (The reference ranks at every layer; a removing implementation, from l1 to l2 - 1.)
    /// </summary>
    public static int[] RankedTokens(int visual, int text, int steps) =>
        Enumerable.Range(0, steps).Select(k => (int)((long)visual * (steps - k) / steps) + text).ToArray();
}
