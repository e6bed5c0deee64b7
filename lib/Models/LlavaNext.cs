namespace Aim.Models;

/// <summary>
/// LLaVA-NeXT (LLaVA-1.6, <c>model_type: llava_next</c>): a CLIP tower sees each picture whole and in tiles of its best
/// resolution; the tiles' grid is unpadded and gets a newline token after each row; a Vicuna or Mistral decoder. A prompt may
/// hold several pictures, each of them tiled, as upstream has it. There are no videos: upstream knows no placeholder for one
/// either, so frames are given as pictures.
/// </summary>
public sealed class LlavaNext : LlavaFamily
{
    private readonly Lazy<LlavaNextImageProcessor> _imageProcessor;

    internal LlavaNext(LlavaNextConfig config, WeightStore weights, string? weightsPath, WeightResidency products)
        : base(config, weights, weightsPath, products)
    {
        Config = config;
        _imageProcessor = new(() => LlavaNextImageProcessor.Load(SourceDirectory, config));
    }

    /// <inheritdoc/>
    public override LlavaNextConfig Config { get; }

    /// <summary>Loads a checkpoint directory of this family.</summary>
    /// <inheritdoc cref="MultimodalModel.Load(string, bool, WeightResidency)"/>
    public static new LlavaNext Load(
        string directory, bool trainable = false, WeightResidency products = WeightResidency.Packed)
    {
        CheckDirectory(directory);
        return (LlavaNext)Load(LlavaNextConfig.Load(directory), directory, trainable, products);
    }

    /// <inheritdoc cref="MultimodalModel.Create"/>
    public static LlavaNext Create(LlavaNextConfig config, ulong seed, bool trainable)
        => (LlavaNext)MultimodalModel.Create(config, seed, trainable);

    /// <inheritdoc/>
    public override IReadOnlyList<PreparedImage> Prepare(IReadOnlyList<RgbImage> pictures)
        => _imageProcessor.Value.Prepare(pictures);
}
