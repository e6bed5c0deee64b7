namespace Aim.Models;

/// <summary>
/// A tower's <see cref="ITowerSignals"/> for some pictures: runs the tower again, as far as is needed, when a layer is first
/// asked for. What it has found out stays until it is disposed. Several threads may ask.
/// </summary>
public sealed class TowerSignals : ITowerSignals, IDisposable
{
    private readonly VisionTower _tower;
    private readonly int _layersUsed;
    private readonly Func<Tensor> _pixels;
    private readonly bool _pools;
    private readonly Dictionary<int, (Tensor Query, Tensor Key)> _known = [];

    /// <summary>Makes the signals of a sample; nothing is computed yet.</summary>
    /// <param name="model">Whose tower is asked.</param>
    /// <param name="pixelValues">Makes the normalised pictures <c>[frames, channels, height, width]</c>.</param>
    /// <param name="poolsFrames">Whether tokens are pooled as a LLaVA-OneVision video's.</param>
    public TowerSignals(LlavaFamily model, Func<Tensor> pixelValues, bool poolsFrames)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(pixelValues);
        (_tower, _layersUsed, _pixels, _pools) = (model.Tower, model.Config.VisionLayersUsed, pixelValues, poolsFrames);
    }

    /// <inheritdoc/>
    public int Layers => _tower.Config.NumHiddenLayers;

    /// <inheritdoc/>
    public int Heads => _tower.Config.NumAttentionHeads;

    /// <inheritdoc/>
    public bool HasClassToken => _tower.Config.HasClass;

    /// <inheritdoc/>
    public Tensor Queries(int layer) => At(layer).Query;

    /// <inheritdoc/>
    public Tensor Keys(int layer) => At(layer).Key;

    /// <inheritdoc/>
    public Tensor Pool(Tensor perPatch) => _pools ? FramePooling.Pool(perPatch) : perPatch.alias();

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
        int index = layer < 0 ? Layers + layer : layer;
        lock (_known)
            return Known(index, layer);
    }

    private (Tensor Query, Tensor Key) Known(int index, int layer)
    {
        if (_known.TryGetValue(index, out var known))
            return known;
        if (index < 0 || index > Math.Min(_layersUsed, Layers - 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(layer), layer, $"a tower of {Layers} layers of which {_layersUsed} run has no such layer");
        }

        using var scope = NewDisposeScope();
        using var _ = no_grad();
        // Layers behind the one that is asked for need not run.
        var look = _tower.Look(_pixels(), Math.Min(index + 1, _layersUsed), [index]);
        known = (look.Queries(index).DetachFromDisposeScope(), look.Keys(index).DetachFromDisposeScope());
        return _known[index] = known;
    }
}
