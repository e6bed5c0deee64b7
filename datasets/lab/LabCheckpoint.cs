using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Aim.Datasets;

/// <summary>
/// The files of the lab model's checkpoint directory other than its weights, as Hugging Face names them: config.json, tokenizer.json,
/// tokenizer_config.json, generation_config.json and the processors' files. The committed files are this class's output.
/// </summary>
public static class LabCheckpoint
{
    /// <summary>
    /// ChatML without a system turn; the frames stand before the text. An answer gets a leading space, so that its word is the same
    /// token as inside a sentence.
    /// </summary>
    private const string ChatTemplate =
        "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' }}{% if message['role'] == 'assistant' %}{{ ' ' }}{% endif %}"
        + "{% if message['content'] is string %}{{ message['content'] }}{% else %}"
        + "{% for content in message['content'] %}{% if content['type'] in ['image', 'video'] %}{{ '<' + content['type'] + '>\\n' }}{% endif %}{% endfor %}"
        + "{% for content in message['content'] %}{% if content['type'] == 'text' %}{{ content['text'] }}{% endif %}{% endfor %}{% endif %}"
        + "{{ '<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

    /// <summary>The names and texts of the files.</summary>
    public static IReadOnlyDictionary<string, string> Files() => new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        ["config.json"] = Text(Config()),
        ["generation_config.json"] = Text(new JsonObject
        {
            ["bos_token_id"] = LabTokenizer.Special("<|endoftext|>"),
            ["do_sample"] = false,
            ["eos_token_id"] = Numbers(LabTokenizer.Special("<|im_end|>"), LabTokenizer.Special("<|endoftext|>")),
            ["pad_token_id"] = LabTokenizer.Special("<|endoftext|>"),
        }),
        ["preprocessor_config.json"] = Text(Processor("LlavaOnevisionImageProcessor", new() { ["image_grid_pinpoints"] = Pinpoints() })),
        ["processor_config.json"] = Text(new JsonObject
        {
            ["image_token"] = "<image>",
            ["num_image_tokens"] = LabWorld.Grid * LabWorld.Grid,
            ["processor_class"] = "LlavaOnevisionProcessor",
            ["video_token"] = "<video>",
            ["vision_aspect_ratio"] = "anyres_max_9",
            ["vision_feature_select_strategy"] = "full",
        }),
        ["tokenizer.json"] = Text(Tokenizer()),
        ["tokenizer_config.json"] = Text(TokenizerConfig()),
        ["video_preprocessor_config.json"] = Text(Processor("LlavaOnevisionVideoProcessor", new() { ["video_processor_type"] = "LlavaOnevisionVideoProcessor" })),
    };

    /// <summary>Writes the files into a directory, which is made if need be; each atomically.</summary>
    public static void Write(string directory)
    {
        foreach (var (name, text) in Files())
            AtomicFile.WriteText(Path.Combine(directory, name), text);
    }

    private static JsonObject Config() => new()
    {
        ["architectures"] = new JsonArray("LlavaOnevisionForConditionalGeneration"),
        ["image_grid_pinpoints"] = Pinpoints(),
        ["image_token_index"] = LabTokenizer.Special("<image>"),
        ["model_type"] = "llava_onevision",
        ["projector_hidden_act"] = "gelu",
        ["text_config"] = new JsonObject
        {
            ["architectures"] = new JsonArray("Qwen2ForCausalLM"),
            ["bos_token_id"] = LabTokenizer.Special("<|endoftext|>"),
            ["eos_token_id"] = LabTokenizer.Special("<|im_end|>"),
            ["hidden_act"] = "silu",
            ["hidden_size"] = 128,
            ["intermediate_size"] = 352,
            ["max_position_embeddings"] = 4096,
            ["model_type"] = "qwen2",
            ["num_attention_heads"] = 4,
            ["num_hidden_layers"] = 12,
            ["num_key_value_heads"] = 2,
            ["rms_norm_eps"] = 1e-6,
            ["rope_theta"] = 10000.0,
            ["tie_word_embeddings"] = true,
            ["use_sliding_window"] = false,
            ["vocab_size"] = LabTokenizer.PaddedCount,
        },
        ["tie_word_embeddings"] = true,
        ["torch_dtype"] = "bfloat16",
        ["use_image_newline_parameter"] = true,
        ["video_token_index"] = LabTokenizer.Special("<video>"),
        ["vision_aspect_ratio"] = "anyres_max_9",
        ["vision_config"] = new JsonObject
        {
            ["hidden_act"] = "gelu_pytorch_tanh",
            ["hidden_size"] = 128,
            ["image_size"] = LabWorld.Canvas,
            ["intermediate_size"] = 512,
            ["layer_norm_eps"] = 1e-6,
            ["model_type"] = "siglip_vision_model",
            ["num_attention_heads"] = 4,
            ["num_channels"] = 3,
            ["num_hidden_layers"] = 4,
            ["patch_size"] = LabWorld.Patch,
            ["vision_use_head"] = false,
        },
        ["vision_feature_layer"] = -1,
        ["vision_feature_select_strategy"] = "full",
    };

    private static JsonObject Processor(string type, JsonObject more)
    {
        var processor = new JsonObject
        {
            ["do_convert_rgb"] = true,
            ["do_normalize"] = true,
            ["do_rescale"] = true,
            ["do_resize"] = true,
            ["image_mean"] = Numbers(0.5, 0.5, 0.5),
            ["image_processor_type"] = type,
            ["image_std"] = Numbers(0.5, 0.5, 0.5),
            ["processor_class"] = "LlavaOnevisionProcessor",
            ["resample"] = 3,
            ["rescale_factor"] = 1.0 / 255,
            ["size"] = new JsonObject { ["height"] = LabWorld.Canvas, ["width"] = LabWorld.Canvas },
        };
        foreach (var (name, value) in more)
            processor[name] = value?.DeepClone();
        return processor;
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

    private static JsonArray Pinpoints() => new(Numbers(LabWorld.Canvas, LabWorld.Canvas));

    private static JsonArray Numbers(params double[] values) =>
        new([.. values.Select(value => (JsonNode)(value == (int)value ? JsonValue.Create((int)value) : JsonValue.Create(value)))]);

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
