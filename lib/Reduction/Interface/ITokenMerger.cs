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

    /// <summary>The same of a host whose pictures have any shape (Qwen2-VL), for methods that ask for it.</summary>
    int Kept(VisionGrid grid) => Kept(grid.Frames, grid.PerFrame);

    /// <summary>Reduces a sample's tokens to exactly as many as <c>Kept</c> says.</summary>
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

    /// <summary>
    /// What tokens are compared by instead of themselves, merged in lock-step: <c>[frames, tokens, any]</c>. Given where a method
    /// asks for it (<see cref="ReductionMethod.BeforeProjector"/>), with features that have not passed the projector yet.
    /// </summary>
    public Tensor? Metric { get; init; }

    /// <summary>Frames (or the views of a picture).</summary>
    public int Frames => (int)Features.shape[0];

    /// <summary>Tokens of each.</summary>
    public int Tokens => (int)Features.shape[1];

    /// <summary>How the tokens lie, of a host whose pictures have any shape (Qwen2-VL); null: each frame is a square.</summary>
    public VisionGrid? Grid { get; init; }

    /// <summary>How the tokens lie, whichever the host: frame after frame, row after row.</summary>
    /// <exception cref="ArgumentException">No grid is given, and the tokens do not form a square.</exception>
    public VisionGrid Cells => Grid ?? new VisionGrid(Frames, SideOf(Tokens), SideOf(Tokens));

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
    /// <summary>
    /// The grid whose cells the tokens fill in order, where the method makes one (or leaves the input's); null: none.
    /// </summary>
    public VisionGrid? Grid { get; init; }

    /// <summary>
    /// Where the tokens stand on a host with positions in time, height and width (Qwen2-VL): in the cells of <see cref="Grid"/>
    /// if there is one; else each where the input token stood that has most weight in it (of equals the first), and the text
    /// behind them where it stood.
    /// </summary>
    /// <param name="from">The input's grid.</param>
    public VisualPositions PositionsIn(VisionGrid from)
    {
        if (Grid is { } grid)
            return VisualPositions.Of(grid);
        return VisualPositions.Of(from).Select(MainInputs());
    }

    /// <summary>Of every token the input token that has most weight in it, of equals the first.</summary>
    public int[] MainInputs()
    {
        var cells = new int[Origin.Outputs];
        for (int i = 0; i < cells.Length; i++)
        {
            var (inputs, weights) = (Origin.From(i), Origin.Weights(i));

            // A row made of nothing (HoloV fills up with zeros) stands with the one before it.
            cells[i] = inputs.Count > 0
                ? inputs[Enumerable.Range(0, inputs.Count).MaxBy(j => weights[j])]
                : i > 0 ? cells[i - 1] : 0;
        }

        return cells;
    }

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
