namespace Aim.Tensors;

/// <summary>
/// The fused operations under TorchSharp: each forwards to its definition. Where TorchSharp comes to have a kernel of its own, it
/// is called here and nowhere else. Only FLOPs asked for here are counted.
/// </summary>
public static class FusedOps
{
    public static Tensor linear(Tensor x, Weight weight, Tensor? bias = null)
    {
        Interruption.Poll();
        FlopCounter.AddMatmul(2 * x.numel() * weight.Shape[0]);
        return torch.nn.functional.linear(x, weight.Tensor, bias);
    }

    public static Tensor embedding(Tensor ids, Weight weight) => FusedOpsReference.embedding(ids, weight);

    public static Tensor rms_norm(Tensor x, Tensor weight, double eps) => FusedOpsReference.rms_norm(x, weight, eps);

    public static Tensor rotary(Tensor x, Tensor cos, Tensor sin) => FusedOpsReference.rotary(x, cos, sin);

    public static Tensor swiglu(Tensor gate_up) => FusedOpsReference.swiglu(gate_up);

    public static Tensor attention(Tensor q, Tensor k, Tensor v, AttentionMask mask, double? scale = null) =>
        FusedOpsReference.attention(q, k, v, mask, scale);

    public static Tensor importance(Tensor q, Tensor k, AttentionMask mask, double? scale = null, double tau = 0.1,
        int iterations = 5, double damping = 0, bool streaming = false,
        HeadAggregation heads = HeadAggregation.RootMeanSquare) =>
        FusedOpsReference.importance(q, k, mask, scale, tau, iterations, damping, streaming, heads);

    public static Tensor decoder_step(Tensor hidden, DecoderBlock block, Tensor cos, Tensor sin, Tensor keys, Tensor values,
        int length, AttentionMask mask) =>
        FusedOpsReference.decoder_step(hidden, block, cos, sin, keys, values, length, mask);

    public static Tensor scatter_mean(Tensor input, long dim, Tensor index, Tensor src) =>
        FusedOpsReference.scatter_mean(input, dim, index, src);
}
