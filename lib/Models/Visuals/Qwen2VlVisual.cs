namespace Aim.Models;

/// <summary>A picture or video of Qwen2-VL: one view, whose frames are a video's pairs of frames; no newlines.</summary>
internal sealed class Qwen2VlVisual : PromptVisual
{
    private readonly Qwen2Vl _model;
    private readonly PatchedVisual _visual;
    private readonly Qwen2VlSignals _signals;

    /// <param name="model">Whose tower sees it.</param>
    /// <param name="visual">Its patches, which become this object's.</param>
    /// <param name="isVideo">Whether it stands in a video's placeholder.</param>
    public Qwen2VlVisual(Qwen2Vl model, PatchedVisual visual, bool isVideo)
    {
        (_model, _visual, IsVideo) = (model, visual, isVideo);
        visual.Patches.DetachFromDisposeScope();
        _signals = new Qwen2VlSignals(model, () => visual);
    }

    public override bool IsVideo { get; }

    public override bool HasPositions => true;

    public override IReadOnlyList<VisionGrid> Views => [_model.TokenGrid(_visual.Grid)];

    public override VisionGrid Patches => _visual.Grid;

    public override int Newlines => 0;

    public override IReadOnlyList<Tensor> Features(ITowerMerger? merger = null, CancellationToken cancel = default)
        => merger is null ? [_model.Features(_visual, cancel)]
        : throw new NotSupportedException("what a tower has merged forms no squares of patches that could become tokens");

    public override ITowerSignals Signals(int view) => _signals;

    public override int[] Order(IReadOnlyList<int> left) => [.. Enumerable.Range(0, left.Sum())];

    public override void Dispose()
    {
        _signals.Dispose();
        _visual.Patches.Dispose();
    }
}
