using System.Text.Json;
using System.Text.Json.Nodes;

namespace Aim.Models;

/// <summary>config.json of a LLaVA-OneVision checkpoint: vision tower, decoder, and what joins them.</summary>
public sealed record LlavaOnevisionConfig
{
    private const string AnyResMax = "anyres_max_";

    /// <summary>The vision tower.</summary>
    public required VisionConfig Vision { get; init; }

    /// <summary>The decoder.</summary>
    public required TextConfig Text { get; init; }

    /// <summary>The id of <c>&lt;image&gt;</c>.</summary>
    public int ImageTokenId { get; init; } = 151646;

    /// <summary>The id of <c>&lt;video&gt;</c>.</summary>
    public int VideoTokenId { get; init; } = 151647;

    /// <summary>
    /// Which of the tower's hidden states enters the projector: 0 is the embeddings, k the output of layer k, negative numbers count from
    /// the end, so -1 is the last layer's output (before the final LayerNorm).
    /// </summary>
    public int VisionFeatureLayer { get; init; } = -1;

    /// <summary>Whether the projector's two layers have biases.</summary>
    public bool MultimodalProjectorBias { get; init; } = true;

    /// <summary>
    /// The resolutions that a picture may be cut into tiles of, heights before widths, each a multiple of the tower's picture. Left out:
    /// every one of up to 6 x 6 tiles.
    /// </summary>
    public IReadOnlyList<(int Height, int Width)> ImageGridPinpoints
    {
        get => field ?? [.. Enumerable.Range(0, 36).Select(i => (((i / 6) + 1) * Vision.ImageSize, ((i % 6) + 1) * Vision.ImageSize))];
        init;
    }

    /// <summary>A picture's grid shrinks to as many tokens as this many tiles give: the number in <c>anyres_max_9</c>.</summary>
    public int MaxTiles { get; init; } = 9;

    /// <summary>How a picture's features become tokens.</summary>
    /// <param name="height">Its height in pixels.</param>
    /// <param name="width">Its width.</param>
    /// <param name="pictures">Pictures of the prompt: only a single one is cut into tiles.</param>
    public ImageLayout LayoutOf(int height, int width, int pictures)
    {
        if (pictures > 1)
            return ImageLayout.Single(Vision.Patches, newline: true);
        var best = AnyResolution.Best(height, width, ImageGridPinpoints);
        return ImageLayout.Tiled(height, width, best, Vision.ImageSize, Vision.GridSide, MaxTiles);
    }

    /// <summary>How many of the tower's layers run to give <see cref="VisionFeatureLayer"/>.</summary>
    public int VisionLayersUsed
        => VisionFeatureLayer >= 0 ? VisionFeatureLayer : Vision.NumHiddenLayers + 1 + VisionFeatureLayer;

    /// <summary>Side of a video frame's grid after pooling: half of the patches', rounded up.</summary>
    public int PooledSide => (Vision.GridSide + 1) / 2;

    /// <summary>Visual tokens of one video frame, without the newline after the last.</summary>
    public int TokensPerFrame => PooledSide * PooledSide;

    /// <summary>The checkpoint directory that it was read from, where tokenizer and processor files lie; null for one made in code.</summary>
    public string? Directory { get; init; }

    // What the file holds beyond the fields above goes out again as it came in.
    private JsonObject? Source { get; init; }

    /// <summary>Reads <c>config.json</c> of a checkpoint directory.</summary>
    /// <exception cref="CheckpointException">The file is missing, or a field is wrong; the message names it.</exception>
    public static LlavaOnevisionConfig Load(string directory)
        => Read(ConfigSection.Load(Path.Combine(directory, "config.json"))) with { Directory = directory };

    /// <summary>Reads a whole configuration.</summary>
    /// <exception cref="CheckpointException">A field is wrong; the message names it.</exception>
    public static LlavaOnevisionConfig Read(ConfigSection file)
    {
        if (!file.Has("model_type"))
            throw file.Error("model_type", "is missing; \"llava_onevision\" is expected");
        file.Text("model_type", "", "llava_onevision");
        file.Text("projector_hidden_act", "gelu", "gelu");
        file.Text("vision_feature_select_strategy", "full", "full");
        bool tie = file.Bool("tie_word_embeddings", false);
        string aspect = file.Text("vision_aspect_ratio", "anyres_max_9");
        if (!aspect.StartsWith(AnyResMax, StringComparison.Ordinal) || !int.TryParse(aspect[AnyResMax.Length..], out int maxTiles) || maxTiles < 1)
            throw file.Error("vision_aspect_ratio", $"\"{aspect}\" is not supported; \"anyres_max_9\" or another number of tiles is");
        var config = new LlavaOnevisionConfig
        {
            Vision = VisionConfig.Read(file.Section("vision_config")),
            Text = TextConfig.Read(file.Section("text_config") ?? ConfigSection.Parse("{}", file.FileName), tie),
            ImageTokenId = file.Int("image_token_id", file.Int("image_token_index", 151646, 0), 0),
            VideoTokenId = file.Int("video_token_id", file.Int("video_token_index", 151647, 0), 0),
            VisionFeatureLayer = file.Int("vision_feature_layer", -1, int.MinValue),
            MultimodalProjectorBias = file.Bool("multimodal_projector_bias", true),
            ImageGridPinpoints = file.Pairs("image_grid_pinpoints")!,
            MaxTiles = maxTiles,
            Source = JsonObject.Create(file.Element),
        };
        if (config.VisionLayersUsed < 0 || config.VisionLayersUsed > config.Vision.NumHiddenLayers)
        {
            throw file.Error(
                "vision_feature_layer",
                $"{config.VisionFeatureLayer} does not exist in a tower of {config.Vision.NumHiddenLayers} layers; -1 is the last");
        }

        foreach (var (height, width) in config.ImageGridPinpoints)
        {
            if (height % config.Vision.ImageSize != 0 || width % config.Vision.ImageSize != 0)
            {
                throw file.Error(
                    "image_grid_pinpoints", $"{height} x {width} cannot be cut into tiles of vision_config.image_size {config.Vision.ImageSize}");
            }
        }

        if (config.Text.MRopeSection is not null)
            throw file.Error("text_config", "M-RoPE does not belong to llava_onevision");
        return config;
    }

    /// <summary>The configuration as config.json's text; fields that this project does not use are kept.</summary>
    /// <param name="torchDtype">Hugging Face's name of the weights' type: <c>float32</c> or <c>bfloat16</c>.</param>
    public string ToJson(string torchDtype)
    {
        var json = Source?.DeepClone().AsObject() ?? [];
        json["architectures"] = new JsonArray("LlavaOnevisionForConditionalGeneration");
        json["model_type"] = "llava_onevision";
        json["image_token_index"] = ImageTokenId;
        json["video_token_index"] = VideoTokenId;
        json.Remove("image_token_id");
        json.Remove("video_token_id");
        json["projector_hidden_act"] = "gelu";
        json["multimodal_projector_bias"] = MultimodalProjectorBias;
        json["vision_feature_layer"] = VisionFeatureLayer;
        json["vision_feature_select_strategy"] = "full";
        json["image_grid_pinpoints"] = new JsonArray([.. ImageGridPinpoints.Select(p => new JsonArray(p.Height, p.Width))]);
        json["vision_aspect_ratio"] = AnyResMax + MaxTiles;
        json["tie_word_embeddings"] = Text.TieWordEmbeddings;
        json["torch_dtype"] = torchDtype;
        Text.Write(Child(json, "text_config"));
        Vision.Write(Child(json, "vision_config"));
        return json.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n";
    }

    private static JsonObject Child(JsonObject json, string name)
    {
        if (json[name] is JsonObject child)
            return child;
        child = [];
        json[name] = child;
        return child;
    }
}
