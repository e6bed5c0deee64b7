namespace Aim.Models;

/// <summary>
/// The list of a model's weights, and the translation of their names between generations of files: that of the LLaVA families
/// here, where no other class has it.
/// </summary>
internal static class MultimodalWeights
{
    public const string Tower = "vision_tower.vision_model.";
    public const string Projector = "multi_modal_projector.";
    public const string Newline = "image_newline";
    public const string Language = "language_model.";

    /// <summary>Every weight of a configuration, in a fixed order.</summary>
    public static IReadOnlyList<WeightSpec> Of(MultimodalConfig config)
        => config is Qwen2VlConfig qwen ? Qwen2VlWeights.Of(qwen) : OfLlava((LlavaFamilyConfig)config);

    /// <summary>What stands before the decoder's names.</summary>
    public static string LanguageOf(MultimodalConfig config) => config is Qwen2VlConfig ? "" : Language;

    private static List<WeightSpec> OfLlava(LlavaFamilyConfig config)
    {
        var list = new List<WeightSpec>();
        AddTower(list, config);
        int vision = config.Vision.HiddenSize, dim = config.Text.HiddenSize;
        AddLinear(list, Projector + "linear_1", dim, vision, config.MultimodalProjectorBias);
        if (config.ProjectorLayers > 1)
            AddLinear(list, Projector + "linear_2", dim, dim, config.MultimodalProjectorBias);
        if (config.HasNewline)
            Add(list, Newline, WeightStart.Random, dim);
        AddDecoder(list, config.Text, Language);
        return list;
    }

    private static void AddTower(List<WeightSpec> list, LlavaFamilyConfig config)
    {
        var v = config.Vision;
        int d = v.HiddenSize;
        if (v.HasClass)
            Add(list, Tower + "embeddings.class_embedding", WeightStart.Random, d);
        list.Add(new(
            Tower + "embeddings.patch_embedding.weight",
            [d, (long)v.NumChannels * v.PatchSize * v.PatchSize],
            [d, v.NumChannels, v.PatchSize, v.PatchSize],
            WeightStart.Random, WeightUse.Product));
        if (!v.HasClass)
            Add(list, Tower + "embeddings.patch_embedding.bias", WeightStart.Zero, d);
        Add(list, Tower + "embeddings.position_embedding.weight", WeightStart.Random, v.Tokens, d);
        if (v.HasClass)
            AddLayerNorm(list, Tower + "pre_layrnorm", d);
        for (int i = 0; i < v.NumHiddenLayers; i++)
        {
            string layer = $"{Tower}encoder.layers.{i}.";
            int first = list.Count;
            AddLayerNorm(list, layer + "layer_norm1", d);
            foreach (string name in (string[])["q_proj", "k_proj", "v_proj", "out_proj"])
                AddLinear(list, $"{layer}self_attn.{name}", d, d, bias: true);
            AddLayerNorm(list, layer + "layer_norm2", d);
            AddLinear(list, layer + "mlp.fc1", v.IntermediateSize, d, bias: true);
            AddLinear(list, layer + "mlp.fc2", d, v.IntermediateSize, bias: true);
            for (int j = first; j < list.Count; j++)
                list[j] = list[j] with { Used = i < config.VisionLayersUsed };
        }

        AddLayerNorm(list, Tower + "post_layernorm", d, used: false);
    }

    /// <summary>A decoder's weights, whose names begin with a prefix.</summary>
    public static void AddDecoder(List<WeightSpec> list, TextConfig t, string prefix)
    {
        int dim = t.HiddenSize, q = t.NumAttentionHeads * t.HeadDim, kv = t.NumKeyValueHeads * t.HeadDim;
        var lookUp = t.TieWordEmbeddings ? WeightUse.Product : WeightUse.Table;
        AddMatrix(list, prefix + "model.embed_tokens.weight", lookUp, t.VocabSize, dim);
        for (int i = 0; i < t.NumHiddenLayers; i++)
        {
            string layer = $"{prefix}model.layers.{i}.";
            Add(list, layer + "input_layernorm.weight", WeightStart.One, dim);
            AddLinear(list, layer + "self_attn.q_proj", q, dim, t.AttentionBias, WeightUse.Part);
            AddLinear(list, layer + "self_attn.k_proj", kv, dim, t.AttentionBias, WeightUse.Part);
            AddLinear(list, layer + "self_attn.v_proj", kv, dim, t.AttentionBias, WeightUse.Part);
            AddLinear(list, layer + "self_attn.o_proj", dim, q, bias: false);
            Add(list, layer + "post_attention_layernorm.weight", WeightStart.One, dim);
            AddLinear(list, layer + "mlp.gate_proj", t.IntermediateSize, dim, bias: false, WeightUse.Part);
            AddLinear(list, layer + "mlp.up_proj", t.IntermediateSize, dim, bias: false, WeightUse.Part);
            AddLinear(list, layer + "mlp.down_proj", dim, t.IntermediateSize, bias: false);
        }

        Add(list, prefix + "model.norm.weight", WeightStart.One, dim);
        if (!t.TieWordEmbeddings)
            AddMatrix(list, prefix + "lm_head.weight", WeightUse.Product, t.VocabSize, dim);
    }

    private static void Add(List<WeightSpec> list, string name, WeightStart start, params long[] shape)
        => list.Add(new(name, shape, shape, start, WeightUse.Value));

    private static void AddMatrix(List<WeightSpec> list, string name, WeightUse use, params long[] shape)
        => list.Add(new(name, shape, shape, WeightStart.Random, use));

    /// <summary>A linear map's weight <c>[output, input]</c>, and its bias if it has one.</summary>
    public static void AddLinear(
        List<WeightSpec> list, string name, int output, int input, bool bias, WeightUse use = WeightUse.Product)
    {
        AddMatrix(list, name + ".weight", use, output, input);
        if (bias)
            Add(list, name + ".bias", WeightStart.Zero, output);
    }

    /// <summary>A LayerNorm's scale and bias.</summary>
    public static void AddLayerNorm(List<WeightSpec> list, string name, int dim, bool used = true)
    {
        list.Add(new(name + ".weight", [dim], [dim], WeightStart.One, WeightUse.Value, used));
        list.Add(new(name + ".bias", [dim], [dim], WeightStart.Zero, WeightUse.Value, used));
    }

    /// <summary>
    /// The hub's name for a tensor of any generation: transformers 5 writes <c>model.language_model.X</c>,
    /// <c>model.vision_tower.X</c> (late 4.x in memory <c>model.vision_tower.vision_model.X</c>),
    /// <c>model.multi_modal_projector.X</c>, <c>model.image_newline</c> and <c>lm_head.weight</c>.
    /// </summary>
    public static string HubName(string name, MultimodalConfig config)
    {
        if (config is Qwen2VlConfig)
            return Qwen2VlWeights.HubName(name);
        if (name == "lm_head.weight")
            return Language + name;
        if (!name.StartsWith("model.", StringComparison.Ordinal))
            return name;
        string rest = name["model.".Length..];
        if (rest.StartsWith(Language, StringComparison.Ordinal))
            return Language + "model." + rest[Language.Length..];
        if (rest.StartsWith("vision_tower.", StringComparison.Ordinal) && !rest.StartsWith(Tower, StringComparison.Ordinal))
            return Tower + rest["vision_tower.".Length..];
        return rest;
    }

    /// <summary>
    /// Tensors that files may hold beyond the weights: a copy of the tied embedding, and buffers that older versions stored.
    /// </summary>
    public static bool IsIgnored(string hubName, MultimodalConfig config)
        => (config.Text.TieWordEmbeddings && hubName == LanguageOf(config) + "lm_head.weight")
            || hubName.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal)
            || hubName.EndsWith(".embeddings.position_ids", StringComparison.Ordinal);
}
