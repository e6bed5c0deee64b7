namespace Aim.Models;

/// <summary>
/// Which slots of one sample's prompt are visual, before any padding. Visual slots may be pruned inside the decoder, text slots
/// never are. A slot's index here is its identity for the whole run: keep sets and removed tokens are given as such slots.
/// </summary>
public sealed record PromptLayout
{
    /// <summary>Makes a layout from one flag per slot.</summary>
    /// <exception cref="ArgumentException">The prompt is empty.</exception>
    public PromptLayout(bool[] isVisual)
    {
        ArgumentNullException.ThrowIfNull(isVisual);
        if (isVisual.Length == 0)
            throw new ArgumentException("a prompt needs at least one token", nameof(isVisual));
        IsVisual = isVisual;
        VisualSlots = [.. Enumerable.Range(0, isVisual.Length).Where(i => isVisual[i])];
    }

    /// <summary>True where the slot holds a visual token (for LLaVA-OneVision the image_newline included).</summary>
    public bool[] IsVisual { get; }

    /// <summary>
    /// How many tokens each slot counts as in attention: log(size) is added to the scores of its key (ToMe's proportional
    /// attention). Null: one each.
    /// </summary>
    /// <exception cref="ArgumentException">Not one size of 1 or more for every slot.</exception>
    public IReadOnlyList<int>? Sizes
    {
        get;
        init => field = value is null || (value.Count == Length && value.All(s => s >= 1))
            ? value
            : throw new ArgumentException($"a prompt of {Length} tokens needs as many sizes of 1 or more", nameof(value));
    }

    /// <summary>
    /// Rotary positions of the slots: one row for each axis that a token has a position on (M-RoPE: time, height, width).
    /// Null: they count from 0.
    /// </summary>
    /// <exception cref="ArgumentException">A row has not one position for every slot.</exception>
    public IReadOnlyList<int[]>? Positions
    {
        get;
        init => field = value is null || value.All(row => row.Length == Length)
            ? value
            : throw new ArgumentException($"a prompt of {Length} tokens needs as many positions on every axis", nameof(value));
    }

    /// <summary>Tokens of the prompt, N in the papers.</summary>
    public int Length => IsVisual.Length;

    /// <summary>The visual slots, ascending.</summary>
    public IReadOnlyList<int> VisualSlots { get; }

    /// <summary>Number of visual tokens that enter layer 0.</summary>
    public int Visual => VisualSlots.Count;

    /// <summary>Number of text tokens.</summary>
    public int Text => Length - Visual;

    /// <summary>A prompt of text alone.</summary>
    public static PromptLayout AllText(int length) => new(new bool[length]);

    /// <summary>A prompt whose slots <paramref name="first"/> .. <paramref name="last"/> - 1 are visual.</summary>
    public static PromptLayout Span(int first, int last, int length)
    {
        if (first < 0 || last < first || length < last)
            throw new ArgumentException($"visual slots {first}..{last} do not lie within a prompt of {length} tokens");
        var visual = new bool[length];
        Array.Fill(visual, true, first, last - first);
        return new PromptLayout(visual);
    }
}
