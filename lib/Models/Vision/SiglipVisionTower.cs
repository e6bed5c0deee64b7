namespace Aim.Models;

/// <summary>
/// SigLIP's vision transformer as LLaVA-OneVision uses it: patch embedding, learned positions, pre-norm layers with gelu (tanh). The final
/// LayerNorm is not applied: the projector takes a layer's output as it is.
/// </summary>
public sealed class SiglipVisionTower
{
    private readonly VisionConfig _config;
    private readonly Weight _patches;
    private readonly Tensor _patchBias;
    private readonly Tensor _positions;
    private readonly SiglipLayer[] _layers;

    /// <summary>Wires the tower to its weights, which stay the store's.</summary>
    /// <param name="config">The tower's shape.</param>
    /// <param name="weights">Weights under Hugging Face's names.</param>
    /// <param name="prefix">What stands before <c>embeddings.</c> and <c>encoder.</c></param>
    public SiglipVisionTower(VisionConfig config, WeightStore weights, string prefix)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        _config = config;
        _patches = weights[prefix + "embeddings.patch_embedding.weight"];
        _patchBias = weights.Get(prefix + "embeddings.patch_embedding.bias");
        _positions = weights.Get(prefix + "embeddings.position_embedding.weight");
        _layers = [.. Enumerable.Range(0, config.NumHiddenLayers).Select(i => new SiglipLayer(config, weights, $"{prefix}encoder.layers.{i}."))];
    }

    /// <summary>The input of the first layer.</summary>
    /// <param name="pixelValues">Normalised pictures <c>[frames, channels, height, width]</c> of the configured size.</param>
    /// <returns><c>[frames, patches, dim]</c>, patches row by row.</returns>
    /// <exception cref="ArgumentException">The pictures have another size.</exception>
    public Tensor Embed(Tensor pixelValues)
    {
        ArgumentNullException.ThrowIfNull(pixelValues);
        int side = _config.GridSide, patch = _config.PatchSize, channels = _config.NumChannels, size = _config.ImageSize;
        if (pixelValues.shape is not [var frames, var c, var h, var w] || c != channels || h != size || w != size)
        {
            throw new ArgumentException(
                $"pictures [{string.Join(", ", pixelValues.shape)}] do not fit the tower: [frames, {channels}, {size}, {size}] is expected",
                nameof(pixelValues));
        }

        // A convolution whose stride is its kernel is a matrix product over patches; pixels beyond the last whole patch are dropped.
        var whole = side * patch == size ? pixelValues : pixelValues.narrow(2, 0, side * patch).narrow(3, 0, side * patch);
        var rows = whole.reshape(frames, channels, side, patch, side, patch)
            .permute(0, 2, 4, 1, 3, 5)
            .reshape(frames, (long)side * side, (long)channels * patch * patch);
        return FusedOps.linear(rows, _patches, _patchBias) + _positions;
    }

    /// <summary>The residual stream after the first <paramref name="layers"/> layers.</summary>
    /// <param name="pixelValues">Normalised pictures <c>[frames, channels, height, width]</c>.</param>
    /// <param name="layers">How many layers run, from 0 to all.</param>
    /// <returns><c>[frames, patches, dim]</c>.</returns>
    public Tensor Forward(Tensor pixelValues, int layers)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layers);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(layers, _layers.Length);
        using var scope = NewDisposeScope();
        var hidden = Embed(pixelValues);
        for (int i = 0; i < layers; i++)
        {
            using var layerScope = NewDisposeScope();
            var input = hidden;
            hidden = _layers[i].Forward(input).MoveToOuterDisposeScope();
            if (!hidden.requires_grad)
                input.Dispose();
        }

        return hidden.MoveToOuterDisposeScope();
    }
}
