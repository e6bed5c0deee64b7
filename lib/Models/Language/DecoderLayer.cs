namespace Aim.Models;

/// <summary>
/// One pre-norm decoder layer: RMSNorm, grouped-query attention with rotary positions, RMSNorm, SwiGLU. It is cut in two at the
/// attention, so that prefill can cache keys and values, rank tokens by queries and keys, and attend under any mask.
/// </summary>
internal sealed class DecoderLayer
{
    private readonly int _heads;
    private readonly int _keyHeads;
    private readonly int _headDim;
    private readonly double _eps;
    private readonly Weight _inputNorm;
    private readonly Weight _postNorm;
    private readonly CombinedLinear _qkv;
    private readonly Weight _output;
    private readonly CombinedLinear _gateUp;
    private readonly Weight _down;
    private readonly DecoderBlock _block;

    /// <param name="config">The decoder's shape.</param>
    /// <param name="weight">Gets a weight of this layer by its Hugging Face name, checked against a shape.</param>
    /// <param name="own">Owns stacked copies of frozen weights.</param>
    /// <param name="name">Prefix of the layer's names in <paramref name="own"/>.</param>
    /// <param name="products">How products of several mapped weights are kept.</param>
    public DecoderLayer(
        TextConfig config, Func<string, long[], Weight> weight, WeightStore own, string name, WeightResidency products)
    {
        _heads = config.NumAttentionHeads;
        _keyHeads = config.NumKeyValueHeads;
        _headDim = config.HeadDim;
        _eps = config.RmsNormEps;
        long dim = config.HiddenSize, inner = config.IntermediateSize;
        long q = _heads * _headDim, kv = _keyHeads * _headDim;
        _inputNorm = weight("input_layernorm.weight", [dim]);
        _postNorm = weight("post_attention_layernorm.weight", [dim]);
        Weight[] qkv =
        [
            weight("self_attn.q_proj.weight", [q, dim]), weight("self_attn.k_proj.weight", [kv, dim]),
            weight("self_attn.v_proj.weight", [kv, dim]),
        ];
        Weight[]? biases = !config.AttentionBias ? null :
        [
            weight("self_attn.q_proj.bias", [q]), weight("self_attn.k_proj.bias", [kv]), weight("self_attn.v_proj.bias", [kv]),
        ];
        _qkv = new CombinedLinear(own, name + "self_attn.qkv_proj", qkv, biases, products);
        _output = weight("self_attn.o_proj.weight", [dim, q]);
        _gateUp = new CombinedLinear(
            own, name + "mlp.gate_up_proj",
            [weight("mlp.gate_proj.weight", [inner, dim]), weight("mlp.up_proj.weight", [inner, dim])], null, products);
        _down = weight("mlp.down_proj.weight", [dim, inner]);
        _block = new DecoderBlock
        {
            InputNorm = _inputNorm.Tensor,
            Qkv = _qkv.Weights,
            QkvBias = _qkv.Biases,
            Output = _output,
            PostNorm = _postNorm.Tensor,
            GateUp = _gateUp.Weights,
            Down = _down,
            Heads = _heads,
            KeyHeads = _keyHeads,
            HeadDim = _headDim,
            Eps = _eps,
        };
    }

    /// <summary>
    /// Queries [b, hq, n, d] and keys [b, hk, n, d], both rotated, and values [b, hk, n, d]; views where possible.
    /// </summary>
    /// <param name="hidden">[b, n, dim], the layer's input.</param>
    /// <param name="cos">[n, d] or [b, n, d].</param>
    /// <param name="sin">As <paramref name="cos"/>.</param>
    public (Tensor Query, Tensor Key, Tensor Value) Project(Tensor hidden, Tensor cos, Tensor sin)
    {
        var normed = FusedOps.rms_norm(hidden, _inputNorm.Tensor, _eps);
        var heads = _qkv.Forward(normed)
            .view(hidden.shape[0], hidden.shape[1], _heads + 2 * _keyHeads, _headDim)
            .transpose(1, 2);
        // Queries and keys turn together: one call, one pass.
        var rotated = FusedOps.rotary(heads.narrow(1, 0, _heads + _keyHeads), cos, sin);
        return (rotated.narrow(1, 0, _heads), rotated.narrow(1, _heads, _keyHeads),
            heads.narrow(1, _heads + _keyHeads, _keyHeads));
    }

    /// <summary>The layer's output [b, 1, dim] for each sample's newest token, which is added to the cache.</summary>
    /// <param name="hidden">[b, 1, dim], the layer's input.</param>
    /// <param name="cos">[b, 1, d].</param>
    /// <param name="sin">As <paramref name="cos"/>.</param>
    /// <param name="cache">What <see cref="KvCache.Next"/> gives for this layer.</param>
    public Tensor Step(Tensor hidden, Tensor cos, Tensor sin, KvRows cache)
        => FusedOps.decoder_step(hidden, _block, cos, sin, cache.Keys, cache.Values, cache.Length, cache.Mask);

    /// <summary>The layer's output [b, n, dim] from its input and what its heads attended to, [b, hq, n, d].</summary>
    public Tensor Finish(Tensor hidden, Tensor attended)
    {
        var joined = attended.transpose(1, 2).reshape(hidden.shape[0], hidden.shape[1], _heads * _headDim);
        var middle = hidden + FusedOps.linear(joined, _output);
        var normed = FusedOps.rms_norm(middle, _postNorm.Tensor, _eps);
        return middle + FusedOps.linear(FusedOps.swiglu(_gateUp.Forward(normed)), _down);
    }
}
