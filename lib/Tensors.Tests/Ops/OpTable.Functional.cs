using static Aim.Tensors.torch.nn;
using static Aim.Tensors.torch.nn.functional;

namespace Aim.Tensors.Tests.Ops;

public static partial class OpTable
{
    private static Reduction Reduce(OpCase c) => c.Text("reduction", "mean") switch
    {
        "none" => Reduction.None,
        "sum" => Reduction.Sum,
        _ => Reduction.Mean,
    };

    private static Tensor? At(Tensor[] x, int i) => i < x.Length ? x[i] : null;

    private static Dictionary<string, Call> Functional() => new()
    {
        ["F.linear"] = (c, x) => [linear(x[0], x[1], At(x, 2))],
        ["F.embedding"] = (c, x) => [embedding(x[0], x[1])],
        ["F.layer_norm"] = (c, x) => [layer_norm(x[0], c.Longs("normalized_shape"), At(x, 1), At(x, 2), c.Number("eps", 1e-5))],
        ["F.rms_norm"] = (c, x) =>
        {
            var flat = x[0].flatten(-c.Longs("normalized_shape").Length);
            return [FusedOps.rms_norm(flat, At(x, 1)?.reshape(-1) ?? ones(flat.shape[^1]), c.Number("eps")).view(x[0].shape)];
        },
        ["F.gelu"] = (c, x) =>
            [gelu(x[0], c.Text("approximate", "none") == "tanh" ? Modules.GELU.Approximate.tanh : Modules.GELU.Approximate.none)],
        ["F.silu"] = (c, x) => [silu(x[0])],
        ["F.relu"] = (c, x) => [functional.relu(x[0])],
        ["F.softmax"] = (c, x) => [functional.softmax(x[0], c.Long("dim"), c.Dtype("dtype"))],
        ["F.log_softmax"] = (c, x) => [functional.log_softmax(x[0], c.Long("dim"))],
        ["F.cross_entropy"] = (c, x) =>
            [cross_entropy(x[0], x[1], At(x, 2), c.Long("ignore_index", -100), Reduce(c), c.Number("label_smoothing"))],
        ["F.nll_loss"] = (c, x) => [nll_loss(x[0], x[1], null, Reduce(c))],
        ["F.mse_loss"] = (c, x) => [mse_loss(x[0], x[1], Reduce(c))],
        ["F.l1_loss"] = (c, x) => [l1_loss(x[0], x[1], Reduce(c))],
        ["F.normalize"] = (c, x) => [normalize(x[0], c.Number("p", 2), c.Long("dim", 1))],
        ["F.one_hot"] = (c, x) => [one_hot(x[0], c.Long("num_classes", -1))],
        ["F.scaled_dot_product_attention"] = (c, x) =>
            [scaled_dot_product_attention(x[0], x[1], x[2], At(x, 3), 0, c.Flag("is_causal"))],
        ["F.adaptive_avg_pool2d"] = (c, x) => [adaptive_avg_pool2d(x[0], c.Longs("output_size"))],
        ["F.avg_pool2d"] = (c, x) => [avg_pool2d(x[0], c.Longs("kernel_size"), c.Has("stride") ? c.Longs("stride") : null,
            c.Has("padding") ? c.Longs("padding") : null, c.Flag("ceil_mode"), c.Flag("count_include_pad", true))],
        ["F.conv2d"] = (c, x) =>
            [conv2d(x[0], x[1], At(x, 2), c.Longs("stride"), c.Longs("padding"), c.Longs("dilation"), c.Long("groups", 1))],
        ["F.unfold"] = (c, x) => [unfold(x[0], c.Long("kernel_size"), stride: c.Long("stride", 1))],
        ["F.pad"] = (c, x) => [pad(x[0], c.Longs("pad"), c.Text("mode", "constant") switch
        {
            "reflect" => PaddingModes.Reflect,
            "replicate" => PaddingModes.Replicate,
            "circular" => PaddingModes.Circular,
            _ => PaddingModes.Constant,
        }, c.Number("value"))],
        ["F.interpolate"] = (c, x) => [interpolate(x[0], Sizes(c, x[0]), Factors(c), c.Text("mode", "nearest") switch
        {
            "linear" => InterpolationMode.Linear,
            "bilinear" => InterpolationMode.Bilinear,
            "bicubic" => InterpolationMode.Bicubic,
            "area" => InterpolationMode.Area,
            _ => InterpolationMode.Nearest,
        }, c.Has("align_corners") ? c.Flag("align_corners") : null, c.Flag("recompute_scale_factor"), c.Flag("antialias"))],
    };

    private static long[]? Sizes(OpCase c, Tensor x) => c.Has("size") ? c.Longs("size") : null;

    private static double[]? Factors(OpCase c) => !c.Has("scale_factor")
        ? null
        : c.Arg("scale_factor").ValueKind == System.Text.Json.JsonValueKind.Array
            ? [.. c.Arg("scale_factor").EnumerateArray().Select(v => v.GetDouble())]
            : [c.Number("scale_factor")];

    /// <summary>Small graphs that the fixtures define by their note.</summary>
    private static Dictionary<string, Call> Compositions() => new()
    {
        ["composition.detach"] = (c, x) => [x[0] * x[0].detach()],
        ["composition.reuse"] = (c, x) =>
        {
            var z = x[0] * x[1];
            var w = z + x[0];
            return [(w * z).sum(0L) + w.mean()];
        },
        ["composition.inplace"] = (c, x) =>
        {
            var z = x[0] * 2;
            z[TensorIndex.Colon, 0] = x[1];
            z.add_(1);
            z[1].mul_(x[1].sum());
            return [z.pow(2)];
        },
        ["composition.swiglu"] = (c, x) =>
            [linear(FusedOps.swiglu(cat([linear(x[0], x[1]), linear(x[0], x[2])], -1)), x[3])],
        ["composition.vit_mlp"] = (c, x) =>
            [linear(gelu(linear(layer_norm(x[0], [x[0].shape[^1]], x[5], x[6], 1e-6), x[1], x[2]),
                Modules.GELU.Approximate.tanh), x[3], x[4]) * x[7] + x[8]],
        ["composition.rope"] = (c, x) =>
        {
            var (cos, sin) = Angles(x[2], x[0].shape[^1], c.Number("base"));
            return [FusedOps.rotary(x[0], cos, sin), FusedOps.rotary(x[1], cos, sin)];
        },
        ["composition.llama_block"] = LlamaBlock,
    };

    private static Tensor[] LlamaBlock(OpCase c, Tensor[] t)
    {
        var (x, heads) = (t[0], c.Long("heads"));
        var (b, n, d) = (x.shape[0], x.shape[1], x.shape[2]);
        var (cos, sin) = Angles(arange(n), d / heads, 10000);
        var h = FusedOps.rms_norm(x, t[1], 1e-6);
        Tensor Heads(Tensor w) => linear(h, w).view(b, n, -1, d / heads).transpose(1, 2);
        var mixed = FusedOps.attention(FusedOps.rotary(Heads(t[2]), cos, sin), FusedOps.rotary(Heads(t[3]), cos, sin),
            Heads(t[4]), new AttentionMask(true));
        x = x + linear(mixed.transpose(1, 2).reshape(b, n, d), t[5]);
        var g = FusedOps.rms_norm(x, t[6], 1e-6);
        return [x + linear(FusedOps.swiglu(cat([linear(g, t[7]), linear(g, t[8])], -1)), t[9])];
    }

    private static (Tensor Cos, Tensor Sin) Angles(Tensor positions, long dim, double theta)
    {
        var inverse = pow(full([], theta, float64), arange(0, dim, 2).to(float64) / -dim);
        var angles = positions.to(float64).unsqueeze(-1) * inverse;
        angles = cat([angles, angles], -1);
        return (angles.cos().to(float32), angles.sin().to(float32));
    }
}
