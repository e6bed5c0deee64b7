using System.Text.Json.Nodes;

namespace Aim.Models;

/// <summary>The shape of a SigLIP vision tower: Hugging Face's <c>vision_config</c> of model type <c>siglip_vision_model</c>.</summary>
public sealed record VisionConfig
{
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

    /// <summary>Reads <c>vision_config</c>; null stands for a file without one, for which LLaVA-OneVision's tower is the default.</summary>
    /// <exception cref="CheckpointException">A field has the wrong type or does not fit the others.</exception>
    public static VisionConfig Read(ConfigSection? vision)
    {
        if (vision is not { } section)
        {
            return new VisionConfig
            {
                ImageSize = 384,
                PatchSize = 14,
                HiddenSize = 1152,
                IntermediateSize = 4304,
                NumHiddenLayers = 26,
                NumAttentionHeads = 16,
            };
        }

        section.Text("model_type", "siglip_vision_model", "siglip_vision_model");
        section.Text("hidden_act", "gelu_pytorch_tanh", "gelu_pytorch_tanh");
        if (section.Bool("vision_use_head", false))
            throw section.Error("vision_use_head", "a pooling head has no use here; it must be false");
        var config = new VisionConfig
        {
            ImageSize = section.Int("image_size", 224),
            PatchSize = section.Int("patch_size", 16),
            HiddenSize = section.Int("hidden_size", 768),
            IntermediateSize = section.Int("intermediate_size", 3072),
            NumHiddenLayers = section.Int("num_hidden_layers", 12),
            NumAttentionHeads = section.Int("num_attention_heads", 12),
            NumChannels = section.Int("num_channels", 3),
            LayerNormEps = section.Positive("layer_norm_eps", 1e-6),
        };
        if (config.HiddenSize % config.NumAttentionHeads != 0)
        {
            throw section.Error(
                "num_attention_heads", $"{config.NumAttentionHeads} heads do not divide hidden_size {config.HiddenSize}; give a divisor");
        }

        if (config.PatchSize > config.ImageSize)
            throw section.Error("patch_size", $"{config.PatchSize} exceeds image_size {config.ImageSize}");
        return config;
    }

    /// <summary>Puts the fields into a JSON object under Hugging Face's names.</summary>
    public void Write(JsonObject json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json["model_type"] = "siglip_vision_model";
        json["hidden_act"] = "gelu_pytorch_tanh";
        json["image_size"] = ImageSize;
        json["patch_size"] = PatchSize;
        json["num_channels"] = NumChannels;
        json["hidden_size"] = HiddenSize;
        json["intermediate_size"] = IntermediateSize;
        json["num_hidden_layers"] = NumHiddenLayers;
        json["num_attention_heads"] = NumAttentionHeads;
        json["layer_norm_eps"] = LayerNormEps;
        json["vision_use_head"] = false;
    }
}
