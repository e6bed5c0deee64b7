using Aim.Models;

namespace Aim.Fusion;

/// <summary>One stretch of a decoder's input.</summary>
public abstract record FusionPart
{
    private FusionPart()
    {
    }

    /// <summary>Text, as token ids.</summary>
    /// <param name="Ids">At least none: an empty stretch has no slots.</param>
    public sealed record Text(IReadOnlyList<int> Ids) : FusionPart;

    /// <summary>A picture, in as many visual tokens as the host makes of it.</summary>
    /// <param name="Image">The picture.</param>
    public sealed record Picture(RgbImage Image) : FusionPart;

    /// <summary>A picture's visual tokens, made (merged, say) beforehand.</summary>
    /// <param name="Tokens"><c>[v, dim]</c>.</param>
    /// <param name="Positions">Where they stand, for a host whose tokens have positions in a grid; else null.</param>
    public sealed record Visual(Tensor Tokens, VisualPositions? Positions = null) : FusionPart;

    /// <summary>
    /// Fused virtual tokens: vectors that stand where a text's embeddings would. They count as text and are never pruned.
    /// </summary>
    /// <param name="Vectors"><c>[n, dim]</c>.</param>
    public sealed record Fused(Tensor Vectors) : FusionPart;
}

/// <summary>A sequence as the decoder reads it.</summary>
/// <param name="Embeds"><c>[n, dim]</c>.</param>
/// <param name="Layout">Which of the n slots are visual, and where they stand if not simply at 0 to n - 1.</param>
/// <param name="Spans">Of each part: the slots that it takes.</param>
public sealed record PackedSequence(Tensor Embeds, PromptLayout Layout, IReadOnlyList<Range> Spans)
{
    /// <summary>Slots of the sequence.</summary>
    public int Length => Layout.Length;
}
