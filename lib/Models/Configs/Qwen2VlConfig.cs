using System.Text.Json.Nodes;

namespace Aim.Models;

/// <summary>
/// config.json of a Qwen2-VL checkpoint, in either form: the hub's, where the decoder's fields lie beside the rest, and the newer
/// one with a <c>text_config</c>.
/// </summary>
public sealed record Qwen2VlConfig : MultimodalConfig
{
    internal const string Family = "qwen2_vl";
    private const string Nested = "text_config", TextFamily = "qwen2_vl_text";

    /// <inheritdoc/>
    public override string ModelType => Family;

    /// <summary>What sees.</summary>
    public required Qwen2VlVisionConfig Vision { get; init; }

    /// <summary>The id of <c>&lt;|image_pad|&gt;</c>.</summary>
    public override int ImageTokenId { get; init; } = 151655;

    /// <summary>The id of <c>&lt;|video_pad|&gt;</c>.</summary>
    public int VideoTokenId { get; init; } = 151656;

    /// <inheritdoc/>
    public override IReadOnlyList<int> PlaceholderIds => [ImageTokenId, VideoTokenId];

    /// <summary>Reads <c>config.json</c> of a checkpoint directory.</summary>
    /// <exception cref="CheckpointException">The file is missing, or a field is wrong; the message names it.</exception>
    public static new Qwen2VlConfig Load(string directory)
        => Read(ConfigSection.Load(Path.Combine(directory, "config.json"))) with { Directory = directory };

    /// <summary>Reads a whole configuration.</summary>
    /// <exception cref="CheckpointException">A field is wrong; the message names it.</exception>
    public static Qwen2VlConfig Read(ConfigSection file)
    {
        CheckFamily(file, Family);
        var section = file.Section(Nested) ?? file;
        var text = TextConfig.Read(section, file.Bool("tie_word_embeddings", false), TextFamily);
        if (text.MRopeSection is null)
        {
            throw section.Error(
                "rope_scaling.mrope_section",
                "is missing; three numbers that add up to half of the head are expected, say [16, 24, 24]");
        }

        var config = new Qwen2VlConfig
        {
            Text = text,
            Vision = Qwen2VlVisionConfig.Read(file.Section("vision_config"), text.HiddenSize, file),
            ImageTokenId = file.Int("image_token_id", 151655, 0),
            VideoTokenId = file.Int("video_token_id", 151656, 0),
            Source = JsonObject.Create(file.Element),
        };
        return config.ImageTokenId != config.VideoTokenId ? config : throw file.Error(
            "video_token_id",
            $"{config.VideoTokenId} is image_token_id, too; pictures and videos need placeholders of their own");
    }

    private protected override void WriteFields(JsonObject json)
    {
        json["architectures"] = new JsonArray("Qwen2VLForConditionalGeneration");
        json["image_token_id"] = ImageTokenId;
        json["video_token_id"] = VideoTokenId;
    }

    private protected override void WriteSections(JsonObject json)
    {
        // As the file had it; the hub's form where there was none, which every version of transformers reads.
        if (json[Nested] is JsonObject nested)
        {
            Text.Write(nested);
        }
        else
        {
            Text.Write(json);
            json["model_type"] = Family;
        }

        Vision.Write(Child(json, "vision_config"), Text.HiddenSize);
    }
}
