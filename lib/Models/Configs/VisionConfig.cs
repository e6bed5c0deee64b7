using System.Text.Json.Nodes;

namespace Aim.Models;

/// <summary>
/// The shape of a vision tower: Hugging Face's <c>vision_config</c> of model types <c>siglip_vision_model</c> and
/// <c>clip_vision_model</c>, with the same defaults for what a file leaves out.
/// </summary>
public sealed record VisionConfig
{
    private const string Siglip = "siglip_vision_model", Clip = "clip_vision_model";

    // LLaVA-OneVision's tower (SigLIP so400m) and LLaVA-1.5's (CLIP ViT-L/14, 336 pixels), where a file has no vision_config.
    private static readonly VisionConfig s_so400m = new()
    {
        ImageSize = 384,
        PatchSize = 14,
        HiddenSize = 1152,
        IntermediateSize = 4304,
        NumHiddenLayers = 26,
        NumAttentionHeads = 16,
    };

    private static readonly VisionConfig s_clipLarge = new()
    {
        ModelType = Clip,
        ImageSize = 336,
        PatchSize = 14,
        HiddenSize = 1024,
        IntermediateSize = 4096,
        NumHiddenLayers = 24,
        NumAttentionHeads = 16,
        LayerNormEps = 1e-5,
    };

    /// <summary>Hugging Face's model type, <c>siglip_vision_model</c> or <c>clip_vision_model</c>.</summary>
    public string ModelType { get; init; } = Siglip;

    /// <summary>Side of the square picture, in pixels.</summary>
    public required int ImageSize { get; init; }

    /// <summary>Side of a square patch, in pixels; what is left over at the right and lower border is dropped.</summary>
    public required int PatchSize { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width of the MLP.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Number of encoder layers.</summary>
    public required int NumHiddenLayers { get; init; }

    /// <summary>Number of attention heads; it divides <see cref="HiddenSize"/>.</summary>
    public required int NumAttentionHeads { get; init; }

    /// <summary>Colour channels.</summary>
    public int NumChannels { get; init; } = 3;

    /// <summary>Epsilon of LayerNorm.</summary>
    public double LayerNormEps { get; init; } = 1e-6;

    /// <summary>Patches along one side.</summary>
    public int GridSide => ImageSize / PatchSize;

    /// <summary>Patches of one picture.</summary>
    public int Patches => GridSide * GridSide;

    /// <summary>
    /// Whether a class token stands before the patches (CLIP). Such a tower has no bias at its patches, a LayerNorm before its
    /// layers, and quick_gelu; one without (SigLIP) has gelu (tanh).
    /// </summary>
    public bool HasClass => ModelType == Clip;

    /// <summary>Rows of the tower's output: the patches, and before them the class token if there is one.</summary>
    public int Tokens => Patches + (HasClass ? 1 : 0);

    /// <summary>Reads <c>vision_config</c>; null stands for a file without one.</summary>
    /// <param name="vision">The section.</param>
    /// <param name="clip">
    /// Whether the family's own tower is CLIP (LLaVA-1.5), else SigLIP: what a file that does not say so means.
    /// </param>
    /// <exception cref="CheckpointException">A field has the wrong type or does not fit the others.</exception>
    public static VisionConfig Read(ConfigSection? vision, bool clip = false)
    {
        if (vision is not { } section)
            return clip ? s_clipLarge : s_so400m;
        string modelType = section.Text("model_type", clip ? Clip : Siglip, Siglip, Clip);
        clip = modelType == Clip;
        section.Text("hidden_act", ActivationOf(clip), ActivationOf(clip));
        if (section.Bool("vision_use_head", false))
            throw section.Error("vision_use_head", "a pooling head has no use here; it must be false");
        var config = new VisionConfig
        {
            ModelType = modelType,
            ImageSize = section.Int("image_size", 224, max: SizeLimits.Picture),
            PatchSize = section.Int("patch_size", clip ? 32 : 16, max: SizeLimits.Picture),
            HiddenSize = section.Int("hidden_size", 768, max: SizeLimits.Hidden),
            IntermediateSize = section.Int("intermediate_size", 3072, max: SizeLimits.Intermediate),
            NumHiddenLayers = section.Int("num_hidden_layers", 12, max: SizeLimits.Layers),
            NumAttentionHeads = section.Int("num_attention_heads", 12, max: SizeLimits.Heads),
            NumChannels = section.Int("num_channels", 3, max: SizeLimits.Channels),
            LayerNormEps = section.Positive("layer_norm_eps", clip ? 1e-5 : 1e-6),
        };
        if (config.HiddenSize % config.NumAttentionHeads != 0)
        {
            throw section.Error(
                "num_attention_heads",
                $"{config.NumAttentionHeads} heads do not divide hidden_size {config.HiddenSize}; give a divisor");
        }

        if (config.PatchSize > config.ImageSize)
            throw section.Error("patch_size", $"{config.PatchSize} exceeds image_size {config.ImageSize}");
        return config;
    }

    /// <summary>Puts the fields into a JSON object under Hugging Face's names.</summary>
    public void Write(JsonObject json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json["model_type"] = ModelType;
        json["hidden_act"] = ActivationOf(HasClass);
        json["image_size"] = ImageSize;
        json["patch_size"] = PatchSize;
        json["num_channels"] = NumChannels;
        json["hidden_size"] = HiddenSize;
        json["intermediate_size"] = IntermediateSize;
        json["num_hidden_layers"] = NumHiddenLayers;
        json["num_attention_heads"] = NumAttentionHeads;
        json["layer_norm_eps"] = LayerNormEps;
        if (!HasClass)
            json["vision_use_head"] = false;
    }

    private static string ActivationOf(bool clip) => clip ? "quick_gelu" : "gelu_pytorch_tanh";
}
