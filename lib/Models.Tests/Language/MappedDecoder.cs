namespace Aim.Models.Tests;

/// <summary>
/// A decoder of 28 narrow layers over one small file of random bfloat16 values, of which every weight is a part. Each product has
/// half a million bytes of weights, the head two million: all are shared out to the threads.
/// </summary>
internal sealed class MappedDecoder : IDisposable
{
    private readonly string _directory = Fixture.NewDirectory();
    private readonly WeightStore _weights = new();
    private readonly WeightFile _file;
    private int _weightsOfTheFile;

    /// <param name="residency">How the products are kept.</param>
    public MappedDecoder(WeightResidency residency)
    {
        var config = new TextConfig
        {
            VocabSize = 4096,
            HiddenSize = 256,
            IntermediateSize = 1024,
            NumHiddenLayers = 28,
            NumAttentionHeads = 16,
            NumKeyValueHeads = 16,
            HeadDim = 64,
            ModelType = "llama",
            AttentionBias = false,
            TieWordEmbeddings = true,
        };
        int dim = config.HiddenSize, inner = config.IntermediateSize;
        int heads = config.NumAttentionHeads * config.HeadDim;
        string path = Path.Combine(_directory, "values");
        File.WriteAllBytes(path, RandomValues(config.VocabSize * dim));
        _file = WeightFile.Open(path);
        Add("model.embed_tokens.weight", residency, config.VocabSize, dim);
        for (int l = 0; l < config.NumHiddenLayers; l++)
        {
            string layer = $"model.layers.{l}.";
            _weights.Add(layer + "input_layernorm.weight", ones(dim));
            _weights.Add(layer + "post_attention_layernorm.weight", ones(dim));
            // The parts of a product stay mapped; packed, their stack is the copy.
            foreach (string part in (string[])["self_attn.q", "self_attn.k", "self_attn.v"])
                Add($"{layer}{part}_proj.weight", WeightResidency.Mapped, heads, dim);
            Add(layer + "self_attn.o_proj.weight", residency, dim, heads);
            Add(layer + "mlp.gate_proj.weight", WeightResidency.Mapped, inner, dim);
            Add(layer + "mlp.up_proj.weight", WeightResidency.Mapped, inner, dim);
            Add(layer + "mlp.down_proj.weight", residency, dim, inner);
        }

        _weights.Add("model.norm.weight", ones(dim));
        Model = new LanguageModel(config, _weights, products: residency);
    }

    public LanguageModel Model { get; }

    private void Add(string name, WeightResidency residency, params long[] shape)
    {
        long bytes = 2 * shape[0] * shape[1];
        long offset = _weightsOfTheFile++ * 4096L % (_file.Length - bytes + 1);
        _weights.Add(name, new WeightRange(_file, offset, ScalarType.BFloat16, shape), residency);
    }

    /// <summary>Uniform in [-0.1, 0.1), the upper halves of floats.</summary>
    private static byte[] RandomValues(int count)
    {
        var random = new Random(1);
        var bytes = new byte[2 * count];
        for (int i = 0; i < count; i++)
        {
            uint bits = BitConverter.SingleToUInt32Bits(0.2f * (random.NextSingle() - 0.5f));
            BitConverter.TryWriteBytes(bytes.AsSpan(2 * i), (ushort)(bits >> 16));
        }

        return bytes;
    }

    public void Dispose()
    {
        Model.Dispose();
        _weights.Dispose();
        _file.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
