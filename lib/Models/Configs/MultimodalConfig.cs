using System.Text.Json;
using System.Text.Json.Nodes;

namespace Aim.Models;

/// <summary>
/// config.json of a LLaVA checkpoint: vision tower, decoder, and what joins them. <see cref="Load"/> reads any family that this
/// library has: <c>llava</c> (LLaVA-1.5's form), <c>llava_next</c> and <c>llava_onevision</c>.
/// </summary>
public abstract record MultimodalConfig
{
    /// <summary>Hugging Face's model type.</summary>
    public abstract string ModelType { get; }

    /// <summary>The vision tower.</summary>
    public required VisionConfig Vision { get; init; }

    /// <summary>The decoder.</summary>
    public required TextConfig Text { get; init; }

    /// <summary>The id of <c>&lt;image&gt;</c>.</summary>
    public abstract int ImageTokenId { get; init; }

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

    /// <summary>
    /// The checkpoint directory that it was read from, where tokenizer and processor files lie; null for one made in code.
    /// </summary>
    public string? Directory { get; init; }

    // What the file holds beyond the fields above goes out again as it came in.
    private protected JsonObject? Source { get; init; }

    /// <summary>How a picture's features become tokens.</summary>
    /// <param name="height">Its height in pixels.</param>
    /// <param name="width">Its width.</param>
    /// <param name="pictures">Pictures of the prompt.</param>
    public abstract ImageLayout LayoutOf(int height, int width, int pictures);

    /// <summary>Reads <c>config.json</c> of a checkpoint directory, of the family that it names.</summary>
    /// <exception cref="CheckpointException">The file is missing, or a field is wrong; the message names it.</exception>
    public static MultimodalConfig Load(string directory)
    {
        var file = ConfigSection.Load(Path.Combine(directory, "config.json"));
        string[] families = [LlavaConfig.Family, LlavaNextConfig.Family, LlavaOnevisionConfig.Family];
        if (!file.Has("model_type"))
            throw file.Error("model_type", $"is missing; {string.Join(" or ", families.Select(f => $"\"{f}\""))} is expected");
        MultimodalConfig config = file.Text("model_type", "", families) switch
        {
            LlavaConfig.Family => LlavaConfig.Read(file),
            LlavaNextConfig.Family => LlavaNextConfig.Read(file),
            _ => LlavaOnevisionConfig.Read(file),
        };
        return config with { Directory = directory };
    }

    /// <summary>The configuration as config.json's text; fields that this project does not use are kept.</summary>
    /// <param name="torchDtype">Hugging Face's name of the weights' type: <c>float32</c> or <c>bfloat16</c>.</param>
    public string ToJson(string torchDtype)
    {
        var json = Source?.DeepClone().AsObject() ?? [];
        json["model_type"] = ModelType;
        json["image_token_index"] = ImageTokenId;
        json.Remove("image_token_id");
        json["projector_hidden_act"] = "gelu";
        json["multimodal_projector_bias"] = MultimodalProjectorBias;
        json["vision_feature_layer"] = VisionFeatureLayer;
        Write(json);
        json["tie_word_embeddings"] = Text.TieWordEmbeddings;
        json["torch_dtype"] = torchDtype;
        Text.Write(Child(json, "text_config"));
        Vision.Write(Child(json, "vision_config"));
        return json.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n";
    }

    /// <summary>Puts a family's own fields into config.json.</summary>
    private protected abstract void Write(JsonObject json);

    /// <summary>Checks what no family may have.</summary>
    private protected void Validate(ConfigSection file)
    {
        if (VisionLayersUsed < 0 || VisionLayersUsed > Vision.NumHiddenLayers)
        {
            throw file.Error(
                "vision_feature_layer",
                $"{VisionFeatureLayer} does not exist in a tower of {Vision.NumHiddenLayers} layers; -1 is the last");
        }

        if (Text.MRopeSection is not null)
            throw file.Error("text_config", $"M-RoPE does not belong to {ModelType}");
    }

    private protected static void CheckFamily(ConfigSection file, string family)
    {
        if (!file.Has("model_type"))
            throw file.Error(
                "model_type", $"is missing; \"{family}\" is expected");
        file.Text("model_type", "", family);
        file.Text("projector_hidden_act", "gelu", "gelu");
    }

    private protected static TextConfig ReadText(ConfigSection file, string family)
        => TextConfig.Read(
            file.Section("text_config") ?? ConfigSection.Parse("{}", file.FileName),
            file.Bool("tie_word_embeddings", false), family);

    private static JsonObject Child(JsonObject json, string name)
    {
        if (json[name] is JsonObject child)
            return child;
        child = [];
        json[name] = child;
        return child;
    }
}
