using System.Text.Json;
using System.Text.Json.Nodes;

namespace Aim.Models;

/// <summary>
/// The shape of a Llama-like decoder: Hugging Face's <c>text_config</c> of model types <c>qwen2</c>, <c>llama</c>,
/// <c>mistral</c> and <c>qwen2_vl_text</c>, with the same defaults for what a file leaves out.
/// </summary>
public sealed record TextConfig
{
    /// <summary>
    /// Hugging Face's model type, which decides the defaults: <c>qwen2</c>, <c>llama</c>, <c>mistral</c> or <c>qwen2_vl_text</c>.
    /// </summary>
    public string ModelType { get; init; } = "qwen2";

    /// <summary>Rows of the embedding, padding beyond the tokenizer's vocabulary included.</summary>
    public required int VocabSize { get; init; }

    /// <summary>Width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width of SwiGLU's gate and up projections.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Number of decoder layers, L in the papers.</summary>
    public required int NumHiddenLayers { get; init; }

    /// <summary>Number of query heads.</summary>
    public required int NumAttentionHeads { get; init; }

    /// <summary>Number of key and value heads; it divides <see cref="NumAttentionHeads"/>.</summary>
    public required int NumKeyValueHeads { get; init; }

    /// <summary>Width of one head, even; usually hidden size / heads.</summary>
    public required int HeadDim { get; init; }

    /// <summary>Epsilon of RMSNorm.</summary>
    public double RmsNormEps { get; init; } = 1e-6;

    /// <summary>Base of the rotary frequencies.</summary>
    public double RopeTheta { get; init; } = 10000;

    /// <summary>
    /// M-RoPE's sections of the head/2 frequencies that turn by time, height and width (Qwen2-VL); null for plain rotary
    /// positions.
    /// </summary>
    public int[]? MRopeSection { get; init; }

    /// <summary>Whether the output head is the embedding itself.</summary>
    public bool TieWordEmbeddings { get; init; }

    /// <summary>
    /// Whether q, k and v projections have a bias (o_proj has none, except in Llama's own <c>attention_bias</c>, unsupported).
    /// </summary>
    public bool AttentionBias { get; init; } = true;

    /// <summary>The longest position the model was made for.</summary>
    public int MaxPositionEmbeddings { get; init; } = 32768;

    /// <summary>
    /// How many tokens back Mistral's attention reaches, itself included; null: to the start. The window is not computed: up to
    /// its length it changes nothing, and the decoder takes no position beyond it.
    /// </summary>
    public int? SlidingWindow { get; init; }

    private const string Mistral = "mistral";

    // hidden, intermediate, layers, heads, kv heads (0: as heads), vocabulary, max positions, eps, theta, qkv bias
    private readonly record struct Defaults(
        int Hidden, int Intermediate, int Layers, int Heads, int KeyValueHeads, int Vocab, int Positions, double Eps,
        double Theta, bool Bias);

    private static Defaults DefaultsOf(string modelType) => modelType switch
    {
        "qwen2" => new(4096, 22016, 32, 32, 32, 151936, 32768, 1e-6, 10000, true),
        "llama" => new(4096, 11008, 32, 32, 0, 32000, 2048, 1e-6, 10000, false),
        Mistral => new(4096, 14336, 32, 32, 8, 32000, 131072, 1e-6, 10000, false),
        _ => new(8192, 29568, 80, 64, 8, 152064, 32768, 1e-5, 1000000, true),
    };

    /// <summary>Reads the decoder's section of a config.json.</summary>
    /// <param name="section">The <c>text_config</c> object (or the whole file where the fields lie flat).</param>
    /// <param name="tieWordEmbeddings">The enclosing file's <c>tie_word_embeddings</c>, used where the section is silent.</param>
    /// <param name="family">The model type of a section that names none.</param>
    /// <exception cref="CheckpointException">A field has the wrong type or does not fit the others.</exception>
    public static TextConfig Read(ConfigSection section, bool tieWordEmbeddings = false, string family = "qwen2")
    {
        string modelType = section.Text("model_type", family, "qwen2", "llama", Mistral, "qwen2_vl", "qwen2_vl_text");
        if (modelType == "qwen2_vl")
            modelType = "qwen2_vl_text";
        var d = DefaultsOf(modelType);
        section.Text("hidden_act", "silu", "silu");
        if (section.Bool("use_sliding_window", false))
            throw section.Error("use_sliding_window", "sliding-window attention is not supported; it must be false");
        if (!d.Bias && section.Bool("attention_bias", false))
            throw section.Error("attention_bias", "attention biases are not supported; it must be false");
        if (section.Bool("mlp_bias", false))
            throw section.Error("mlp_bias", "biases in the MLP are not supported; it must be false");

        int heads = section.Int("num_attention_heads", d.Heads, max: SizeLimits.Heads);
        int hidden = section.Int("hidden_size", d.Hidden, max: SizeLimits.Hidden);
        var (theta, sections) = ReadRope(section, d.Theta);
        var config = new TextConfig
        {
            ModelType = modelType,
            VocabSize = section.Int("vocab_size", d.Vocab, max: SizeLimits.Vocabulary),
            HiddenSize = hidden,
            IntermediateSize = section.Int("intermediate_size", d.Intermediate, max: SizeLimits.Intermediate),
            NumHiddenLayers = section.Int("num_hidden_layers", d.Layers, max: SizeLimits.Layers),
            NumAttentionHeads = heads,
            NumKeyValueHeads = section.Int("num_key_value_heads", d.KeyValueHeads == 0 ? heads : d.KeyValueHeads),
            HeadDim = section.Int("head_dim", hidden / heads, max: SizeLimits.HeadDim),
            RmsNormEps = section.Positive("rms_norm_eps", d.Eps),
            RopeTheta = theta,
            MRopeSection = sections,
            TieWordEmbeddings = section.Bool("tie_word_embeddings", tieWordEmbeddings),
            AttentionBias = d.Bias,
            MaxPositionEmbeddings = section.Int("max_position_embeddings", d.Positions),
            SlidingWindow = modelType == Mistral ? Window(section) : null,
        };
        config.Validate(section);
        return config;
    }

    // null says that there is none; a file that says nothing means Mistral-7B's.
    private static int? Window(ConfigSection section)
        => section.Element.TryGetProperty("sliding_window", out var value) && value.ValueKind == JsonValueKind.Null
            ? null
            : section.Int("sliding_window", 4096);

    private static (double Theta, int[]? Sections) ReadRope(ConfigSection section, double fallback)
    {
        double theta = section.Positive("rope_theta", fallback);
        int[]? sections = null;
        // transformers 5 writes rope_parameters; earlier ones rope_scaling (with the kind under `type`) beside rope_theta.
        foreach (string field in (string[])["rope_scaling", "rope_parameters"])
        {
            if (section.Section(field) is not { } rope)
                continue;
            rope.Text("rope_type", "default", "default", "mrope");
            rope.Text("type", "default", "default", "mrope");
            theta = rope.Positive("rope_theta", theta);
            sections = rope.Ints("mrope_section") ?? sections;
            if (sections is { Length: not 3 })
                throw rope.Error("mrope_section", "three numbers are expected: frequencies for time, height and width");
        }

        return (theta, sections);
    }

    private void Validate(ConfigSection section)
    {
        if (!section.Has("head_dim") && HiddenSize % NumAttentionHeads != 0)
        {
            throw section.Error(
                "num_attention_heads",
                $"{NumAttentionHeads} heads do not divide hidden_size {HiddenSize}; give a divisor or head_dim");
        }

        if (NumAttentionHeads % NumKeyValueHeads != 0)
        {
            throw section.Error(
                "num_key_value_heads",
                $"{NumKeyValueHeads} does not divide num_attention_heads {NumAttentionHeads}; give a divisor");
        }

        if (HeadDim % 2 != 0)
            throw section.Error("head_dim", $"rotary positions need an even head width, not {HeadDim}");
        if (MRopeSection is { } s && s.Sum(n => (long)n) != HeadDim / 2)
        {
            throw section.Error(
                "mrope_section", $"sections [{string.Join(", ", s)}] must add up to head_dim / 2 = {HeadDim / 2}");
        }
    }

    /// <summary>Puts the fields into a JSON object under Hugging Face's names.</summary>
    public void Write(JsonObject json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json["model_type"] = ModelType;
        json["hidden_act"] = "silu";
        json["hidden_size"] = HiddenSize;
        json["intermediate_size"] = IntermediateSize;
        json["num_hidden_layers"] = NumHiddenLayers;
        json["num_attention_heads"] = NumAttentionHeads;
        json["num_key_value_heads"] = NumKeyValueHeads;
        json["head_dim"] = HeadDim;
        json["rms_norm_eps"] = RmsNormEps;
        json["rope_theta"] = RopeTheta;
        // rope_parameters would win over rope_theta when read again.
        json.Remove("rope_parameters");
        if (MRopeSection is not { } sections)
        {
            json.Remove("rope_scaling");
        }
        else
        {
            json["rope_scaling"] = new JsonObject
            {
                ["type"] = "mrope",
                ["mrope_section"] = new JsonArray([.. sections.Select(s => (JsonNode)s)]),
            };
        }

        json["tie_word_embeddings"] = TieWordEmbeddings;
        json["vocab_size"] = VocabSize;
        json["max_position_embeddings"] = MaxPositionEmbeddings;
        if (ModelType == Mistral)
            json["sliding_window"] = SlidingWindow;
    }
}
