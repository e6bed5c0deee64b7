using System.Text.Json.Nodes;

namespace Aim.Models;

/// <summary>
/// The shape of Qwen2-VL's vision transformer: Hugging Face's <c>vision_config</c> of model type <c>qwen2_vl</c>, with the same
/// defaults for what a file leaves out.
/// </summary>
public sealed record Qwen2VlVisionConfig
{
    /// <summary>Side of a square patch, in pixels.</summary>
    public int PatchSize { get; init; } = 14;

    /// <summary>Frames of one patch; a still picture is repeated as often.</summary>
    public int TemporalPatchSize { get; init; } = 2;

    /// <summary>Side of the square of patches that the merger makes one token of.</summary>
    public int SpatialMergeSize { get; init; } = 2;

    /// <summary>Number of blocks.</summary>
    public int Depth { get; init; } = 32;

    /// <summary>Width of the residual stream.</summary>
    public int EmbedDim { get; init; } = 1280;

    /// <summary>Number of attention heads; they divide <see cref="EmbedDim"/> into widths that are multiples of 4.</summary>
    public int NumHeads { get; init; } = 16;

    /// <summary>Width of the MLP: <see cref="EmbedDim"/> times <c>mlp_ratio</c>.</summary>
    public int MlpDim { get; init; } = 5120;

    /// <summary>Colour channels.</summary>
    public const int Channels = 3;

    /// <summary>Epsilon of LayerNorm, which no file sets.</summary>
    public const double LayerNormEps = 1e-6;

    /// <summary>Width of one head.</summary>
    public int HeadDim => EmbedDim / NumHeads;

    /// <summary>Numbers of one patch: channels, frames, rows, columns.</summary>
    public int PatchValues => Channels * TemporalPatchSize * PatchSize * PatchSize;

    /// <summary>Side of the picture's part that becomes one token, in pixels; sizes of pictures are multiples of it.</summary>
    public int Factor => PatchSize * SpatialMergeSize;

    /// <summary>Reads <c>vision_config</c>; null stands for a file without one.</summary>
    /// <param name="vision">The section.</param>
    /// <param name="textWidth">Width of the decoder, which the merger's output must have.</param>
    /// <param name="file">The whole file, for what is missing.</param>
    /// <exception cref="CheckpointException">A field has the wrong type or does not fit the others.</exception>
    public static Qwen2VlVisionConfig Read(ConfigSection? vision, int textWidth, ConfigSection file)
    {
        var section = vision ?? ConfigSection.Parse("{}", file.FileName);
        section.Text("hidden_act", "quick_gelu", "quick_gelu");

        // Hub files say in_chans, which transformers does not read: its own name is in_channels.
        if (section.Int("in_channels", section.Int("in_chans", Channels)) != Channels)
            throw section.Error("in_channels", $"pictures have {Channels} channels; it must be {Channels}");
        int patch = section.Int("patch_size", 14), time = section.Int("temporal_patch_size", 2);
        int side = section.Int("spatial_merge_size", 2);
        int dim = section.Int("embed_dim", 1280), width = section.Int("hidden_size", 3584);
        double ratio = section.Positive("mlp_ratio", 4);
        var config = new Qwen2VlVisionConfig
        {
            PatchSize = (double)Channels * time * patch * patch <= int.MaxValue
                ? patch
                : throw section.Error(
                    "patch_size", $"{patch} makes patches of too many numbers ({time} frames of {patch} x {patch} pixels)"),
            TemporalPatchSize = time,
            SpatialMergeSize = (double)dim * side * side <= int.MaxValue && (double)patch * side <= int.MaxValue
                ? side
                : throw section.Error(
                    "spatial_merge_size", $"{side} makes tokens of too many patches ({side} x {side} of width {dim})"),
            Depth = section.Int("depth", 32),
            EmbedDim = dim,
            NumHeads = section.Int("num_heads", 16),
            MlpDim = dim * ratio is >= 1 and <= int.MaxValue and var inner
                ? (int)inner
                : throw section.Error("mlp_ratio", $"{ratio} makes no MLP of a width of embed_dim {dim}"),
        };
        if (dim % config.NumHeads != 0 || config.HeadDim % 4 != 0)
        {
            throw section.Error(
                "num_heads",
                $"{config.NumHeads} heads do not divide embed_dim {dim} into widths that are multiples of 4, "
                + "which 2-D rotary positions need");
        }

        return width == textWidth ? config : throw section.Error(
            "hidden_size", $"{width} is not the decoder's hidden_size {textWidth}, to which the merger brings its tokens");
    }

    /// <summary>Puts the fields into a JSON object under Hugging Face's names.</summary>
    /// <param name="json">The section.</param>
    /// <param name="textWidth">Width of the decoder.</param>
    public void Write(JsonObject json, int textWidth)
    {
        ArgumentNullException.ThrowIfNull(json);
        json["model_type"] = Qwen2VlConfig.Family;
        json["hidden_act"] = "quick_gelu";
        json["in_chans"] = Channels;
        json["patch_size"] = PatchSize;
        json["spatial_patch_size"] = PatchSize;
        json["temporal_patch_size"] = TemporalPatchSize;
        json["spatial_merge_size"] = SpatialMergeSize;
        json["depth"] = Depth;
        json["embed_dim"] = EmbedDim;
        json["num_heads"] = NumHeads;
        json["mlp_ratio"] = MlpDim % EmbedDim == 0 ? MlpDim / EmbedDim : (double)MlpDim / EmbedDim;
        json["hidden_size"] = textWidth;
    }
}
