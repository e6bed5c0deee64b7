namespace Aim.Models.Tests;

/// <summary>Tiny decoders with seeded random weights, and seeded random embeddings for them.</summary>
internal sealed class RandomDecoder : IDisposable
{
    private ulong _state;

    public RandomDecoder(TextConfig config, ulong seed = 1, bool trainable = false)
    {
        Config = config;
        _state = seed;
        int dim = config.HiddenSize, d = config.HeadDim;
        int q = config.NumAttentionHeads * d, kv = config.NumKeyValueHeads * d;
        Add("model.embed_tokens.weight", 1, trainable, config.VocabSize, dim);
        for (int l = 0; l < config.NumHiddenLayers; l++)
        {
            string layer = $"model.layers.{l}.";
            Norm(layer + "input_layernorm.weight", trainable, dim);
            Norm(layer + "post_attention_layernorm.weight", trainable, dim);
            foreach (var (name, rows) in ((string, int)[])[("q", q), ("k", kv), ("v", kv)])
            {
                Add($"{layer}self_attn.{name}_proj.weight", 0.3, trainable, rows, dim);
                if (config.AttentionBias)
                    Add($"{layer}self_attn.{name}_proj.bias", 0.3, trainable, rows);
            }

            Add(layer + "self_attn.o_proj.weight", 0.3, trainable, dim, q);
            Add(layer + "mlp.gate_proj.weight", 0.3, trainable, config.IntermediateSize, dim);
            Add(layer + "mlp.up_proj.weight", 0.3, trainable, config.IntermediateSize, dim);
            Add(layer + "mlp.down_proj.weight", 0.3, trainable, dim, config.IntermediateSize);
        }

        Norm("model.norm.weight", trainable, dim);
        if (!config.TieWordEmbeddings)
            Add("lm_head.weight", 0.3, trainable, config.VocabSize, dim);
        Model = new LanguageModel(config, Weights);
    }

    public static TextConfig Qwen2(int layers = 4) => new()
    {
        VocabSize = 31,
        HiddenSize = 16,
        IntermediateSize = 24,
        NumHiddenLayers = layers,
        NumAttentionHeads = 4,
        NumKeyValueHeads = 2,
        HeadDim = 4,
    };

    public static TextConfig Llama(int layers = 4)
        => Qwen2(layers) with { ModelType = "llama", AttentionBias = false, NumKeyValueHeads = 4 };

    public static TextConfig Qwen2Vl(int layers = 4)
        => Qwen2(layers) with
        {
            ModelType = "qwen2_vl_text",
            NumAttentionHeads = 2,
            NumKeyValueHeads = 1,
            HeadDim = 8,
            MRopeSection = [1, 1, 2],
        };

    /// <summary>The three families, one of them with a tied head.</summary>
    public static IEnumerable<TextConfig> Families => [Qwen2() with { TieWordEmbeddings = true }, Llama(), Qwen2Vl()];

    public TextConfig Config { get; }

    public WeightStore Weights { get; } = new();

    public LanguageModel Model { get; }

    /// <summary>Uniform in [-scale, scale).</summary>
    public float[] Values(int count, double scale)
    {
        var values = new float[count];
        for (int i = 0; i < count; i++)
        {
            ulong z = _state += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            values[i] = (float)(((z ^ (z >> 31)) >> 11) * (2.0 / (1UL << 53)) - 1) * (float)scale;
        }

        return values;
    }

    /// <summary>Embeddings [1, n, dim].</summary>
    public Tensor Embeddings(int n) => tensor(Values(n * Config.HiddenSize, 1), [1, n, Config.HiddenSize]);

    private void Add(string name, double scale, bool trainable, params long[] shape)
        => Weights.Add(name, tensor(Values((int)shape.Aggregate((a, b) => a * b), scale), shape), trainable);

    private void Norm(string name, bool trainable, int dim)
        => Weights.Add(name, tensor(Array.ConvertAll(Values(dim, 0.2), v => 1 + v), [dim]), trainable);

    public void Dispose()
    {
        Model.Dispose();
        Weights.Dispose();
    }
}

/// <summary>Keeps what it is told: after each layer, for each sample, these prompt slots of the visual tokens.</summary>
internal sealed class ForcedPruner(IReadOnlyList<IReadOnlyList<int[]>> visualAfterLayer) : ITokenPruner
{
    // The decoder asks for counts sample by sample; in a batch only their order tells the samples apart.
    private int _asked;

    public int Kept(int layer, int visual, int text) => visualAfterLayer[layer][_asked++ % visualAfterLayer[layer].Count].Length;

    public int[][] Select(LayerContext context, int[] keep)
        => [.. context.Candidates.Select(
            (slots, b) => visualAfterLayer[context.Layer][b].Select(slot => Array.IndexOf(slots, slot)).ToArray())];
}

internal static class TensorValues
{
    public static float[] Values(this Tensor x) => x.cpu().contiguous().data<float>().ToArray();

    public static double Difference(Tensor a, Tensor b)
    {
        Assert.That(a.shape, Is.EqualTo(b.shape));
        return a.Values().Zip(b.Values(), (x, y) => (double)Math.Abs(x - y)).DefaultIfEmpty().Max();
    }
}
