using Aim.Models;

namespace Aim.Reduction;

/// <summary>What a model offers to reduction methods, known from its configuration.</summary>
public sealed record HostTraits
{
    /// <summary>Hugging Face's <c>model_type</c>, say <c>llava_onevision</c>.</summary>
    public required string ModelType { get; init; }

    /// <summary>Layers of the decoder.</summary>
    public required int Layers { get; init; }

    /// <summary>Layers of the vision tower that run.</summary>
    public required int TowerLayers { get; init; }

    /// <summary>Whether the tower has a class token, whose attention says what matters in a picture (CLIP has, SigLIP has not).</summary>
    public required bool HasClassToken { get; init; }

    /// <summary>Whether tokens are pooled between tower and decoder, so that the tower's patches must keep their grid.</summary>
    public required bool PoolsTokens { get; init; }

    /// <summary>The traits of a LLaVA-OneVision checkpoint that is given videos.</summary>
    public static HostTraits Of(LlavaOnevisionConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return new HostTraits
        {
            ModelType = "llava_onevision",
            Layers = config.Text.NumHiddenLayers,
            TowerLayers = config.VisionLayersUsed,
            HasClassToken = false,
            PoolsTokens = true,
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
