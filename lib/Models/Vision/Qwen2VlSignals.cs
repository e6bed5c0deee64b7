namespace Aim.Models;

/// <summary>
/// What Qwen2-VL's vision transformer tells reduction methods about a picture or video: runs it again, as far as is needed, when
/// a
/// block is first asked for. Queries and keys are rotated, as its attention compares them; slots are patches in the merger's
/// order,
/// so that the four of a token follow each other. What it has found out stays until it is disposed. Several threads may ask.
/// </summary>
/// <param name="model">Whose tower is asked.</param>
/// <param name="visual">Makes the patches.</param>
public sealed class Qwen2VlSignals(Qwen2Vl model, Func<PatchedVisual> visual) : ITowerSignals, IDisposable
{
    private readonly Dictionary<int, (Tensor Query, Tensor Key)> _known = [];

    /// <inheritdoc/>
    public int Layers => model.Config.Vision.Depth;

    /// <inheritdoc/>
    public int Heads => model.Config.Vision.NumHeads;

    /// <inheritdoc/>
    public bool HasClassToken => false;

    /// <inheritdoc/>
    public Tensor Queries(int layer) => At(layer).Query;

    /// <inheritdoc/>
    public Tensor Keys(int layer) => At(layer).Key;

    /// <summary>The mean over the patches that the merger makes a token of.</summary>
    /// <inheritdoc/>
    public Tensor Pool(Tensor perPatch)
    {
        ArgumentNullException.ThrowIfNull(perPatch);
        int square = model.Config.Vision.SpatialMergeSize * model.Config.Vision.SpatialMergeSize;
        using var scope = NewDisposeScope();
        return perPatch.reshape(perPatch.shape[0], perPatch.shape[1] / square, square, perPatch.shape[2]).mean([2L])
            .MoveToOuterDisposeScope();
    }

    /// <summary>Frees what was kept.</summary>
    public void Dispose()
    {
        foreach (var (query, key) in _known.Values)
        {
            query.Dispose();
            key.Dispose();
        }

        _known.Clear();
    }

    private (Tensor Query, Tensor Key) At(int layer)
    {
        int block = layer < 0 ? Layers + layer : layer;
        if (block < 0 || block >= Layers)
        {
            throw new ArgumentOutOfRangeException(
                nameof(layer), layer, $"a vision transformer of {Layers} blocks has no such block");
        }

        lock (_known)
        {
            if (_known.TryGetValue(block, out var known))
                return known;
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            var (query, key) = model.Tower.Look(visual(), block);
            return _known[block] = (query.DetachFromDisposeScope(), key.DetachFromDisposeScope());
        }
    }
}
