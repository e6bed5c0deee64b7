using Aim.Models;

namespace Aim.Reduction;

/// <summary>
/// Turns a sample's visual tokens into fewer before they enter the language model. How many it leaves follows from lengths
/// alone, for the whole video: frames may end with different counts, and tokens of several frames may become one.
/// </summary>
public interface ITokenMerger
{
    /// <summary>Visual tokens that <paramref name="frames"/> x <paramref name="tokensPerFrame"/> are left with.</summary>
    /// <exception cref="ArgumentException">The method cannot work on this many.</exception>
    int Kept(int frames, int tokensPerFrame);

    /// <summary>Reduces a sample's tokens to exactly <see cref="Kept"/>.</summary>
    MergedTokens Merge(MergeInput input);
}

/// <summary>What a method before the language model may look at.</summary>
public sealed record MergeInput
{
    /// <summary>
    /// Visual tokens <c>[frames, tokens, dim]</c> after projector and pooling; a method leaves them as they are.
    /// </summary>
    public required Tensor Features { get; init; }

    /// <summary>Names the sample; part of the random methods' seed.</summary>
    public required string SampleId { get; init; }

    /// <summary>
    /// What the vision tower computed on the way, on demand; null where nobody can ask a tower. Its maps are pooled like the
    /// features, see
    /// <see cref="ITowerSignals"/>.
    /// </summary>
    public ITowerSignals? Tower { get; init; }

    /// <summary>The decoder's embeddings of the prompt's text tokens <c>[text, dim]</c>; null where there is no prompt.</summary>
    public Tensor? Text { get; init; }

    /// <summary>Frames (or the views of a picture).</summary>
    public int Frames => (int)Features.shape[0];

    /// <summary>Tokens of each.</summary>
    public int Tokens => (int)Features.shape[1];

    /// <summary>Side of a frame's token grid, whose rows follow each other.</summary>
    /// <exception cref="ArgumentException">The tokens do not form a square.</exception>
    public int GridSide => SideOf(Tokens);

    internal static int SideOf(int tokens)
    {
        int side = (int)Math.Round(Math.Sqrt(tokens));
        return side * side == tokens
            ? side
            : throw new ArgumentException($"a square grid of tokens is needed; {tokens} is no square");
    }
}

/// <summary>The visual tokens that enter the decoder and where each came from.</summary>
/// <param name="Tokens"><c>[v, dim]</c>, in the order in which the decoder reads them.</param>
/// <param name="Origin">For each of the v tokens the input tokens (frame * tokens + slot) it was made of, with weights.</param>
public sealed record MergedTokens(Tensor Tokens, Provenance Origin)
{
    /// <summary>Some of the tokens as they are.</summary>
    /// <param name="input">What they are chosen from.</param>
    /// <param name="chosen">Their places, frame * tokens + slot, in the order in which they are to go on.</param>
    public static MergedTokens Chosen(MergeInput input, IReadOnlyList<int> chosen)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var scope = NewDisposeScope();
        var at = tensor(chosen.Select(i => (long)i).ToArray()).to(input.Features.device);
        var tokens = input.Features.reshape((long)input.Frames * input.Tokens, input.Features.shape[2]).index_select(0, at);
        return new MergedTokens(tokens.MoveToOuterDisposeScope(), Provenance.OfChoice(input.Frames * input.Tokens, chosen));
    }
}
