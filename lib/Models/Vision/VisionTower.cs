namespace Aim.Models;

/// <summary>
/// A vision transformer as LLaVA uses it: patch embedding, learned positions, pre-norm layers. SigLIP's has gelu (tanh); CLIP's
/// has a class token in front, a LayerNorm before the first layer and quick_gelu. The final LayerNorm is not applied: the
/// projector takes a layer's output as it is.
/// </summary>
public sealed class VisionTower
{
    private readonly Weight _patches;
    private readonly Tensor? _patchBias, _class;
    private readonly Tensor _positions;
    private readonly (Tensor Weight, Tensor Bias)? _norm;
    private readonly VisionLayer[] _layers;

    /// <summary>Wires the tower to its weights, which stay the store's.</summary>
    /// <param name="config">The tower's shape.</param>
    /// <param name="weights">Weights under Hugging Face's names.</param>
    /// <param name="prefix">What stands before <c>embeddings.</c> and <c>encoder.</c></param>
    public VisionTower(VisionConfig config, WeightStore weights, string prefix)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        Config = config;
        _patches = weights[prefix + "embeddings.patch_embedding.weight"];
        _positions = weights.Get(prefix + "embeddings.position_embedding.weight");
        if (config.HasClass)
        {
            _class = weights.Get(prefix + "embeddings.class_embedding");
            _norm = (weights.Get(prefix + "pre_layrnorm.weight"), weights.Get(prefix + "pre_layrnorm.bias"));
        }
        else
        {
            _patchBias = weights.Get(prefix + "embeddings.patch_embedding.bias");
        }

        _layers =
        [
            .. Enumerable.Range(0, config.NumHiddenLayers)
                .Select(i => new VisionLayer(config, weights, $"{prefix}encoder.layers.{i}.")),
        ];
    }

    /// <summary>The tower's shape.</summary>
    public VisionConfig Config { get; }

    /// <summary>The input of the first layer.</summary>
    /// <param name="pixelValues">Normalised pictures <c>[frames, channels, height, width]</c> of the configured size.</param>
    /// <returns><c>[frames, tokens, dim]</c>: the class token if there is one, then the patches row by row.</returns>
    /// <exception cref="ArgumentException">The pictures have another size.</exception>
    public Tensor Embed(Tensor pixelValues)
    {
        ArgumentNullException.ThrowIfNull(pixelValues);
        int side = Config.GridSide, patch = Config.PatchSize, channels = Config.NumChannels, size = Config.ImageSize;
        if (pixelValues.shape is not [var frames, var c, var h, var w] || c != channels || h != size || w != size)
        {
            throw new ArgumentException(
                $"pictures [{string.Join(", ", pixelValues.shape)}] do not fit the tower: "
                + $"[frames, {channels}, {size}, {size}] is expected",
                nameof(pixelValues));
        }

        using var scope = NewDisposeScope();

        // A convolution whose stride is its kernel is a matrix product over patches; pixels beyond the last whole patch are
        // dropped.
        var whole = side * patch == size ? pixelValues : pixelValues.narrow(2, 0, side * patch).narrow(3, 0, side * patch);
        var rows = whole.reshape(frames, channels, side, patch, side, patch)
            .permute(0, 2, 4, 1, 3, 5)
            .reshape(frames, (long)side * side, (long)channels * patch * patch);
        var embedded = FusedOps.linear(rows, _patches, _patchBias);
        if (_class is not null)
            embedded = cat([_class.reshape(1, 1, -1).expand(frames, -1, -1), embedded], 1);
        embedded = embedded + _positions;
        if (_norm is { } norm)
            embedded = nn.functional.layer_norm(embedded, [Config.HiddenSize], norm.Weight, norm.Bias, Config.LayerNormEps);
        return embedded.MoveToOuterDisposeScope();
    }

    /// <summary>The residual stream after the first <paramref name="layers"/> layers.</summary>
    /// <param name="pixelValues">Normalised pictures <c>[frames, channels, height, width]</c>.</param>
    /// <param name="layers">How many layers run, from 0 to all.</param>
    /// <param name="merger">Merges tokens on the way; null: all stay.</param>
    /// <param name="cancel">Ends it before its next layer.</param>
    /// <returns><c>[frames, tokens, dim]</c>.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was raised.</exception>
    public Tensor Forward(Tensor pixelValues, int layers, ITowerMerger? merger = null, CancellationToken cancel = default)
        => Run(pixelValues, layers, null, merger, cancel);

    /// <summary>
    /// <see cref="Forward"/> with queries and keys of some layers kept, for methods that choose tokens by the tower's attention;
    /// its result has the same bits.
    /// </summary>
    /// <param name="pixelValues">Normalised pictures <c>[frames, channels, height, width]</c>.</param>
    /// <param name="layers">How many layers run for the features.</param>
    /// <param name="looked">
    /// Whose queries and keys are kept, counted from 0; at most <paramref name="layers"/>, whose projections see the features
    /// themselves.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">A layer does not exist or is not reached.</exception>
    public TowerLook Look(Tensor pixelValues, int layers, IReadOnlyCollection<int> looked)
    {
        ArgumentNullException.ThrowIfNull(looked);
        foreach (int layer in looked)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(layer, nameof(looked));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(layer, Math.Min(layers, _layers.Length - 1), nameof(looked));
        }

        using var scope = NewDisposeScope();
        var kept = new SortedDictionary<int, (Tensor Query, Tensor Key)>();
        void Keep(int layer, Tensor query, Tensor key)
        {
            if (looked.Contains(layer))
                kept[layer] = (query.MoveToOtherDisposeScope(scope), key.MoveToOtherDisposeScope(scope));
        }

        var features = Run(pixelValues, layers, Keep);
        if (looked.Contains(layers))
            kept[layers] = _layers[layers].Project(features);
        features.MoveToOuterDisposeScope();
        foreach (var (query, key) in kept.Values)
        {
            query.MoveToOuterDisposeScope();
            key.MoveToOuterDisposeScope();
        }

        return new TowerLook(Config, features, kept);
    }

    private Tensor Run(
        Tensor pixelValues, int layers, Action<int, Tensor, Tensor>? look, ITowerMerger? merger = null,
        CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layers);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(layers, _layers.Length);
        using var scope = NewDisposeScope();
        var hidden = Embed(pixelValues);
        for (int i = 0; i < layers; i++)
        {
            cancel.ThrowIfCancellationRequested();
            using var layerScope = NewDisposeScope();
            var input = hidden;
            int layer = i;
            Action<Tensor, Tensor>? inner = look is null ? null : (query, key) => look(layer, query, key);
            hidden = _layers[i].Forward(input, inner, merger, layer).MoveToOuterDisposeScope();
            if (!hidden.requires_grad)
                input.Dispose();
        }

        return hidden.MoveToOuterDisposeScope();
    }
}
