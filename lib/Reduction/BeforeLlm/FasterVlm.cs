namespace Aim.Reduction;

/// <summary>
/// FasterVLM: the patches to which the tower's class token attends most.
/// <list type="bullet">
/// <item>Acts before the language model, on the tower's output.</item>
/// <item>Needs the attention of the class token in the tower's second last layer, averaged over heads (<see
/// cref="VisualAttention.OfClassToken"/>); adapted for towers without one: <see cref="VisualAttention.OfAllQueries"/>. Features
/// are not looked at.</item>
/// <item>Keeps exactly the number asked for, in raster order. Upstream has no default number: its scripts take it.</item>
/// <item>Source: Theia-4869/FasterVLM, llava_arch.py, encode_images.</item>
/// </list>
/// </summary>
public static class FasterVlm
{
    /// <summary>The patches to keep, ascending; equals are decided by the lower index.</summary>
    /// <param name="attention">One score a patch.</param>
    /// <param name="keep">How many; more than there are means all.</param>
    public static int[] Select(ReadOnlySpan<float> attention, int keep)
    {
        int[] chosen = Ranking.Descending(attention)[..Ranking.Clip(keep, attention.Length)];
        Array.Sort(chosen);
        return chosen;
    }
}
