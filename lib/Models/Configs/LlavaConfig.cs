using System.Text.Json.Nodes;

namespace Aim.Models;

/// <summary>
/// config.json of a checkpoint of LLaVA-1.5's form (<c>model_type: llava</c>): a CLIP or SigLIP tower, a projector of one or two
/// layers, a Llama or Qwen2 decoder; every picture becomes the same number of tokens.
/// </summary>
public sealed record LlavaConfig : LlavaFamilyConfig
{
    internal const string Family = "llava";
    private const string Default = "default", Full = "full", Linear = "linear", TwoLayers = "mlp2x_gelu";

    /// <inheritdoc/>
    public override string ModelType => Family;

    /// <inheritdoc/>
    public override int ImageTokenId { get; init; } = 32000;

    /// <inheritdoc/>
    public override int VisionFeatureLayer { get; init; } = -2;

    /// <summary>
    /// <c>vision_feature_select_strategy</c>: true is <c>default</c>, which leaves the class token out, false is <c>full</c>.
    /// </summary>
    public bool SelectsPatches { get; init; } = true;

    /// <summary>
    /// Whether the projector is one linear layer: <c>mm_projector_type: linear</c>, as LLaVA's own files call it. transformers
    /// has no such field and always two layers (<c>mlp2x_gelu</c>); it cannot load such a checkpoint.
    /// </summary>
    public bool LinearProjector { get; init; }

    /// <inheritdoc/>
    public override int ProjectorLayers => LinearProjector ? 1 : 2;

    /// <inheritdoc/>
    public override bool HasNewline => false;

    /// <inheritdoc/>
    public override bool DropsClass => SelectsPatches && Vision.HasClass;

    /// <summary>How a picture's features become tokens: one for each, whatever its size.</summary>
    /// <inheritdoc/>
    public override ImageLayout LayoutOf(int height, int width, int pictures)
        => ImageLayout.Single(FeaturesPerTile, newline: false);

    /// <summary>Reads <c>config.json</c> of a checkpoint directory.</summary>
    /// <exception cref="CheckpointException">The file is missing, or a field is wrong; the message names it.</exception>
    public static new LlavaConfig Load(string directory)
        => Read(ConfigSection.Load(Path.Combine(directory, "config.json"))) with { Directory = directory };

    /// <summary>Reads a whole configuration.</summary>
    /// <exception cref="CheckpointException">A field is wrong; the message names it.</exception>
    public static LlavaConfig Read(ConfigSection file)
    {
        CheckFamily(file, Family);
        var config = new LlavaConfig
        {
            Vision = VisionConfig.Read(file.Section("vision_config"), clip: true),
            Text = ReadText(file, "llama"),
            ImageTokenId = file.Int("image_token_id", file.Int("image_token_index", 32000, 0), 0),
            VisionFeatureLayer = file.Int("vision_feature_layer", -2, int.MinValue),
            SelectsPatches = file.Text("vision_feature_select_strategy", Default, Default, Full) == Default,
            LinearProjector = file.Text("mm_projector_type", TwoLayers, TwoLayers, Linear) == Linear,
            MultimodalProjectorBias = file.Bool("multimodal_projector_bias", true),
            Source = JsonObject.Create(file.Element),
        };
        config.Validate(file);
        if (config.SelectsPatches && !config.Vision.HasClass)
        {
            throw file.Error(
                "vision_feature_select_strategy",
                $"\"{Default}\" leaves the class token out, which a SigLIP tower has not; use \"{Full}\"");
        }

        return config;
    }

    private protected override void Write(JsonObject json)
    {
        json["architectures"] = new JsonArray("LlavaForConditionalGeneration");
        json["vision_feature_select_strategy"] = SelectsPatches ? Default : Full;
        json["image_seq_length"] = FeaturesPerTile;
        if (LinearProjector)
            json["mm_projector_type"] = Linear;
        else
            json.Remove("mm_projector_type");
    }
}
