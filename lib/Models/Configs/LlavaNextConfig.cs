using System.Text.Json.Nodes;

namespace Aim.Models;

/// <summary>
/// config.json of a LLaVA-NeXT (LLaVA-1.6) checkpoint: a CLIP tower, every picture in tiles whose common grid never shrinks, a
/// Llama (Vicuna), Mistral or Qwen2 decoder.
/// </summary>
public sealed record LlavaNextConfig : TiledConfig
{
    internal const string Family = "llava_next";
    private const string Default = "default", Full = "full";

    /// <inheritdoc/>
    public override string ModelType => Family;

    /// <inheritdoc/>
    public override int ImageTokenId { get; init; } = 32000;

    /// <inheritdoc/>
    public override int VisionFeatureLayer { get; init; } = -2;

    /// <inheritdoc/>
    public override bool DropsClass => Vision.HasClass;

    private protected override IReadOnlyList<(int Height, int Width)> DefaultPinpoints
        => [(336, 672), (672, 336), (672, 672), (1008, 336), (336, 1008)];

    /// <summary>How a picture's features become tokens: each is cut into tiles, however many a prompt has.</summary>
    /// <inheritdoc/>
    public override ImageLayout LayoutOf(int height, int width, int pictures) => Tiled(height, width, maxTiles: null);

    /// <summary>Reads <c>config.json</c> of a checkpoint directory.</summary>
    /// <exception cref="CheckpointException">The file is missing, or a field is wrong; the message names it.</exception>
    public static new LlavaNextConfig Load(string directory)
        => Read(ConfigSection.Load(Path.Combine(directory, "config.json"))) with { Directory = directory };

    /// <summary>Reads a whole configuration.</summary>
    /// <exception cref="CheckpointException">A field is wrong; the message names it.</exception>
    public static LlavaNextConfig Read(ConfigSection file)
    {
        CheckFamily(file, Family);
        var config = new LlavaNextConfig
        {
            Vision = VisionConfig.Read(file.Section("vision_config"), clip: true),
            Text = ReadText(file, "llama"),
            ImageTokenId = file.Int("image_token_id", file.Int("image_token_index", 32000, 0), 0),
            VisionFeatureLayer = file.Int("vision_feature_layer", -2, int.MinValue),
            MultimodalProjectorBias = file.Bool("multimodal_projector_bias", true),
            ImageGridPinpoints = file.Pairs("image_grid_pinpoints")!,
            Source = JsonObject.Create(file.Element),
        };
        config.Validate(file);
        config.ValidateTiles(file);

        // A tile's features must be its patches, or they form no grid; upstream fails then, too.
        string strategy = config.DropsClass ? Default : Full;
        if (file.Text("vision_feature_select_strategy", Default, Default, Full) != strategy)
        {
            throw file.Error(
                "vision_feature_select_strategy",
                $"must be \"{strategy}\" with a {config.Vision.ModelType} tower, so that a tile's features are its patches");
        }

        return config;
    }

    private protected override void Write(JsonObject json)
    {
        base.Write(json);
        json["architectures"] = new JsonArray("LlavaNextForConditionalGeneration");
        json["vision_feature_select_strategy"] = DropsClass ? Default : Full;
        json["image_seq_length"] = FeaturesPerTile;
        json["use_image_newline_parameter"] = true;
    }
}
