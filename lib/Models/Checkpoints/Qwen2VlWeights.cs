namespace Aim.Models;

/// <summary>The list of a Qwen2-VL model's weights under the hub's names, which have no prefix before the decoder's.</summary>
internal static class Qwen2VlWeights
{
    public const string Tower = "visual.";

    /// <summary>Every weight of a configuration, in a fixed order.</summary>
    public static IReadOnlyList<WeightSpec> Of(Qwen2VlConfig config)
    {
        var list = new List<WeightSpec>();
        var v = config.Vision;
        int d = v.EmbedDim, joined = d * v.SpatialMergeSize * v.SpatialMergeSize;
        list.Add(new(
            Tower + "patch_embed.proj.weight",
            [d, v.PatchValues],
            [d, Qwen2VlVisionConfig.Channels, v.TemporalPatchSize, v.PatchSize, v.PatchSize],
            WeightStart.Random, WeightUse.Product));
        for (int i = 0; i < v.Depth; i++)
        {
            string block = $"{Tower}blocks.{i}.";
            MultimodalWeights.AddLayerNorm(list, block + "norm1", d);
            MultimodalWeights.AddLinear(list, block + "attn.qkv", 3 * d, d, bias: true);
            MultimodalWeights.AddLinear(list, block + "attn.proj", d, d, bias: true);
            MultimodalWeights.AddLayerNorm(list, block + "norm2", d);
            MultimodalWeights.AddLinear(list, block + "mlp.fc1", v.MlpDim, d, bias: true);
            MultimodalWeights.AddLinear(list, block + "mlp.fc2", d, v.MlpDim, bias: true);
        }

        MultimodalWeights.AddLayerNorm(list, Tower + "merger.ln_q", d);
        MultimodalWeights.AddLinear(list, Tower + "merger.mlp.0", joined, joined, bias: true);
        MultimodalWeights.AddLinear(list, Tower + "merger.mlp.2", config.Text.HiddenSize, joined, bias: true);
        MultimodalWeights.AddDecoder(list, config.Text, "");
        return list;
    }

    /// <summary>
    /// The hub's name for a tensor of any generation: transformers 5 writes <c>model.language_model.X</c> and
    /// <c>model.visual.X</c>.
    /// </summary>
    public static string HubName(string name)
    {
        const string Decoder = "model.language_model.", Vision = "model.visual.";
        return name.StartsWith(Decoder, StringComparison.Ordinal) ? "model." + name[Decoder.Length..]
            : name.StartsWith(Vision, StringComparison.Ordinal) ? Tower + name[Vision.Length..]
            : name;
    }
}
