using System.Text.Json.Nodes;

namespace Aim.Datasets;

/// <summary>config.json of the lab's models.</summary>
internal static class LabConfig
{
    // Pixels of a patch of lab-single-b's tower: 8 x 8 patches.
    private const int LargePatch = 12;

    /// <summary>Pixels of a patch of a model's tower.</summary>
    public static int Patch(LabModelKind kind) => kind == LabModelKind.SingleB ? LargePatch : LabWorld.Patch;

    /// <summary>Patches of a picture.</summary>
    public static int Patches(LabModelKind kind) => LabWorld.Canvas / Patch(kind) * (LabWorld.Canvas / Patch(kind));

    /// <summary>A model's configuration.</summary>
    public static JsonObject Of(LabModelKind kind) => kind == LabModelKind.Video ? Onevision() : Llava(kind);

    private static JsonObject Onevision() => new()
    {
        ["architectures"] = new JsonArray("LlavaOnevisionForConditionalGeneration"),
        ["image_grid_pinpoints"] = Pinpoints(),
        ["image_token_index"] = LabTokenizer.Special("<image>"),
        ["model_type"] = "llava_onevision",
        ["projector_hidden_act"] = "gelu",
        ["text_config"] = Qwen2(),
        ["tie_word_embeddings"] = true,
        ["torch_dtype"] = "bfloat16",
        ["use_image_newline_parameter"] = true,
        ["video_token_index"] = LabTokenizer.Special("<video>"),
        ["vision_aspect_ratio"] = "anyres_max_9",
        ["vision_config"] = Siglip(LabModelKind.Video),
        ["vision_feature_layer"] = -1,
        ["vision_feature_select_strategy"] = "full",
    };

    private static JsonObject Llava(LabModelKind kind)
    {
        bool other = kind == LabModelKind.SingleB;
        var config = new JsonObject
        {
            ["architectures"] = new JsonArray("LlavaForConditionalGeneration"),
            ["image_seq_length"] = Patches(kind),
            ["image_token_index"] = LabTokenizer.Special("<image>"),
            ["model_type"] = "llava",
            ["projector_hidden_act"] = "gelu",
            ["text_config"] = other ? Llama() : Qwen2(),
            ["tie_word_embeddings"] = !other,
            ["torch_dtype"] = "bfloat16",
            ["vision_config"] = Siglip(kind),
            ["vision_feature_layer"] = -1,
            ["vision_feature_select_strategy"] = "full",
        };
        if (other)
            config["mm_projector_type"] = "linear";
        return config;
    }

    private static JsonObject Qwen2()
    {
        var text = Decoder("qwen2", "Qwen2ForCausalLM", keyValueHeads: 2, eps: 1e-6, tied: true);
        text["use_sliding_window"] = false;
        return Sorted(text);
    }

    private static JsonObject Llama() => Decoder("llama", "LlamaForCausalLM", keyValueHeads: 4, eps: 1e-5, tied: false);

    private static JsonObject Decoder(string type, string architecture, int keyValueHeads, double eps, bool tied) => new()
    {
        ["architectures"] = new JsonArray(architecture),
        ["bos_token_id"] = LabTokenizer.Special("<|endoftext|>"),
        ["eos_token_id"] = LabTokenizer.Special("<|im_end|>"),
        ["hidden_act"] = "silu",
        ["hidden_size"] = 128,
        ["intermediate_size"] = 352,
        ["max_position_embeddings"] = 4096,
        ["model_type"] = type,
        ["num_attention_heads"] = 4,
        ["num_hidden_layers"] = 12,
        ["num_key_value_heads"] = keyValueHeads,
        ["rms_norm_eps"] = eps,
        ["rope_theta"] = 10000.0,
        ["tie_word_embeddings"] = tied,
        ["vocab_size"] = LabTokenizer.PaddedCount,
    };

    private static JsonObject Siglip(LabModelKind kind) => new()
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
        ["patch_size"] = Patch(kind),
        ["vision_use_head"] = false,
    };

    /// <summary>The one resolution that a picture is cut into tiles of: its own.</summary>
    public static JsonArray Pinpoints() => new(Numbers(LabWorld.Canvas, LabWorld.Canvas));

    /// <summary>Whole numbers are written without a point.</summary>
    public static JsonArray Numbers(params double[] values) =>
        new([.. values.Select(value =>
            (JsonNode)(value == (int)value ? JsonValue.Create((int)value) : JsonValue.Create(value)))]);

    private static JsonObject Sorted(JsonObject json) =>
        new(json.OrderBy(field => field.Key, StringComparer.Ordinal)
            .Select(field => KeyValuePair.Create(field.Key, field.Value?.DeepClone())));
}
