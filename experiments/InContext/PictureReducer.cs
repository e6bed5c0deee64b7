using Aim.Fusion;
using Aim.Models;
using Aim.Reduction;

namespace Aim.Experiments.InContext;

/// <summary>
/// The first paper's method on the pictures that stand in a prompt as pictures: the query's, and of raw demonstrations theirs
/// too. Fused tokens are text, so that merging never sees them and pruning never takes them.
/// </summary>
internal sealed class PictureReducer
{
    private readonly MultimodalModel _model;
    private readonly ReductionMethod _method;

    /// <exception cref="ArgumentException">A setting is none, or does not fit the model.</exception>
    public PictureReducer(MultimodalModel model, PictureReduction reduction)
    {
        _model = model;
        var settings = new Dictionary<string, string> { ["retention"] = reduction.Merge, ["schedule"] = reduction.Prune };
        _method = Methods.Create("aim", settings, HostTraits.Of(model.Config, video: false));
    }

    /// <summary>A picture's tokens as merging leaves them.</summary>
    public FusionPart See(RgbImage picture)
    {
        using var scope = NewDisposeScope();
        using var visual = _model.Pictures([picture])[0];
        var tokens = PromptReduction.Merge(PromptReduction.See(visual, _method), _method, "").Tokens;
        tokens.Tokens.MoveToOuterDisposeScope();
        return new FusionPart.Visual(tokens.Tokens, tokens.Positions);
    }

    /// <summary>What prunes a batch of prompts; null: nothing does.</summary>
    public ITokenPruner? Pruner(int prompts) => _method.Pruner([.. Enumerable.Repeat("", prompts)]);
}
