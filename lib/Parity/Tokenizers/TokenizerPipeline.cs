using System.Text.Json;
using System.Text.Json.Nodes;
using Aim.Models;

namespace Aim.Parity;

/// <summary>A tokenizer.json, read once for all cases of its folder, and whether this build has its pipeline.</summary>
internal sealed class TokenizerPipeline
{
    private readonly string _path;
    private readonly Lazy<JsonElement> _file;
    private readonly Lazy<BpeTokenizer> _tokenizer;

    public TokenizerPipeline(string path)
    {
        _path = path;
        _file = new(() => FixtureFiles.ReadObject(path));
        _tokenizer = new(() => Load(_file.Value.GetRawText()));
    }

    /// <summary>The tokenizer.</summary>
    /// <exception cref="UnsupportedCaseException">This build does not have its pipeline.</exception>
    public BpeTokenizer Tokenizer => _tokenizer.Value;

    /// <summary>The tokenizer with one more added token.</summary>
    public BpeTokenizer With(JsonElement added)
    {
        var json = JsonObject.Create(_file.Value)!;
        if (json["added_tokens"] is not JsonArray tokens)
            json["added_tokens"] = tokens = [];
        tokens.Add(JsonNode.Parse(added.GetRawText()));
        return Load(json.ToJsonString());
    }

    private BpeTokenizer Load(string json)
    {
        if (Missing(_file.Value) is { } reason)
            throw new UnsupportedCaseException(reason);
        return BpeTokenizer.Read(ConfigSection.Parse(json, _path));
    }

    // What decides which pipeline a file asks for. Within the one that there is, anything odd is the loader's to refuse.
    private static string? Missing(JsonElement file)
    {
        var model = file.Need("model");
        string type = model.TextOrNull("type") ?? "BPE";
        if (type != "BPE")
            return $"no tokenizer of type {type}";
        if (model.TryField("byte_fallback", out var fallback) && fallback.ValueKind == JsonValueKind.True)
            return "no BPE with byte fallback (SentencePiece's pipeline)";
        if (file.TryField("normalizer", out var normalizer) && normalizer.ValueKind == JsonValueKind.Object
            && normalizer.TextOrNull("type") is { } kind && kind != "NFC")
        {
            return $"no normalizer of type {kind}";
        }

        if (file.TryField("post_processor", out var post) && post.ValueKind == JsonValueKind.Object
            && post.TextOrNull("type") is { } processor && processor != "ByteLevel")
        {
            return $"no post-processor of type {processor}";
        }

        var pre = file.TryField("pre_tokenizer", out var value) ? value : default;
        bool qwen = pre.TryField("pretokenizers", out var parts) && parts.ValueKind == JsonValueKind.Array
            && parts.GetArrayLength() > 0 && parts[0].TryField("pattern", out var pattern)
            && pattern.TextOrNull("Regex") == QwenPreTokenizer.Pattern;
        return qwen ? null : $"no pre-tokenizer of type {pre.TextOrNull("type") ?? "null"} but Qwen2's";
    }
}
