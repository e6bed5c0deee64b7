using Aim.Models;

namespace Aim.Reduction;

/// <summary>What a model offers to reduction methods, known from its configuration.</summary>
public sealed record HostTraits
{
    /// <summary>Hugging Face's <c>model_type</c>, say <c>llava_onevision</c>.</summary>
    public required string ModelType { get; init; }

    /// <summary>Layers of the decoder.</summary>
    public required int Layers { get; init; }

    /// <summary>Layers of the vision tower that run for the features.</summary>
    public required int TowerLayersUsed { get; init; }

    /// <summary>
    /// Whether the tower has a class token, whose attention says what matters in a picture (CLIP has, SigLIP has not).
    /// </summary>
    public required bool HasClassToken { get; init; }

    /// <summary>Whether tokens are pooled between tower and decoder, so that the tower's patches must keep their grid.</summary>
    public required bool PoolsTokens { get; init; }

    /// <summary>The traits of a checkpoint.</summary>
    /// <param name="config">Its configuration.</param>
    /// <param name="video">
    /// Whether it is given videos, whose frames LLaVA-OneVision pools; else single pictures, which it does not.
    /// </param>
    public static HostTraits Of(MultimodalConfig config, bool video = true)
    {
        ArgumentNullException.ThrowIfNull(config);
        return new HostTraits
        {
            ModelType = config.ModelType,
            Layers = config.Text.NumHiddenLayers,
            TowerLayersUsed = config.VisionLayersUsed,
            HasClassToken = config.Vision.HasClass,
            PoolsTokens = video && config is LlavaOnevisionConfig,
        };
    }
}

/// <summary>The lengths that token counts follow from.</summary>
/// <param name="Frames">Frames of the video (views of a picture).</param>
/// <param name="TokensPerFrame">Tokens that a frame brings to the merger.</param>
/// <param name="ExtraVisual">Visual tokens beside the frames' (LLaVA-OneVision: image_newline, once).</param>
/// <param name="Text">Text tokens of the prompt.</param>
/// <param name="Layers">Layers of the decoder.</param>
public readonly record struct PromptShape(int Frames, int TokensPerFrame, int ExtraVisual, int Text, int Layers)
{
    /// <summary>Visual tokens before any reduction.</summary>
    public int Visual => Frames * TokensPerFrame + ExtraVisual;
}
