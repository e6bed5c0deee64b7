namespace Aim.Models;

/// <summary>A video of LLaVA-OneVision: pooled frames, and one newline behind the last.</summary>
internal sealed class OnevisionVideo : PromptVisual
{
    // What the tower holds of more frames at once would exceed a 7B model's decoder in a small machine's memory.
    private const int FramesAtOnce = 32;

    private readonly LlavaOnevision _model;
    private readonly Tensor _pixels;
    private readonly TowerSignals _signals;

    /// <param name="model">Whose tower sees it.</param>
    /// <param name="pixels"><c>[frames, 3, height, width]</c>, which becomes this object's.</param>
    public OnevisionVideo(LlavaOnevision model, Tensor pixels)
    {
        (_model, _pixels) = (model, pixels.DetachFromDisposeScope());
        _signals = new TowerSignals(model, () => _pixels, poolsFrames: true);
    }

    public override bool IsVideo => true;

    public override IReadOnlyList<VisionGrid> Views
        => [new VisionGrid((int)_pixels.shape[0], _model.Config.PooledSide, _model.Config.PooledSide)];

    public override VisionGrid Patches => _model.Config.PatchesOf((int)_pixels.shape[0]);

    public override int Newlines => 1;

    private protected override Tensor? Newline => _model.ImageNewline;

    public override IReadOnlyList<Tensor> Features(ITowerMerger? merger = null, CancellationToken cancel = default)
    {
        if (merger is not null)
            throw new NotSupportedException("what a tower has merged of a frame forms no grid that could be pooled");
        using var scope = NewDisposeScope();
        var parts = new List<Tensor>();
        for (long first = 0; first < _pixels.shape[0]; first += FramesAtOnce)
        {
            long count = Math.Min(FramesAtOnce, _pixels.shape[0] - first);
            parts.Add(_model.VideoFeatures(_pixels.narrow(0, first, count), cancel));
        }

        return [(parts.Count == 1 ? parts[0] : cat(parts, 0)).MoveToOuterDisposeScope()];
    }

    public override ITowerSignals Signals(int view) => _signals;

    public override int[] Order(IReadOnlyList<int> left) => [.. Enumerable.Range(0, left.Sum()), -1];

    public override void Dispose()
    {
        _signals.Dispose();
        _pixels.Dispose();
    }
}
