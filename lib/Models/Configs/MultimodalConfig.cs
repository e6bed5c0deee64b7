using System.Text.Json;
using System.Text.Json.Nodes;

namespace Aim.Models;

/// <summary>
/// config.json of a checkpoint: a decoder and what sees for it. <see cref="Load"/> reads any family that this library has:
/// <c>llava</c> (LLaVA-1.5's form), <c>llava_next</c>, <c>llava_onevision</c> and <c>qwen2_vl</c>.
/// </summary>
public abstract record MultimodalConfig
{
    private static readonly string[] s_families =
        [LlavaConfig.Family, LlavaNextConfig.Family, LlavaOnevisionConfig.Family, Qwen2VlConfig.Family];

    /// <summary>Hugging Face's model type.</summary>
    public abstract string ModelType { get; }

    /// <summary>The decoder.</summary>
    public required TextConfig Text { get; init; }

    /// <summary>The id of <c>&lt;image&gt;</c>.</summary>
    public abstract int ImageTokenId { get; init; }

    /// <summary>
    /// The ids that stand in a prompt for pictures and, where the family takes videos, behind it the one for videos.
    /// </summary>
    public virtual IReadOnlyList<int> PlaceholderIds => [ImageTokenId];

    /// <summary>Whether prompts have a placeholder for videos.</summary>
    public bool TakesVideos => PlaceholderIds.Count > 1;

    /// <summary>
    /// The checkpoint directory that it was read from, where tokenizer and processor files lie; null for one made in code.
    /// </summary>
    public string? Directory { get; init; }

    // What the file holds beyond the fields above goes out again as it came in.
    private protected JsonObject? Source { get; init; }

    /// <summary>Reads <c>config.json</c> of a checkpoint directory, of the family that it names.</summary>
    /// <exception cref="CheckpointException">The file is missing, or a field is wrong; the message names it.</exception>
    public static MultimodalConfig Load(string directory)
    {
        var file = ConfigSection.Load(Path.Combine(directory, "config.json"));
        if (!file.Has("model_type"))
            throw file.Error("model_type", $"is missing; {string.Join(" or ", s_families.Select(f => $"\"{f}\""))} is expected");
        MultimodalConfig config = file.Text("model_type", "", s_families) switch
        {
            LlavaConfig.Family => LlavaConfig.Read(file),
            LlavaNextConfig.Family => LlavaNextConfig.Read(file),
            LlavaOnevisionConfig.Family => LlavaOnevisionConfig.Read(file),
            _ => Qwen2VlConfig.Read(file),
        };
        return config with { Directory = directory };
    }

    /// <summary>The configuration as config.json's text; fields that this project does not use are kept.</summary>
    /// <param name="torchDtype">Hugging Face's name of the weights' type: <c>float32</c> or <c>bfloat16</c>.</param>
    public string ToJson(string torchDtype)
    {
        var json = Source?.DeepClone().AsObject() ?? [];
        json["model_type"] = ModelType;
        WriteFields(json);
        json["tie_word_embeddings"] = Text.TieWordEmbeddings;
        json["torch_dtype"] = torchDtype;
        WriteSections(json);
        return json.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n";
    }

    /// <summary>Puts what is neither decoder nor tower into config.json.</summary>
    private protected abstract void WriteFields(JsonObject json);

    /// <summary>Puts decoder and tower into config.json.</summary>
    private protected abstract void WriteSections(JsonObject json);

    private protected static void CheckFamily(ConfigSection file, string family)
    {
        if (!file.Has("model_type"))
            throw file.Error("model_type", $"is missing; \"{family}\" is expected");
        file.Text("model_type", "", family);
    }

    private protected static JsonObject Child(JsonObject json, string name)
    {
        if (json[name] is JsonObject child)
            return child;
        child = [];
        json[name] = child;
        return child;
    }
}
