namespace Aim.Reduction;

/// <summary>
/// Control: evenly spaced slots of each frame, whatever is in them.
/// <list type="bullet">
/// <item>Acts before the language model, on each frame's tokens in raster order.</item>
/// <item>Needs nothing.</item>
/// <item>Keeps exactly k of n: the slots floor((i + 0.5) * n / k), the middles of k equal stretches.</item>
/// <item>A control of this project; there is no upstream.</item>
/// </list>
/// </summary>
public static class Uniform
{
    /// <summary>The slots to keep, ascending; more than there are means all.</summary>
    public static int[] Slots(int tokens, int keep)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tokens);
        int kept = Ranking.Clip(keep, tokens);
        // In whole numbers: (2 i + 1) n / (2 k), rounded down.
        return [.. Enumerable.Range(0, kept).Select(i => (int)((2L * i + 1) * tokens / (2L * kept)))];
    }
}
