namespace Aim.Models;

/// <summary>
/// A picture of a LLaVA family: one view of all the tower's features, or, where it is cut into tiles, the whole and the tiles'
/// grid. Newlines stand behind a grid's rows; when a method takes tokens away they are spread evenly over those that are left.
/// </summary>
internal sealed class LlavaPicture : PromptVisual
{
    private readonly LlavaFamily _model;
    private readonly PreparedImage _picture;
    private readonly TowerSignals _signals;

    /// <param name="model">Whose tower sees it.</param>
    /// <param name="picture">Its tiles, which become this object's.</param>
    public LlavaPicture(LlavaFamily model, PreparedImage picture)
    {
        (_model, _picture) = (model, picture);
        picture.PixelValues.DetachFromDisposeScope();
        _signals = new TowerSignals(model, () => picture.PixelValues, poolsFrames: false);
    }

    public override IReadOnlyList<VisionGrid> Views => _picture.Layout.Views;

    public override VisionGrid Patches => _model.Config.PatchesOf(_picture.Layout.Tiles);

    public override int Newlines => _picture.Layout.Newlines;

    private protected override Tensor? Newline => _model.Newline;

    public override IReadOnlyList<Tensor> Features(ITowerMerger? merger = null, CancellationToken cancel = default)
    {
        if (merger is not null && Views.Count > 1)
            throw new NotSupportedException("what a tower has merged of tiles forms no grid any more");
        using var scope = NewDisposeScope();
        var projected = _model.Project(_model.VisionFeatures(_picture.PixelValues, merger, cancel));
        return
        [
            .. Views.Select((_, i) => merger is null ? _picture.Layout.View(projected, i) : projected.alias())
                .Select(view => view.MoveToOuterDisposeScope()),
        ];
    }

    public override (Tensor Features, Tensor Keys) BeforeProjector()
    {
        if (Views.Count > 1 || Newlines > 0)
            return base.BeforeProjector();
        using var scope = NewDisposeScope();
        int used = _model.Config.VisionLayersUsed, layer = Math.Min(used, _model.Config.Vision.NumHiddenLayers - 1);
        var look = _model.Tower.Look(_picture.PixelValues, used, [layer]);
        var (features, keys) = (_model.Select(look.Features), _model.Select(look.Keys(layer)));
        return (features.MoveToOuterDisposeScope(), keys.MoveToOuterDisposeScope());
    }

    public override Tensor Project(Tensor merged) => _model.Project(merged);

    public override ITowerSignals Signals(int view)
        => Views.Count == 1 ? _signals : new ViewSignals(_signals, _picture.Layout, view);

    public override int[] Order(IReadOnlyList<int> left)
    {
        ArgumentNullException.ThrowIfNull(left);
        int whole = left.Count > 1 ? left[0] : left.Sum(), grid = left.Sum() - whole, at = whole;
        var order = new List<int>(Enumerable.Range(0, whole));
        for (int row = 1; row <= Newlines; row++)
        {
            // Behind as many equal parts of the grid as there are rows, which of a whole grid are its rows.
            for (; at < whole + (row * grid / Newlines); at++)
                order.Add(at);
            order.Add(-1);
        }

        return [.. order];
    }

    public override void Dispose()
    {
        _signals.Dispose();
        _picture.PixelValues.Dispose();
    }
}
