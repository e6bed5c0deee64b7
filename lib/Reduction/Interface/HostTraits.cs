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

    /// <summary>
    /// Whether tokens have positions in time, height and width (M-RoPE, Qwen2-VL), and pictures any shape, so that a sample
    /// brings its grid (<see cref="PromptShape.Grid"/>, <see cref="MergeInput.Grid"/>) and whatever merging leaves needs a place
    /// in one.
    /// </summary>
    public bool HasGridPositions { get; init; }

    /// <summary>
    /// Whether a picture is tiles, whose grid gets newlines (LLaVA-NeXT, LLaVA-OneVision's pictures): its whole and its grid are
    /// reduced each on its own, and the newlines are spread over what is left of the grid's rows. No upstream does that.
    /// </summary>
    public bool CutsPictures { get; init; }

    /// <summary>
    /// Whether AIM merges before the projector, by the keys of the tower's next layer (LLaVA-1.5, as its authors run it).
    /// </summary>
    public bool MergesBeforeProjector { get; init; }

    // What is not as upstream where tokens of a grid are chosen or mixed before the decoder, or counted anew inside; empty
    // elsewhere.
    internal string Placed => HasGridPositions ? "each token keeps the position of what it is mostly made of" : Cut;

    internal string Cut
        => CutsPictures
            ? "a picture's whole and the grid of its tiles are reduced each on its own, newlines spread over the rest" : "";

    internal string Renumbered
        => HasGridPositions ? "survivors are numbered anew on all three axes alike, so that the picture's grid is lost" : "";

    /// <summary>The traits of a checkpoint.</summary>
    /// <param name="config">Its configuration.</param>
    /// <param name="video">
    /// Whether it is given videos, whose frames LLaVA-OneVision pools; else single pictures, which it does not. Qwen2-VL's merger
    /// pools both.
    /// </param>
    /// <param name="pictures">Whether it is given pictures beside a video.</param>
    public static HostTraits Of(MultimodalConfig config, bool video = true, bool pictures = false)
    {
        ArgumentNullException.ThrowIfNull(config);
        var llava = config as LlavaFamilyConfig;
        var qwen = config as Qwen2VlConfig;
        return new HostTraits
        {
            ModelType = config.ModelType,
            Layers = config.Text.NumHiddenLayers,
            TowerLayersUsed = llava?.VisionLayersUsed ?? qwen?.Vision.Depth ?? 0,
            HasClassToken = llava?.Vision.HasClass ?? false,
            PoolsTokens = qwen is not null || (video && config is LlavaOnevisionConfig),
            HasGridPositions = qwen is not null,
            CutsPictures = config is TiledConfig && (pictures || !(video && config is LlavaOnevisionConfig)),
            MergesBeforeProjector = config is LlavaConfig,
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
    /// <summary>How the frames' tokens lie, of a host whose pictures have any shape (Qwen2-VL); null: nobody asks.</summary>
    public VisionGrid? Grid { get; init; }

    /// <summary>Visual tokens before any reduction.</summary>
    public int Visual => Frames * TokensPerFrame + ExtraVisual;
}
