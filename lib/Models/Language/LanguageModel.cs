namespace Aim.Models;

/// <summary>
/// The decoder of Qwen2, Llama and Qwen2-VL's text model: token embedding, pre-norm layers with grouped-query attention and
/// SwiGLU, final RMSNorm, own or tied output head. <see cref="Forward"/> is differentiable and keeps no cache;
/// <see cref="Prefill"/> and
/// <see cref="Decode"/> infer, with visual tokens pruned on the way.
/// </summary>
public sealed partial class LanguageModel : IDisposable
{
    private readonly WeightStore _own = new();
    private readonly DecoderLayer[] _layers;
    private readonly RotaryEmbedding _rotary;
    private readonly Weight _embedding;
    private readonly Weight _norm;
    private readonly Weight _head;

    /// <summary>Wires the decoder to its weights, which stay the store's.</summary>
    /// <param name="config">The decoder's shape.</param>
    /// <param name="weights">Weights under Hugging Face's names.</param>
    /// <param name="prefix">
    /// What stands before <c>model.layers.0...</c> and <c>lm_head.weight</c>, say <c>language_model.</c>
    /// </param>
    /// <param name="products">
    /// Whether mapped q, k and v, and gate and up, are packed as one product each, or used from the file's pages one by one.
    /// </param>
    /// <exception cref="CheckpointException">A weight is missing or has another shape than the configuration says.</exception>
    public LanguageModel(
        TextConfig config, WeightStore weights, string prefix = "", WeightResidency products = WeightResidency.Packed)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        Config = config;
        Weight Get(string name, long[] shape)
        {
            if (!weights.TryGet(prefix + name, out var weight))
            {
                throw new CheckpointException(
                    $"the checkpoint lacks {prefix + name}, which a {config.ModelType} decoder of this config.json needs");
            }

            if (!weight.Shape.SequenceEqual(shape))
            {
                throw new CheckpointException(
                    $"{prefix + name} has shape [{string.Join(", ", weight.Shape)}], "
                    + $"but config.json says [{string.Join(", ", shape)}]");
            }

            return weight;
        }

        _rotary = new RotaryEmbedding(config);
        _embedding = Get("model.embed_tokens.weight", [config.VocabSize, config.HiddenSize]);
        _norm = Get("model.norm.weight", [config.HiddenSize]);
        _head = config.TieWordEmbeddings ? _embedding : Get("lm_head.weight", [config.VocabSize, config.HiddenSize]);
        WeightBytes = Get("model.layers.0.mlp.down_proj.weight", [config.HiddenSize, config.IntermediateSize]).Dtype
            == ScalarType.Float32 ? sizeof(float) : sizeof(short);
        _layers = new DecoderLayer[config.NumHiddenLayers];
        for (int i = 0; i < _layers.Length; i++)
        {
            string layer = $"model.layers.{i}.";
            _layers[i] = new DecoderLayer(config, (name, shape) => Get(layer + name, shape), _own, layer, products);
        }
    }

    /// <summary>The decoder's shape.</summary>
    public TextConfig Config { get; }

    /// <summary>Bytes of one value of a product's weights, as they are kept: 4, or 2 of a 16-bit checkpoint.</summary>
    public int WeightBytes { get; }

    /// <summary>Bytes of all weights that a decoding step multiplies by, the head's included.</summary>
    internal long ProductBytes => WeightBytes * (long)Config.HiddenSize
        * ((long)Config.VocabSize + (Config.NumHiddenLayers
            * (((long)Config.HeadDim * 2 * (Config.NumAttentionHeads + Config.NumKeyValueHeads))
                + (3L * Config.IntermediateSize))));

    /// <summary>Where its weights lie, and its inputs must.</summary>
    internal Device Device => _norm.Tensor.device;

    internal IReadOnlyList<DecoderLayer> Layers => _layers;

    internal RotaryEmbedding Rotary => _rotary;

    /// <summary>Embeddings [.., dim] of token ids [..] (int64).</summary>
    public Tensor Embed(Tensor ids) => FusedOps.embedding(ids, _embedding);

    /// <summary>Embeddings [n, dim] of a text's ids.</summary>
    public Tensor Embed(IReadOnlyList<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        using var scope = NewDisposeScope();
        return Embed(tensor(ids.Select(id => (long)id).ToArray(), [ids.Count], device: Device)).MoveToOuterDisposeScope();
    }

    /// <summary>Logits [.., vocabulary] of hidden states [.., dim] that have passed the final norm.</summary>
    public Tensor Logits(Tensor hidden) => FusedOps.linear(hidden, _head);

    internal Tensor FinalNorm(Tensor hidden) => FusedOps.rms_norm(hidden, _norm.Tensor, Config.RmsNormEps);

    /// <summary>
    /// Runs whole sequences causally, without a cache; gradients flow to the embeddings and to trainable weights.
    /// </summary>
    /// <param name="embeds">[b, n, dim].</param>
    /// <param name="positions">
    /// Rotary positions (int64), [n] or [b, n]; with M-RoPE [3, n] or [3, b, n]. Left out, tokens count from 0 at each sample's
    /// start.
    /// </param>
    /// <param name="start">First real token of each sample where samples are padded on the left.</param>
    /// <returns>Hidden states after the final norm [b, n, dim].</returns>
    public Tensor Forward(Tensor embeds, Tensor? positions = null, int[]? start = null)
        => States(embeds, _layers.Length, norm: true, positions, start);

    /// <summary>What a layer gives, as <see cref="Forward"/> would go on from it; the layers behind it are not run.</summary>
    /// <param name="embeds">[b, n, dim].</param>
    /// <param name="layer">
    /// 0: the embeddings as they are; k: the output of the k-th layer, counted from 1 (Hugging Face's <c>hidden_states[k]</c>,
    /// but for the last one, which Hugging Face gives behind the final norm).
    /// </param>
    /// <param name="norm">Whether the final norm follows.</param>
    /// <param name="positions">As in <see cref="Forward"/>.</param>
    /// <param name="start">As in <see cref="Forward"/>.</param>
    /// <returns>Hidden states [b, n, dim].</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such layer.</exception>
    public Tensor States(Tensor embeds, int layer, bool norm, Tensor? positions = null, int[]? start = null)
    {
        ArgumentNullException.ThrowIfNull(embeds);
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(layer, _layers.Length);
        int batch = (int)embeds.shape[0], n = (int)embeds.shape[1];
        bool shared = positions is null && start is null;
        int[] at = Positions.Read(positions, _rotary.Axes, shared ? 1 : batch, n, start);
        var (cos, sin) = _rotary.Tables(at, shared ? 0 : batch, n, embeds);
        var mask = new AttentionMask(true, start);
        var hidden = embeds;
        foreach (var block in _layers.AsSpan(0, layer))
        {
            using var scope = NewDisposeScope();
            var (query, key, value) = block.Project(hidden, cos, sin);
            hidden = block.Finish(hidden, FusedOps.attention(query, key, value, mask)).MoveToOuterDisposeScope();
        }

        return norm ? FinalNorm(hidden) : hidden.alias();
    }

    /// <summary>
    /// Runs prompts, caches keys and values, and lets <paramref name="pruner"/> drop visual tokens after each layer (paper
    /// section 2.2). Samples may differ in length and in what they keep: rows are padded on the left, anew whenever tokens leave.
    /// </summary>
    /// <param name="embeds">[b, n, dim], n the longest prompt, shorter ones padded on the left with anything finite.</param>
    /// <param name="layout">Which slots of each prompt are visual.</param>
    /// <param name="pruner">Null: nothing is pruned.</param>
    /// <param name="mode">Whether pruned tokens are removed or, as in the reference implementation, only hidden.</param>
    /// <param name="positions">As in <see cref="Forward"/>, over the padded columns; left out, the layouts'.</param>
    /// <param name="record">What to keep for inspection.</param>
    /// <param name="cancel">Ends it before its next layer.</param>
    /// <exception cref="ArgumentException">
    /// The layouts do not fit the embeddings, or the pruner removes the last token.
    /// </exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was raised.</exception>
    public PrefillResult Prefill(
        Tensor embeds,
        IReadOnlyList<PromptLayout> layout,
        ITokenPruner? pruner = null,
        PruneMode mode = PruneMode.Remove,
        Tensor? positions = null,
        PrefillRecording record = PrefillRecording.None,
        CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(embeds);
        ArgumentNullException.ThrowIfNull(layout);
        return new PrefillRun(this, embeds, layout, pruner, mode, positions, record).Run(cancel);
    }

    /// <summary>One decoding step: takes each sample's newest token, returns the logits of the next.</summary>
    /// <param name="ids">[b] int64.</param>
    /// <param name="cache">Prefill's cache; it grows by one row a layer.</param>
    /// <param name="pruner">Hides prompt tokens from upper layers in this step; null: nothing is hidden.</param>
    /// <returns>Logits [b, vocabulary].</returns>
    public Tensor Decode(Tensor ids, KvCache cache, IDecodePruner? pruner = null)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        return Logits(DecodeHidden(ids, cache, pruner)).squeeze(1).MoveToOuterDisposeScope();
    }

    /// <summary>A decoding step's final-norm output [b, 1, dim], from which <see cref="Decode"/> takes its logits.</summary>
    internal Tensor DecodeHidden(Tensor ids, KvCache cache, IDecodePruner? pruner = null)
    {
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentNullException.ThrowIfNull(cache);
        if (ids.shape is not [var batch] || batch != cache.Batch)
        {
            throw new ArgumentException(
                $"a cache of {cache.Batch} samples takes [{cache.Batch}] token ids, not [{string.Join(", ", ids.shape)}]",
                nameof(ids));
        }

        using var outer = NewDisposeScope();
        using var _ = no_grad();
        var hidden = Embed(ids.unsqueeze(1));
        var step = pruner is null ? null : new DecodePruning(pruner, cache, _layers.Length);
        Tensor cos = null!, sin = null!;
        for (int i = 0; i < _layers.Length; i++)
        {
            // Layers that were renumbered together share their tables, and so do those that were not.
            if (i == 0 || !ReferenceEquals(cache.Shift(i), cache.Shift(i - 1)))
            {
                int[] own = cache.PositionsOf(i);
                int[] at = _rotary.Axes == 1 ? own : [.. Enumerable.Repeat(own, _rotary.Axes).SelectMany(p => p)];
                (cos, sin) = _rotary.Tables(at, cache.Batch, 1, hidden);
            }

            var input = hidden;
            hidden = _layers[i].Step(input, cos, sin, cache.Next(i, step?.Shown(i)));
            step?.Look(i, _layers[i], input, cos, sin);
            input.Dispose();
        }

        cache.Advance();
        return FinalNorm(hidden).MoveToOuterDisposeScope();
    }

    /// <summary>Stacks prompts [n_i, dim] into one batch [b, n, dim], shorter ones padded with zeros on the left.</summary>
    public static Tensor PadLeft(IReadOnlyList<Tensor> embeds)
    {
        ArgumentNullException.ThrowIfNull(embeds);
        using var scope = NewDisposeScope();
        long longest = embeds.Max(e => e.shape[^2]);
        var rows = embeds.Select(e =>
        {
            var flat = e.reshape(e.shape[^2], e.shape[^1]);
            long missing = longest - flat.shape[0];
            return missing == 0 ? flat : cat([zeros([missing, flat.shape[1]], flat.dtype, flat.device), flat], 0);
        });
        return stack(rows.ToArray(), 0).MoveToOuterDisposeScope();
    }

    /// <summary>Frees what the decoder made for itself; the weights stay the store's.</summary>
    public void Dispose() => _own.Dispose();
}
