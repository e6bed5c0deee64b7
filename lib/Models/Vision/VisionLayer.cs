namespace Aim.Models;

/// <summary>One pre-norm encoder layer of a tower: LayerNorm, attention over all tokens of a picture, LayerNorm, MLP.</summary>
internal sealed class VisionLayer
{
    private readonly int _heads;
    private readonly int _dim;
    private readonly bool _quick;
    private readonly Linear _query, _key, _value, _output, _up, _down;
    private readonly LayerNorm _norm1, _norm2;

    public VisionLayer(VisionConfig config, WeightStore weights, string prefix)
    {
        _heads = config.NumAttentionHeads;
        _dim = config.HiddenSize;
        _quick = config.HasClass;
        _norm1 = new LayerNorm(weights, prefix + "layer_norm1", _dim, config.LayerNormEps);
        _norm2 = new LayerNorm(weights, prefix + "layer_norm2", _dim, config.LayerNormEps);
        _query = new Linear(weights, prefix + "self_attn.q_proj");
        _key = new Linear(weights, prefix + "self_attn.k_proj");
        _value = new Linear(weights, prefix + "self_attn.v_proj");
        _output = new Linear(weights, prefix + "self_attn.out_proj");
        _up = new Linear(weights, prefix + "mlp.fc1");
        _down = new Linear(weights, prefix + "mlp.fc2");
    }

    /// <summary><c>[pictures, tokens, dim]</c> -> the same.</summary>
    /// <param name="hidden">The residual stream.</param>
    /// <param name="look">Receives queries and keys as the projections give them, each <c>[pictures, tokens, dim]</c>.</param>
    /// <param name="merger">Merges tokens behind the attention; null: all stay.</param>
    /// <param name="index">The layer, for the merger.</param>
    public Tensor Forward(Tensor hidden, Action<Tensor, Tensor>? look = null, ITowerMerger? merger = null, int index = 0)
    {
        long pictures = hidden.shape[0], tokens = hidden.shape[1];
        var normed = _norm1.Forward(hidden);
        Tensor Heads(Tensor x) => x.reshape(pictures, tokens, _heads, _dim / _heads).transpose(1, 2);
        Tensor query = _query.Forward(normed), key = _key.Forward(normed), value = _value.Forward(normed);
        look?.Invoke(query, key);
        var attended = merger is null
            ? FusedOps.attention(Heads(query), Heads(key), Heads(value), new AttentionMask(Causal: false))
            : merger.Attend(Heads(query), Heads(key), Heads(value));
        var middle = hidden + _output.Forward(attended.transpose(1, 2).reshape(pictures, tokens, _dim));
        middle = merger?.Merge(index, middle, Heads(key)) ?? middle;
        return middle + _down.Forward(Activate(_up.Forward(_norm2.Forward(middle))));
    }

    /// <summary>Queries and keys of the layer for an input, without the rest of it.</summary>
    public (Tensor Query, Tensor Key) Project(Tensor hidden)
    {
        var normed = _norm1.Forward(hidden);
        return (_query.Forward(normed), _key.Forward(normed));
    }

    private Tensor Activate(Tensor x) => _quick ? QuickGelu(x) : nn.functional.gelu(x, Modules.GELU.Approximate.tanh);

    /// <summary>x * sigmoid(1.702 x).</summary>
    public static Tensor QuickGelu(Tensor x) => x * sigmoid(x * 1.702);
}
