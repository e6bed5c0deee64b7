using System.Text.Json;

namespace Aim.Cost;

/// <summary>Finds the language model in a parsed config.json and reads its sizes.</summary>
internal sealed class HubConfigReader
{
    /// <summary>Larger than any model's, small enough that no product of two overflows.</summary>
    private const int MaxSize = 1 << 24;

    private const int MaxLayers = 4096;

    private static readonly string[] _nested = ["text_config", "llm_config", "language_config"];

    private static readonly string[] _expertKeys = ["num_experts", "num_local_experts", "n_routed_experts"];

    // Their MLP is not gate, up and down: the priced operations are not theirs.
    private static readonly string[] _notGated =
    [
        "gpt2", "gptj", "gpt_neo", "gpt_neox", "gpt_bigcode", "opt", "bloom", "falcon", "mpt", "phi", "starcoder2", "bert", "t5",
    ];

    // transformers' defaults: hidden, intermediate, layers, query heads, key-value heads (0: as query heads), vocabulary
    private static readonly Dictionary<string, int[]> _defaults = new(StringComparer.Ordinal)
    {
        ["llama"] = [4096, 11008, 32, 32, 0, 32000],
        ["mistral"] = [4096, 14336, 32, 32, 8, 32000],
        ["qwen2"] = [4096, 22016, 32, 32, 32, 151936],
        ["qwen2_vl_text"] = [8192, 29568, 80, 64, 8, 152064],
    };

    private readonly JsonElement _section;
    private readonly string _file;
    private readonly string _path;
    private readonly string _family;
    private readonly int[]? _fallback;
    private readonly List<string> _assumed = [];

    /// <exception cref="InvalidDataException">The file is no object, or of a kind that is not priced.</exception>
    public HubConfigReader(JsonElement root, string file)
    {
        _file = file;
        _path = "";
        if (root.ValueKind != JsonValueKind.Object)
            throw new InvalidDataException($"{file}: a JSON object is expected, not {Kind(root)}");
        _section = root;
        foreach (var key in _nested)
        {
            if (!TryGet(root, key, out var value))
                continue;
            if (value.ValueKind != JsonValueKind.Object)
                throw new InvalidDataException($"{file}: {key} is {Shown(value)}, but must be an object");
            (_section, _path) = (value, key + ".");
            break;
        }
        _family = FamilyOf(root);
        _fallback = _path.Length > 0 ? _defaults.GetValueOrDefault(_family) : null;
        RefuseWhatIsNotPriced();
    }

    public HubConfig Read(string name)
    {
        var hidden = Size("hidden_size", 0);
        var intermediate = Size("intermediate_size", 1);
        var layers = Size("num_hidden_layers", 2, MaxLayers);
        var heads = Size("num_attention_heads", 3);
        var keyValueHeads = KeyValueHeads(heads);
        var vocabulary = Size("vocab_size", 5);
        var head = Has("head_dim") ? Size("head_dim", -1) : 0;
        if (head == 0 && hidden % heads != 0)
            throw Error("num_attention_heads", $"{heads} heads do not divide hidden_size {hidden}; give a divisor or head_dim");
        if ((long)heads * (head == 0 ? hidden / heads : head) > MaxSize)
            throw Error("head_dim", $"{heads} heads of {head} are wider than {MaxSize}, which no model is");
        if (heads % keyValueHeads != 0)
            throw Error("num_key_value_heads", $"{keyValueHeads} does not divide num_attention_heads {heads}; give a divisor");
        if (_family == ModelShape.QwenFamily)
        {
            if (intermediate % 2 != 0)
                throw Error("intermediate_size", $"{intermediate} is odd, but a Qwen model splits it in two halves");
            intermediate /= 2;
        }
        return new HubConfig
        {
            Shape = new ModelShape
            {
                Name = name,
                Family = _family,
                Hidden = hidden,
                Layers = layers,
                Heads = heads,
                KeyValueHeads = keyValueHeads,
                HeadDim = head,
                Intermediate = intermediate,
                Vocabulary = vocabulary,
            },
            Assumed = _assumed,
        };
    }

    private int KeyValueHeads(int heads)
    {
        if (Has("num_key_value_heads"))
            return Size("num_key_value_heads", 4);
        if (_fallback is { } f && f[4] != 0)
            return Size("num_key_value_heads", 4);
        // Before grouped queries there was no such key: every query head has its own.
        _assumed.Add($"num_key_value_heads {heads}");
        return heads;
    }

    private int Size(string key, int fallback, int max = MaxSize)
    {
        if (!TryGet(_section, key, out var value))
        {
            if (_fallback is not { } known || fallback < 0)
            {
                throw Error(key, _path.Length > 0
                    ? $"is missing, and transformers' default for model_type '{_family}' is not known here; add it"
                    : "is missing; a language model's config.json has it, or a text_config");
            }
            _assumed.Add($"{key} {known[fallback]}");
            return known[fallback];
        }
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out var number) || number < 1 || number > max)
        {
            throw new InvalidDataException(
                $"{_file}: {_path}{key} is {Shown(value)}, but must be a whole number from 1 to {max}");
        }
        return number;
    }

    private void RefuseWhatIsNotPriced()
    {
        if (_notGated.Contains(_family, StringComparer.Ordinal))
        {
            throw Error(
                "model_type",
                $"'{_family}' has no gated MLP (gate, up, down), which is what is priced; Llama, Mistral and Qwen2 models have");
        }
        foreach (var key in _expertKeys)
        {
            if (TryGet(_section, key, out var value) && value.ValueKind == JsonValueKind.Number
                && value.TryGetDouble(out var experts) && experts > 1)
                throw Error(key, $"{Shown(value)}: a mixture of experts is not priced, only dense models are");
        }
    }

    /// <summary>The text model's type; for a flat multimodal file, what its class or type says of the decoder.</summary>
    private string FamilyOf(JsonElement root)
    {
        var own = Text(_section, "model_type");
        if (_path.Length > 0)
        {
            own ??= Text(root, "model_type") switch
            {
                "llava_onevision" => "qwen2",
                "qwen2_vl" or "qwen2_5_vl" => "qwen2_vl_text",
                { } type when type.Contains("llava", StringComparison.Ordinal) => "llama",
                _ => "",
            };
            return own is "qwen2_vl" or "qwen2_5_vl" or "qwen2_5_vl_text" ? "qwen2_vl_text" : own;
        }
        var names = $"{own} {Architecture(root)}";
        bool Says(string word) => names.Contains(word, StringComparison.OrdinalIgnoreCase);
        if (own is { Length: > 0 } && !Says("llava"))
            return own;
        return Says("qwen") ? "qwen2" : Says("mistral") ? "mistral" : Says("llama") || own == "llava" ? "llama" : own ?? "";
    }

    private string Architecture(JsonElement root)
    {
        if (!TryGet(root, "architectures", out var value))
            return "";
        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(a => a.ValueKind != JsonValueKind.String))
            throw new InvalidDataException($"{_file}: architectures is {Shown(value)}, but must be an array of strings");
        return value.GetArrayLength() > 0 ? value[0].GetString()! : "";
    }

    private string? Text(JsonElement section, string key)
    {
        if (!TryGet(section, key, out var value))
            return null;
        if (value.ValueKind != JsonValueKind.String)
            throw new InvalidDataException($"{_file}: {key} is {Shown(value)}, but must be a string");
        return OneLine(value.GetString()!);
    }

    private bool Has(string key) => TryGet(_section, key, out _);

    private static bool TryGet(JsonElement section, string key, out JsonElement value) =>
        section.TryGetProperty(key, out value) && value.ValueKind != JsonValueKind.Null;

    private InvalidDataException Error(string key, string problem) => new($"{_file}: {_path}{key} {problem}");

    private static string Shown(JsonElement value) => OneLine(value.GetRawText());

    private static string OneLine(string text)
    {
        var line = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
        return line.Length > 60 ? line[..57] + "..." : line;
    }

    private static string Kind(JsonElement element) => element.ValueKind.ToString().ToLowerInvariant();
}
