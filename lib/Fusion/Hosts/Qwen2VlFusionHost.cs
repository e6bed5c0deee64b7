using Aim.Models;

namespace Aim.Fusion;

/// <summary>
/// Qwen2-VL: a picture's tokens stand in time, height and width; fused tokens count up on all three, as text does.
/// </summary>
internal sealed class Qwen2VlFusionHost(Qwen2Vl model, IReadOnlyList<int> opening) : MultimodalFusionHost(model, opening)
{
    private protected override (Tensor Tokens, VisualPositions? Positions) Tokens(RgbImage image)
    {
        var tokens = model.Tokens(model.PreparePicture(image));
        return (tokens.Tokens, tokens.Positions);
    }

    private protected override Tensor Features(RgbImage image) => model.Features(model.PreparePicture(image));

    private protected override IReadOnlyList<int[]>? PositionsOf(IReadOnlyList<bool> isVisual,
        IReadOnlyList<VisualPositions> visuals)
        => VisualPositions.OfPrompt(isVisual, visuals);
}
