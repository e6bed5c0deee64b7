using System.Text.Json.Nodes;

namespace Aim.Models;

/// <summary>config.json of a LLaVA-OneVision checkpoint: SigLIP tower, pictures in tiles, pooled video frames.</summary>
public sealed record LlavaOnevisionConfig : TiledConfig
{
    internal const string Family = "llava_onevision";
    private const string AnyResMax = "anyres_max_";

    /// <inheritdoc/>
    public override string ModelType => Family;

    /// <inheritdoc/>
    public override int ImageTokenId { get; init; } = 151646;

    /// <summary>The id of <c>&lt;video&gt;</c>.</summary>
    public int VideoTokenId { get; init; } = 151647;

    /// <inheritdoc/>
    public override IReadOnlyList<int> PlaceholderIds => [ImageTokenId, VideoTokenId];

    /// <inheritdoc/>
    public override int VisionFeatureLayer { get; init; } = -1;

    // Every resolution of up to 6 x 6 tiles.
    private protected override IReadOnlyList<(int Height, int Width)> DefaultPinpoints => Resolutions(6, Vision.ImageSize);

    private static (int, int)[] Resolutions(int most, int size)
        => [.. Enumerable.Range(0, most * most).Select(i => (((i / most) + 1) * size, ((i % most) + 1) * size))];

    /// <summary>A picture's grid shrinks to as many tokens as this many tiles give: the number in <c>anyres_max_9</c>.</summary>
    public int MaxTiles { get; init; } = 9;

    /// <summary>Side of a video frame's grid after pooling: half of the patches', rounded up.</summary>
    public int PooledSide => (Vision.GridSide + 1) / 2;

    /// <summary>Visual tokens of one video frame, without the newline after the last.</summary>
    public int TokensPerFrame => PooledSide * PooledSide;

    /// <summary>How a picture's features become tokens: only a prompt's single picture is cut into tiles.</summary>
    /// <inheritdoc/>
    public override ImageLayout LayoutOf(int height, int width, int pictures)
        => pictures > 1 ? ImageLayout.Single(Vision.Patches, newline: true) : Tiled(height, width, MaxTiles);

    /// <summary>Reads <c>config.json</c> of a checkpoint directory.</summary>
    /// <exception cref="CheckpointException">The file is missing, or a field is wrong; the message names it.</exception>
    public static new LlavaOnevisionConfig Load(string directory)
        => Read(ConfigSection.Load(Path.Combine(directory, "config.json"))) with { Directory = directory };

    /// <summary>Reads a whole configuration.</summary>
    /// <exception cref="CheckpointException">A field is wrong; the message names it.</exception>
    public static LlavaOnevisionConfig Read(ConfigSection file)
    {
        CheckFamily(file, Family);
        file.Text("vision_feature_select_strategy", "full", "full");
        string aspect = file.Text("vision_aspect_ratio", AnyResMax + "9");
        if (!aspect.StartsWith(AnyResMax, StringComparison.Ordinal)
            || !int.TryParse(aspect[AnyResMax.Length..], out int maxTiles) || maxTiles < 1)
        {
            throw file.Error(
                "vision_aspect_ratio", $"\"{aspect}\" is not supported; \"anyres_max_9\" or another number of tiles is");
        }

        var vision = VisionConfig.Read(file.Section("vision_config"));
        if (vision.HasClass)
        {
            throw file.Error(
                "vision_config.model_type", "must be \"siglip_vision_model\": tiles are packed from a tower without class token");
        }

        var config = new LlavaOnevisionConfig
        {
            Vision = vision,
            Text = ReadText(file, "qwen2"),
            ImageTokenId = file.Int("image_token_id", file.Int("image_token_index", 151646, 0), 0),
            VideoTokenId = file.Int("video_token_id", file.Int("video_token_index", 151647, 0), 0),
            VisionFeatureLayer = file.Int("vision_feature_layer", -1, int.MinValue),
            MultimodalProjectorBias = file.Bool("multimodal_projector_bias", true),
            ImageGridPinpoints = file.Pairs("image_grid_pinpoints")!,
            MaxTiles = maxTiles,
            Source = JsonObject.Create(file.Element),
        };
        config.Validate(file);
        config.ValidateTiles(file);
        return config;
    }

    private protected override void Write(JsonObject json)
    {
        base.Write(json);
        json["architectures"] = new JsonArray("LlavaOnevisionForConditionalGeneration");
        json["video_token_index"] = VideoTokenId;
        json.Remove("video_token_id");
        json["vision_feature_select_strategy"] = "full";
        json["vision_aspect_ratio"] = AnyResMax + MaxTiles;
    }
}
