namespace Aim.Models;

/// <summary>
/// LLaVA-1.5's form (<c>model_type: llava</c>): a CLIP or SigLIP tower, a projector of one or two layers, a Llama or Qwen2
/// decoder. A picture becomes one token for each of the tower's features, without newlines; a prompt may hold several.
/// </summary>
public sealed class Llava : LlavaFamily
{
    private readonly Lazy<LlavaImageProcessor> _imageProcessor;

    internal Llava(LlavaConfig config, WeightStore weights, string? weightsPath, WeightResidency products)
        : base(config, weights, weightsPath, products)
    {
        Config = config;
        _imageProcessor = new(() => LlavaImageProcessor.Load(SourceDirectory, config));
    }

    /// <inheritdoc/>
    public override LlavaConfig Config { get; }

    /// <summary>Loads a checkpoint directory of this family.</summary>
    /// <inheritdoc cref="MultimodalModel.Load(string, bool, WeightResidency)"/>
    public static new Llava Load(string directory, bool trainable = false, WeightResidency products = WeightResidency.Packed)
    {
        CheckDirectory(directory);
        return (Llava)Load(LlavaConfig.Load(directory), directory, trainable, products);
    }

    /// <inheritdoc cref="MultimodalModel.Create"/>
    public static Llava Create(LlavaConfig config, ulong seed, bool trainable)
        => (Llava)MultimodalModel.Create(config, seed, trainable);

    /// <inheritdoc/>
    public override IReadOnlyList<PreparedImage> Prepare(IReadOnlyList<RgbImage> pictures)
        => _imageProcessor.Value.Prepare(pictures);
}
