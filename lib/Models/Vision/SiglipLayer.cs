namespace Aim.Models;

/// <summary>One pre-norm encoder layer: LayerNorm, attention over all patches of a picture, LayerNorm, MLP.</summary>
internal sealed class SiglipLayer
{
    private readonly int _heads;
    private readonly int _dim;
    private readonly double _eps;
    private readonly Linear _query, _key, _value, _output, _up, _down;
    private readonly (Tensor Weight, Tensor Bias) _norm1, _norm2;

    public SiglipLayer(VisionConfig config, WeightStore weights, string prefix)
    {
        _heads = config.NumAttentionHeads;
        _dim = config.HiddenSize;
        _eps = config.LayerNormEps;
        _norm1 = (weights.Get(prefix + "layer_norm1.weight"), weights.Get(prefix + "layer_norm1.bias"));
        _norm2 = (weights.Get(prefix + "layer_norm2.weight"), weights.Get(prefix + "layer_norm2.bias"));
        _query = new Linear(weights, prefix + "self_attn.q_proj");
        _key = new Linear(weights, prefix + "self_attn.k_proj");
        _value = new Linear(weights, prefix + "self_attn.v_proj");
        _output = new Linear(weights, prefix + "self_attn.out_proj");
        _up = new Linear(weights, prefix + "mlp.fc1");
        _down = new Linear(weights, prefix + "mlp.fc2");
    }

    /// <summary><c>[frames, patches, dim]</c> -> the same.</summary>
    public Tensor Forward(Tensor hidden)
    {
        long frames = hidden.shape[0], patches = hidden.shape[1];
        var normed = nn.functional.layer_norm(hidden, [_dim], _norm1.Weight, _norm1.Bias, _eps);
        Tensor Heads(Linear linear) => linear.Forward(normed).reshape(frames, patches, _heads, _dim / _heads).transpose(1, 2);
        var attended = FusedOps.attention(Heads(_query), Heads(_key), Heads(_value), new AttentionMask(Causal: false));
        var middle = hidden + _output.Forward(attended.transpose(1, 2).reshape(frames, patches, _dim));
        normed = nn.functional.layer_norm(middle, [_dim], _norm2.Weight, _norm2.Bias, _eps);
        return middle + _down.Forward(nn.functional.gelu(_up.Forward(normed), Modules.GELU.Approximate.tanh));
    }
}

/// <summary>A linear map with the weights of a store; the bias may be absent.</summary>
internal sealed class Linear
{
    private readonly Weight _weight;
    private readonly Tensor? _bias;

    public Linear(WeightStore weights, string name)
    {
        _weight = weights[name + ".weight"];
        _bias = weights.TryGet(name + ".bias", out var bias) ? bias.Tensor : null;
    }

    /// <summary><c>[.., in]</c> -> <c>[.., out]</c>.</summary>
    public Tensor Forward(Tensor x) => FusedOps.linear(x, _weight, _bias);
}
