namespace Aim.Models;

/// <summary>
/// What the tower says of one view of a picture that is cut into tiles: queries and keys of the patches that the view shows, laid
/// together as one frame. The class token, where there is one, is that of the base tile, which sees the whole picture; upstream
/// has no rule for this.
/// </summary>
/// <param name="tiles">The signals of all tiles.</param>
/// <param name="layout">Which patches a view shows.</param>
/// <param name="view">The view.</param>
internal sealed class ViewSignals(ITowerSignals tiles, ImageLayout layout, int view) : ITowerSignals
{
    public int Layers => tiles.Layers;

    public int Heads => tiles.Heads;

    public bool HasClassToken => tiles.HasClassToken;

    public Tensor Queries(int layer) => Of(tiles.Queries(layer));

    public Tensor Keys(int layer) => Of(tiles.Keys(layer));

    public Tensor Pool(Tensor perPatch) => layout.Shrink(perPatch, view);

    // [tiles, slots, width] -> [1, the view's slots, width].
    private Tensor Of(Tensor all)
    {
        using var scope = NewDisposeScope();
        int single = HasClassToken ? 1 : 0;
        var patches = layout.PatchesOf(all.narrow(1, single, all.shape[1] - single), view);
        return (HasClassToken ? cat([all.narrow(0, 0, 1).narrow(1, 0, 1), patches], 1) : patches).MoveToOuterDisposeScope();
    }
}
