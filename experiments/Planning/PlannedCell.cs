using Aim.Cost;
using Aim.Reduction;

namespace Aim.Experiments.Planning;

/// <summary>
/// A cell with everything settled that depends on the model: layers, tokens kept, the knob that reaches its target.
/// </summary>
/// <param name="Cell">What the definition asks for.</param>
/// <param name="Id">Its name in the definition.</param>
/// <param name="Set">Its questions.</param>
/// <param name="Method">The method, ready to run.</param>
/// <param name="Schedule">The layers between which tokens are pruned; for a cell with a target, of the cell to match. Null:
/// nothing
/// is pruned.</param>
/// <param name="Settings">All that the answers depend on beside model, data and program: equal settings share answers.</param>
/// <param name="Target">Mean executed FLOPs to match; null where the settings are given.</param>
internal sealed record PlannedCell(
    Cell Cell, string Id, TestSet Set, ReductionMethod Method, PruneSchedule? Schedule, string Settings, double? Target)
{
    public Geometry Geometry => Set.Geometry;

    /// <summary>
    /// Chooses the method of every sample where the cell has a budget; <see cref="Method"/> is then the best fixed one.
    /// </summary>
    public BudgetController? Controller { get; init; }

    /// <summary>The cell as it is for a sample whose prompt has this many text tokens.</summary>
    public PlannedCell For(int text) => Controller is null ? this : this with { Method = MethodOf(text) };

    /// <summary>Tokens that every layer computes for a prompt with this many text tokens.</summary>
    public int[] Tokens(int text) => MethodOf(text).TokenCounts(Geometry.Prompt(text));

    /// <summary>The same as the paper's cost script prices it: pruning takes effect a layer early.</summary>
    public int[] PricedTokens(int text)
    {
        int[] tokens = Tokens(text);
        return Schedule is null || Target is not null || Cell.Budget is not null || !MethodBook.PrunesAsAim(Cell.Method)
            ? tokens
            : TokenSchedule.AimAsScript(Geometry.Shape.Layers, tokens[0] - text, text, Schedule.L1, Schedule.L2);
    }

    /// <summary>FLOPs that the matrix-multiply and attention kernels execute in one prefill.</summary>
    public long Executed(int text) => Geometry.Executed(MethodOf(text), text);

    /// <summary>Mean over the cell's samples of something that depends on the text's length.</summary>
    public double Mean(Func<int, double> value) => Set.Mean(Cell.Samples, value);

    /// <summary>The prompts of the cell's samples.</summary>
    public IReadOnlyList<PromptShape> Prompts => [.. Set.Text.Take(Cell.Samples).Select(Geometry.Prompt)];

    private ReductionMethod MethodOf(int text) => Controller?.MethodOf(Geometry.Prompt(text)) ?? Method;
}

/// <summary>The sizes that token counts and costs follow from.</summary>
/// <param name="Shape">The language model.</param>
/// <param name="Frames">Frames of a clip, or views of a picture.</param>
/// <param name="TokensPerFrame">Visual tokens of each before merging.</param>
/// <param name="ExtraVisual">Visual tokens beside those: image_newline, once for a clip, once a row for a picture.</param>
internal sealed record Geometry(ModelShape Shape, int Frames, int TokensPerFrame, int ExtraVisual = 1)
{
    /// <summary>The lengths of a prompt with this many text tokens.</summary>
    public PromptShape Prompt(int text) => new(Frames, TokensPerFrame, ExtraVisual, text, Shape.Layers);

    /// <summary>FLOPs that a method's matrix products and attention execute in one prefill.</summary>
    public long Executed(ReductionMethod method, int text) =>
        CostModel.MatmulFlops(Shape, method.TokenCounts(Prompt(text)), causal: true);
}
