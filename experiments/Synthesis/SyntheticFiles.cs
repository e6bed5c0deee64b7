using System.Text.Json;
using System.Text.Json.Nodes;
using Aim.Models;

namespace Aim.Experiments.Synthesis;

/// <summary>
/// The small files of a synthetic LLaVA-OneVision checkpoint. Its tokenizer has Qwen2's ids for bytes and special tokens and no
/// merges, so that a text is one token a byte; every other id is a word that names it (<c>w1234</c>), so that an answer of any
/// ids can be read.
/// </summary>
internal static class SyntheticFiles
{
    private const int Bytes = 256, FirstSpecial = 151_643;

    private static readonly string[] _special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<image>", "<video>"];

    /// <summary>ChatML; pictures and videos stand before the text.</summary>
    private const string ChatTemplate =
        "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' }}"
        + "{% for content in message['content'] %}{% if content['type'] in ['image', 'video'] %}"
        + "{{ '<' + content['type'] + '>\\n' }}{% endif %}{% endfor %}"
        + "{% for content in message['content'] %}{% if content['type'] == 'text' %}{{ content['text'] }}{% endif %}{% endfor %}"
        + "{{ '<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

    /// <summary>Names and texts.</summary>
    /// <param name="config">The checkpoint's shape.</param>
    public static IReadOnlyDictionary<string, string> Of(LlavaOnevisionConfig config) => new Dictionary<string, string>
    {
        ["tokenizer.json"] = Text(Tokenizer()),
        ["tokenizer_config.json"] = Text(new JsonObject
        {
            ["chat_template"] = ChatTemplate,
            ["eos_token"] = "<|im_end|>",
            ["pad_token"] = "<|endoftext|>",
            ["padding_side"] = "left",
            ["tokenizer_class"] = "Qwen2Tokenizer",
        }),
        ["generation_config.json"] = Text(new JsonObject
        {
            ["do_sample"] = false,
            ["eos_token_id"] = Id("<|im_end|>"),
            ["pad_token_id"] = Id("<|endoftext|>"),
        }),
        ["preprocessor_config.json"] = Text(Processor(config, "LlavaOnevisionImageProcessor")),
        ["video_preprocessor_config.json"] = Text(Processor(config, "LlavaOnevisionVideoProcessor")),
    };

    private static int Id(string special) => FirstSpecial + Array.IndexOf(_special, special);

    private static JsonObject Tokenizer()
    {
        var vocabulary = new JsonObject();
        for (int id = 0; id < Bytes; id++)
            vocabulary[$"{Letter((byte)id)}"] = id;

        // The space of " w1234" is a letter, too, in byte-level BPE.
        for (int id = Bytes; id < FirstSpecial; id++)
            vocabulary[$"{Letter((byte)' ')}w{id}"] = id;
        JsonObject ByteLevel() => new()
        {
            ["type"] = "ByteLevel",
            ["add_prefix_space"] = false,
            ["trim_offsets"] = false,
            ["use_regex"] = false,
        };
        return new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray([.. _special.Select(token => new JsonObject
            {
                ["id"] = Id(token),
                ["content"] = token,
                ["single_word"] = false,
                ["lstrip"] = false,
                ["rstrip"] = false,
                ["normalized"] = false,
                ["special"] = true,
            })]),
            ["normalizer"] = null,
            ["pre_tokenizer"] = ByteLevel(),
            ["post_processor"] = null,
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
                ["merges"] = new JsonArray(),
            },
        };
    }

    // GPT-2's letters of bytes: printable ones are themselves, the rest follow from 256 on.
    private static char Letter(byte value)
    {
        static bool Printable(int b) => b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
        return Printable(value) ? (char)value : (char)(256 + Enumerable.Range(0, value).Count(b => !Printable(b)));
    }

    private static JsonObject Processor(LlavaOnevisionConfig config, string type)
    {
        var processor = new JsonObject
        {
            ["do_convert_rgb"] = true,
            ["do_normalize"] = true,
            ["do_rescale"] = true,
            ["do_resize"] = true,
            ["image_mean"] = new JsonArray(0.5, 0.5, 0.5),
            ["image_processor_type"] = type,
            ["image_std"] = new JsonArray(0.5, 0.5, 0.5),
            ["processor_class"] = "LlavaOnevisionProcessor",
            ["resample"] = 3,
            ["rescale_factor"] = 1.0 / 255,
            ["size"] = new JsonObject { ["height"] = config.Vision.ImageSize, ["width"] = config.Vision.ImageSize },
        };
        if (type.EndsWith("ImageProcessor", StringComparison.Ordinal))
        {
            var sizes = config.ImageGridPinpoints.Select(p => new JsonArray(p.Height, p.Width));
            processor["image_grid_pinpoints"] = new JsonArray([.. sizes]);
        }
        else
        {
            processor["video_processor_type"] = type;
        }

        return processor;
    }

    private static string Text(JsonObject json) => json.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n";
}
