using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Aim.Datasets;

/// <summary>
/// The files of a lab model's checkpoint directory other than its weights, as Hugging Face names them: config.json,
/// tokenizer.json, tokenizer_config.json, generation_config.json and the processors' files. The committed files are this class's
/// output.
/// </summary>
public static class LabCheckpoint
{
    /// <summary>
    /// ChatML without a system turn; the frames stand before the text. An answer gets a leading space, so that its word is the
    /// same token as inside a sentence.
    /// </summary>
    private const string ChatTemplate =
        "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' }}"
        + "{% if message['role'] == 'assistant' %}{{ ' ' }}{% endif %}"
        + "{% if message['content'] is string %}{{ message['content'] }}{% else %}"
        + "{% for content in message['content'] %}"
        + "{% if content['type'] in ['image', 'video'] %}{{ '<' + content['type'] + '>\\n' }}{% endif %}{% endfor %}"
        + "{% for content in message['content'] %}"
        + "{% if content['type'] == 'text' %}{{ content['text'] }}{% endif %}{% endfor %}{% endif %}"
        + "{{ '<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

    /// <summary>The names and texts of a model's files.</summary>
    public static IReadOnlyDictionary<string, string> Files(LabModelKind kind = LabModelKind.Video)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["config.json"] = Text(LabConfig.Of(kind)),
            ["generation_config.json"] = Text(new JsonObject
            {
                ["bos_token_id"] = LabTokenizer.Special("<|endoftext|>"),
                ["do_sample"] = false,
                ["eos_token_id"] = LabConfig.Numbers(LabTokenizer.Special("<|im_end|>"), LabTokenizer.Special("<|endoftext|>")),
                ["pad_token_id"] = LabTokenizer.Special("<|endoftext|>"),
            }),
            ["tokenizer.json"] = Text(Tokenizer()),
            ["tokenizer_config.json"] = Text(TokenizerConfig()),
        };
        foreach (var (name, json) in LabProcessors.Of(kind))
            files[name] = Text(json);
        return files;
    }

    /// <summary>Writes a model's files into a directory, which is made if need be; each atomically.</summary>
    public static void Write(string directory, LabModelKind kind = LabModelKind.Video)
    {
        foreach (var (name, text) in Files(kind))
            AtomicFile.WriteText(Path.Combine(directory, name), text);
    }

    private static JsonObject Tokenizer()
    {
        var vocabulary = new JsonObject();
        for (int id = 0; id < LabTokenizer.Vocabulary.Count; id++)
            vocabulary[LabTokenizer.Vocabulary[id]] = id;
        return new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray([.. LabTokenizer.SpecialTokens.Select(token => Added(token, withId: true))]),
            ["normalizer"] = new JsonObject { ["type"] = "NFC" },
            ["pre_tokenizer"] = new JsonObject
            {
                ["type"] = "Sequence",
                ["pretokenizers"] = new JsonArray(
                    new JsonObject
                    {
                        ["type"] = "Split",
                        ["pattern"] = new JsonObject { ["Regex"] = LabTokenizer.Pattern },
                        ["behavior"] = "Isolated",
                        ["invert"] = false,
                    },
                    ByteLevel()),
            },
            ["post_processor"] = ByteLevel(),
            ["decoder"] = ByteLevel(),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["unk_token"] = null,
                ["continuing_subword_prefix"] = "",
                ["end_of_word_suffix"] = "",
                ["fuse_unk"] = false,
                ["byte_fallback"] = false,
                ["vocab"] = vocabulary,
                ["merges"] = new JsonArray([.. LabTokenizer.Merges.Select(merge => (JsonNode)$"{merge.Left} {merge.Right}")]),
            },
        };
    }

    private static JsonObject TokenizerConfig()
    {
        var decoder = new JsonObject();
        foreach (string token in LabTokenizer.SpecialTokens)
            decoder[LabTokenizer.Special(token).ToString()] = Added(token, withId: false);
        return new JsonObject
        {
            ["add_prefix_space"] = false,
            ["added_tokens_decoder"] = decoder,
            ["bos_token"] = null,
            ["chat_template"] = ChatTemplate,
            ["clean_up_tokenization_spaces"] = false,
            ["eos_token"] = "<|im_end|>",
            ["errors"] = "replace",
            ["model_max_length"] = 4096,
            ["pad_token"] = "<|endoftext|>",
            ["padding_side"] = "left",
            ["tokenizer_class"] = "Qwen2Tokenizer",
            ["unk_token"] = null,
        };
    }

    private static JsonObject Added(string token, bool withId)
    {
        var added = new JsonObject();
        if (withId)
            added["id"] = LabTokenizer.Special(token);
        added["content"] = token;
        foreach (string flag in (string[])["single_word", "lstrip", "rstrip", "normalized"])
            added[flag] = false;
        added["special"] = true;
        return added;
    }

    private static JsonObject ByteLevel() => new()
    {
        ["type"] = "ByteLevel",
        ["add_prefix_space"] = false,
        ["trim_offsets"] = false,
        ["use_regex"] = false,
    };

    private static string Text(JsonNode node)
    {
        var options = new JsonSerializerOptions
        {
            WriteIndented = true,
            NewLine = "\n",
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        return node.ToJsonString(options) + "\n";
    }
}
