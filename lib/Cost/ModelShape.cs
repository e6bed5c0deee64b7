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

    /// <summary>
    /// The kind of decoder, as Hugging Face's <c>model_type</c> of the text model has it (<c>qwen2</c>, <c>llama</c>,
    /// <c>mistral</c>,
    /// <c>qwen</c>); empty where nothing says so. Changes no size: it tells which quirks the paper's script has for it.
    /// </summary>
    public string Family { get; init; } = "";

    /// <summary>LLaVA-OneVision-7B's language model.</summary>
    public static ModelShape Qwen2_7B => PublishedModels.Shape("Qwen2-7B");

    /// <summary>LLaVA-OneVision-0.5B's language model.</summary>
    public static ModelShape Qwen2_0_5B => PublishedModels.Shape("Qwen2-0.5B");

    /// <summary>LLaVA-1.5-7B's language model.</summary>
    public static ModelShape Vicuna_7B => PublishedModels.Shape("Vicuna-7B");

    /// <summary>
    /// Qwen-VL-Chat's language model, as it is: <c>intermediate_size</c> 22016 in its config is two halves of 11008. The paper's
    /// script takes it at its word (<see cref="Quirk.UnhalvedIntermediate"/>).
    /// </summary>
    public static ModelShape QwenVLChat_7B => PublishedModels.Shape("Qwen-VL-Chat-7B");

    /// <summary>Qwen2-VL-7B's language model; the sizes of <see cref="Qwen2_7B"/>.</summary>
    public static ModelShape Qwen2VL_7B => PublishedModels.Shape("Qwen2-VL-7B");

    /// <summary>LongVA-7B's language model; the sizes of <see cref="Qwen2_7B"/>.</summary>
    public static ModelShape LongVA_7B => PublishedModels.Shape("LongVA-7B");

    /// <summary>The presets, in the order in which they are listed to users.</summary>
    public static IReadOnlyList<ModelShape> Presets => PublishedModels.All;

    internal const string QwenFamily = "qwen";

    internal bool IsQwen2 => Family.StartsWith("qwen2", StringComparison.Ordinal);

    /// <exception cref="ArgumentException">A size is not positive, or the heads do not divide as attention needs; names the
    /// field.</exception>
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
        {
            throw new ArgumentException(
                $"model '{Name}': num_attention_heads {Heads} is not a multiple of num_key_value_heads {KeyValueHeads}");
        }
    }

    private void Positive(int value, string field)
    {
        if (value <= 0)
            throw new ArgumentException($"model '{Name}': {field} is {value}, but should be positive");
    }
}
