namespace Aim.Models;

/// <summary>
/// One pre-norm block of Qwen2-VL's vision transformer: LayerNorm, attention with 2-D rotary positions within each frame,
/// LayerNorm, MLP. Queries, keys and values come from one product.
/// </summary>
internal sealed class Qwen2VlBlock
{
    private readonly Qwen2VlVisionConfig _config;
    private readonly LayerNorm _norm1, _norm2;
    private readonly Linear _qkv, _output, _up, _down;

    public Qwen2VlBlock(Qwen2VlVisionConfig config, WeightStore weights, string prefix)
    {
        _config = config;
        _norm1 = new LayerNorm(weights, prefix + "norm1", config.EmbedDim, Qwen2VlVisionConfig.LayerNormEps);
        _norm2 = new LayerNorm(weights, prefix + "norm2", config.EmbedDim, Qwen2VlVisionConfig.LayerNormEps);
        _qkv = new Linear(weights, prefix + "attn.qkv");
        _output = new Linear(weights, prefix + "attn.proj");
        _up = new Linear(weights, prefix + "mlp.fc1");
        _down = new Linear(weights, prefix + "mlp.fc2");
    }

    /// <summary><c>[frames, patches, dim]</c> -> the same.</summary>
    /// <param name="hidden">The residual stream.</param>
    /// <param name="cos">Rotary tables <c>[patches, head width]</c>, the same for every frame.</param>
    /// <param name="sin">As <paramref name="cos"/>.</param>
    public Tensor Forward(Tensor hidden, Tensor cos, Tensor sin)
    {
        var (query, key, value) = Project(hidden, cos, sin);
        var attended = FusedOps.attention(query, key, value, new AttentionMask(Causal: false));
        var middle = hidden + _output.Forward(attended.transpose(1, 2).reshape(hidden.shape));
        return middle + _down.Forward(VisionLayer.QuickGelu(_up.Forward(_norm2.Forward(middle))));
    }

    /// <summary>Queries and keys, rotated, and values, each <c>[frames, heads, patches, head width]</c>.</summary>
    public (Tensor Query, Tensor Key, Tensor Value) Project(Tensor hidden, Tensor cos, Tensor sin)
    {
        int heads = _config.NumHeads;
        var all = _qkv.Forward(_norm1.Forward(hidden))
            .reshape(hidden.shape[0], hidden.shape[1], 3 * heads, _config.HeadDim)
            .transpose(1, 2);
        var rotated = FusedOps.rotary(all.narrow(1, 0, 2 * heads), cos, sin);
        return (rotated.narrow(1, 0, heads), rotated.narrow(1, heads, heads), all.narrow(1, 2 * heads, heads));
    }
}
