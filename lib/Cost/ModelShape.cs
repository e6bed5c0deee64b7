namespace Aim.Cost;

/// <summary>
/// The sizes of a decoder-only language model: everything that its cost depends on. No weights are needed, so any
/// <c>config.json</c> can be priced.
/// </summary>
public sealed record ModelShape
{
    /// <summary>What reports call the model.</summary>
    public required string Name { get; init; }

    /// <summary>Width of the residual stream, h.</summary>
    public required int Hidden { get; init; }

    /// <summary>Decoder layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Query heads, H.</summary>
    public required int Heads { get; init; }

    /// <summary>Key and value heads, Hk: fewer than <see cref="Heads"/> under grouped-query attention.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Width of the gated MLP, i.</summary>
    public required int Intermediate { get; init; }

    /// <summary>Rows of the output head, V.</summary>
    public required int Vocabulary { get; init; }

    /// <summary>Width of one head; by default h / H.</summary>
    public int HeadDim { get => field == 0 ? Hidden / Heads : field; init; }

    /// <summary>Width of all query heads together, H * head; h for every model of the paper.</summary>
    public int QueryWidth => Heads * HeadDim;

    /// <summary>Width of all key (or value) heads together, Hk * head.</summary>
    public int KeyValueWidth => KeyValueHeads * HeadDim;

    /// <summary>LLaVA-OneVision-7B's, LongVA-7B's and Qwen2-VL-7B's language model.</summary>
    public static ModelShape Qwen2_7B { get; } = new()
    {
        Name = "Qwen2-7B",
        Hidden = 3584,
        Layers = 28,
        Heads = 28,
        KeyValueHeads = 4,
        Intermediate = 18944,
        Vocabulary = 152064,
    };

    /// <summary>LLaVA-OneVision-0.5B's language model.</summary>
    public static ModelShape Qwen2_0_5B { get; } = new()
    {
        Name = "Qwen2-0.5B",
        Hidden = 896,
        Layers = 24,
        Heads = 14,
        KeyValueHeads = 2,
        Intermediate = 4864,
        Vocabulary = 151936,
    };

    /// <summary>LLaVA-1.5-7B's language model.</summary>
    public static ModelShape Vicuna_7B { get; } = new()
    {
        Name = "Vicuna-7B",
        Hidden = 4096,
        Layers = 32,
        Heads = 32,
        KeyValueHeads = 32,
        Intermediate = 11008,
        Vocabulary = 32000,
    };

    /// <summary>
    /// Qwen-VL-Chat as the paper priced it: its config gives <c>intermediate_size</c> 22016, which the model splits in
    /// two halves of 11008, but the paper's script takes at its word.
    /// </summary>
    public static ModelShape QwenVLChat_7B { get; } = new()
    {
        Name = "Qwen-VL-Chat-7B",
        Hidden = 4096,
        Layers = 32,
        Heads = 32,
        KeyValueHeads = 32,
        Intermediate = 22016,
        Vocabulary = 151936,
    };

    /// <summary>The presets, in the order in which they are listed to users.</summary>
    public static IReadOnlyList<ModelShape> Presets { get; } = [Qwen2_7B, Qwen2_0_5B, Vicuna_7B, QwenVLChat_7B];

    /// <exception cref="ArgumentException">A size is not positive, or the heads do not divide as attention needs; names the field.</exception>
    internal void Check()
    {
        Positive(Hidden, "hidden_size");
        Positive(Layers, "num_hidden_layers");
        Positive(Heads, "num_attention_heads");
        Positive(KeyValueHeads, "num_key_value_heads");
        Positive(Intermediate, "intermediate_size");
        Positive(Vocabulary, "vocab_size");
        Positive(HeadDim, "head_dim");
        if (Heads % KeyValueHeads != 0)
            throw new ArgumentException($"model '{Name}': num_attention_heads {Heads} is not a multiple of num_key_value_heads {KeyValueHeads}");
    }

    private void Positive(int value, string field)
    {
        if (value <= 0)
            throw new ArgumentException($"model '{Name}': {field} is {value}, but should be positive");
    }
}
