using Aim.Cost;
using Aim.Reduction;

namespace Aim.Experiments.Planning;

/// <summary>
/// A cell with everything settled that depends on the model: layers, tokens kept, the grid of a downsampled frame.
/// </summary>
/// <param name="Cell">What the definition asks for.</param>
/// <param name="Method">The method, ready to run.</param>
/// <param name="Schedule">The layers between which tokens are pruned; for <c>downsample</c>, of the target. Null: nothing is
/// pruned.</param>
/// <param name="Settings">All that the answers depend on beside model, data and program: equal settings share answers.</param>
/// <param name="Geometry">The model's and the clip's sizes.</param>
/// <param name="Target">For <c>downsample</c>: mean executed FLOPs of the cell to match.</param>
internal sealed record PlannedCell(
    Cell Cell, ReductionMethod Method, PruneSchedule? Schedule, string Settings, Geometry Geometry, double? Target)
{
    /// <summary>Tokens that every layer computes for a prompt with this many text tokens.</summary>
    public int[] Tokens(int text) =>
        Method.TokenCounts(Geometry.Prompt(text));

    /// <summary>The same as the paper's cost script prices it: pruning takes effect a layer early.</summary>
    public int[] PricedTokens(int text)
    {
        int[] tokens = Tokens(text);
        return Schedule is null || Target is not null
            ? tokens
            : TokenSchedule.AimAsScript(Geometry.Shape.Layers, tokens[0] - text, text, Schedule.L1, Schedule.L2);
    }

    /// <summary>FLOPs that the matrix-multiply and attention kernels execute in one prefill.</summary>
    public long Executed(int text) => Geometry.Executed(Method, text);
}

/// <summary>The sizes that token counts and costs follow from.</summary>
/// <param name="Shape">The language model.</param>
/// <param name="Frames">Frames of a clip.</param>
/// <param name="TokensPerFrame">Visual tokens of a frame before merging.</param>
/// <param name="ExtraVisual">Visual tokens beside the frames': image_newline, once.</param>
internal sealed record Geometry(ModelShape Shape, int Frames, int TokensPerFrame, int ExtraVisual = 1)
{
    /// <summary>The lengths of a prompt with this many text tokens.</summary>
    public PromptShape Prompt(int text) => new(Frames, TokensPerFrame, ExtraVisual, text, Shape.Layers);

    /// <summary>FLOPs that a method's matrix products and attention execute in one prefill.</summary>
    public long Executed(ReductionMethod method, int text) =>
        CostModel.MatmulFlops(Shape, method.TokenCounts(Prompt(text)), causal: true);
}
