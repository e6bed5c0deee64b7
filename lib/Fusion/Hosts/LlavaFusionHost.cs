using Aim.Models;

namespace Aim.Fusion;

/// <summary>The LLaVA families: a picture's tokens stand in the sequence as words do.</summary>
internal sealed class LlavaFusionHost(LlavaFamily model, IReadOnlyList<int> opening) : MultimodalFusionHost(model, opening)
{
    private protected override (Tensor Tokens, VisualPositions? Positions) Tokens(RgbImage image)
        => (model.PictureTokens(model.Prepare([image]))[0], null);

    private protected override Tensor Features(RgbImage image) => model.VisionFeatures(model.Prepare([image])[0].PixelValues);

    private protected override IReadOnlyList<int[]>? PositionsOf(IReadOnlyList<bool> isVisual,
        IReadOnlyList<VisualPositions> visuals) => null;
}
