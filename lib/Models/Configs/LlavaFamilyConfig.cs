using System.Text.Json.Nodes;

namespace Aim.Models;

/// <summary>config.json of a LLaVA checkpoint: vision tower, decoder, and what joins them.</summary>
public abstract record LlavaFamilyConfig : MultimodalConfig
{
    /// <summary>The vision tower.</summary>
    public required VisionConfig Vision { get; init; }

    /// <summary>
    /// Which of the tower's hidden states enters the projector: 0 is the embeddings, k the output of layer k, negative numbers
    /// count from the end, so -1 is the last layer's output (before the final LayerNorm).
    /// </summary>
    public abstract int VisionFeatureLayer { get; init; }

    /// <summary>Whether the projector's layers have biases.</summary>
    public bool MultimodalProjectorBias { get; init; } = true;

    /// <summary>Linear layers of the projector: 2 with gelu between, or 1.</summary>
    public virtual int ProjectorLayers => 2;

    /// <summary>Whether a learned newline token stands after rows of a picture.</summary>
    public abstract bool HasNewline { get; }

    /// <summary>Whether the tower's class token is left out of what enters the projector.</summary>
    public virtual bool DropsClass => false;

    /// <summary>Features of one tile or frame that enter the projector.</summary>
    public int FeaturesPerTile => Vision.Tokens - (DropsClass ? 1 : 0);

    /// <summary>How many of the tower's layers run to give <see cref="VisionFeatureLayer"/>.</summary>
    public int VisionLayersUsed
        => VisionFeatureLayer >= 0 ? VisionFeatureLayer : Vision.NumHiddenLayers + 1 + VisionFeatureLayer;

    /// <summary>The tower's patches of so many tiles or frames.</summary>
    public VisionGrid PatchesOf(int tiles) => new(tiles, Vision.GridSide, Vision.GridSide);

    /// <summary>How a picture's features become tokens.</summary>
    /// <param name="height">Its height in pixels.</param>
    /// <param name="width">Its width.</param>
    /// <param name="pictures">Pictures of the prompt.</param>
    public abstract ImageLayout LayoutOf(int height, int width, int pictures);

    private protected override void WriteFields(JsonObject json)
    {
        json["image_token_index"] = ImageTokenId;
        json.Remove("image_token_id");
        json["projector_hidden_act"] = "gelu";
        json["multimodal_projector_bias"] = MultimodalProjectorBias;
        json["vision_feature_layer"] = VisionFeatureLayer;
        Write(json);
    }

    private protected override void WriteSections(JsonObject json)
    {
        Text.Write(Child(json, "text_config"));
        Vision.Write(Child(json, "vision_config"));
    }

    /// <summary>Puts a family's own fields into config.json.</summary>
    private protected abstract void Write(JsonObject json);

    /// <summary>Checks what no family may have.</summary>
    private protected void Validate(ConfigSection file)
    {
        file.Text("projector_hidden_act", "gelu", "gelu");
        if (VisionLayersUsed < 0 || VisionLayersUsed > Vision.NumHiddenLayers)
        {
            throw file.Error(
                "vision_feature_layer",
                $"{VisionFeatureLayer} does not exist in a tower of {Vision.NumHiddenLayers} layers; -1 is the last");
        }

        if (Text.MRopeSection is not null)
            throw file.Error("text_config", $"M-RoPE does not belong to {ModelType}");
    }

    private protected static TextConfig ReadText(ConfigSection file, string family)
        => TextConfig.Read(
            file.Section("text_config") ?? ConfigSection.Parse("{}", file.FileName),
            file.Bool("tie_word_embeddings", false), family);
}
