using Aim.Models;
using static Aim.Tensors.torch;

namespace Aim.Tensors.Benchmarks;

/// <summary>
/// Decoders of published sizes and random weights. The output head is small (a vocabulary of 1,000): it is computed for one
/// token.
/// </summary>
internal static class BenchDecoder
{
    /// <summary>Qwen2-0.5B's layers.</summary>
    public static readonly TextConfig Small = new()
    {
        VocabSize = 1000,
        HiddenSize = 896,
        IntermediateSize = 4864,
        NumHiddenLayers = 24,
        NumAttentionHeads = 14,
        NumKeyValueHeads = 2,
        HeadDim = 64,
    };

    /// <summary>One of Qwen2-7B's layers.</summary>
    public static readonly TextConfig Large = new()
    {
        VocabSize = 1000,
        HiddenSize = 3584,
        IntermediateSize = 18944,
        NumHiddenLayers = 1,
        NumAttentionHeads = 28,
        NumKeyValueHeads = 4,
        HeadDim = 128,
    };

    /// <summary>A decoder whose weights go into a store.</summary>
    public static LanguageModel Make(TextConfig config, WeightStore weights)
    {
        var random = new Generator(7);
        long dim = config.HiddenSize, inner = config.IntermediateSize;
        long q = config.NumAttentionHeads * config.HeadDim, kv = config.NumKeyValueHeads * config.HeadDim;
        Add("model.embed_tokens.weight", config.VocabSize, dim);
        Add("lm_head.weight", config.VocabSize, dim);
        weights.Add("model.norm.weight", ones(dim));
        for (var l = 0; l < config.NumHiddenLayers; l++)
        {
            var layer = $"model.layers.{l}.";
            weights.Add(layer + "input_layernorm.weight", ones(dim));
            weights.Add(layer + "post_attention_layernorm.weight", ones(dim));
            foreach (var (name, rows) in new[] { ("q", q), ("k", kv), ("v", kv) })
            {
                Add($"{layer}self_attn.{name}_proj.weight", rows, dim);
                weights.Add($"{layer}self_attn.{name}_proj.bias", zeros(rows));
            }

            Add(layer + "self_attn.o_proj.weight", dim, q);
            Add(layer + "mlp.gate_proj.weight", inner, dim);
            Add(layer + "mlp.up_proj.weight", inner, dim);
            Add(layer + "mlp.down_proj.weight", dim, inner);
        }

        return new LanguageModel(config, weights);

        void Add(string name, long rows, long columns)
        {
            using var scope = NewDisposeScope();
            weights.Add(name, (rand([rows, columns], generator: random) - 0.5) * (2 / Math.Sqrt(columns)));
        }
    }
}
