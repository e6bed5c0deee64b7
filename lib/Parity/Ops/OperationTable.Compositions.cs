namespace Aim.Parity.Ops;

internal static partial class OperationTable
{
    /// <summary>Small graphs that the fixtures define by their notes.</summary>
    private static void AddCompositions()
    {
        Add("composition.detach", ("Tensor x", a => a["x"] * a["x"].detach()));
        Add("composition.reuse", ("Tensor x, Tensor y", a =>
        {
            var z = a["x"] * a["y"];
            var w = z + a["x"];
            return (w * z).sum(0L) + w.mean();
        }
        ));
        Add("composition.inplace", ("Tensor x, Tensor y", a =>
        {
            var z = a["x"] * 2;
            z[TensorIndex.Colon, 0] = a["y"];
            z.add_(1);
            z[1].mul_(a["y"].sum());
            return z.pow(2);
        }
        ));
        Add("composition.swiglu", ("Tensor x, Tensor gate, Tensor up, Tensor down", a =>
            SwiGlu(a["x"], a["gate"], a["up"], a["down"])));
        Add("composition.vit_mlp", (
            "Tensor x, Tensor w1, Tensor b1, Tensor w2, Tensor b2, Tensor ln_w, Tensor ln_b, Tensor scale, Tensor shift, "
            + "float eps=1e-06", a =>
            {
                var normed = nn.functional.layer_norm(a["x"], [a["x"].shape[^1]], a["ln_w"], a["ln_b"], a.Float("eps"));
                var inner = nn.functional.gelu(nn.functional.linear(normed, a["w1"], a["b1"]), Modules.GELU.Approximate.tanh);
                return nn.functional.linear(inner, a["w2"], a["b2"]) * a["scale"] + a["shift"];
            }
        ));
        Add("composition.rope", ("Tensor q, Tensor k, Tensor positions, float base=10000.0", a =>
        {
            var (cos, sin) = Angles(a["positions"], a["q"].shape[^1], a.Float("base"));
            return new object?[] { FusedOps.rotary(a["q"], cos, sin), FusedOps.rotary(a["k"], cos, sin) };
        }
        ));
        Add("composition.llama_block", (
            "Tensor x, Tensor norm1, Tensor wq, Tensor wk, Tensor wv, Tensor wo, Tensor norm2, Tensor gate, Tensor up, "
            + "Tensor down, int heads, float base=10000.0, float eps=1e-06", LlamaBlock));
    }

    private static Tensor SwiGlu(Tensor x, Tensor gate, Tensor up, Tensor down) => nn.functional.linear(
        FusedOps.swiglu(cat([nn.functional.linear(x, gate), nn.functional.linear(x, up)], -1)), down);

    /// <summary>Pre-norm decoder layer: causal attention with rotary positions, then the gated MLP.</summary>
    private static object LlamaBlock(Arguments a)
    {
        var (x, heads, eps) = (a["x"], a.Int("heads"), a.Float("eps"));
        var (b, n, d) = (x.shape[0], x.shape[1], x.shape[2]);
        var width = a["wq"].shape[0] / heads;
        var (cos, sin) = Angles(arange(n), width, a.Float("base"));
        var h = FusedOps.rms_norm(x, a["norm1"], eps);
        Tensor Heads(string weight) => nn.functional.linear(h, a[weight]).view(b, n, -1, width).transpose(1, 2);
        var mixed = FusedOps.attention(FusedOps.rotary(Heads("wq"), cos, sin), FusedOps.rotary(Heads("wk"), cos, sin),
            Heads("wv"), new AttentionMask(true));
        x = x + nn.functional.linear(mixed.transpose(1, 2).reshape(b, n, heads * width), a["wo"]);
        return x + SwiGlu(FusedOps.rms_norm(x, a["norm2"], eps), a["gate"], a["up"], a["down"]);
    }

    /// <summary>Rotary angles in float64, as the halves of Hugging Face's convention: [.., dim] for positions [..].</summary>
    private static (Tensor Cos, Tensor Sin) Angles(Tensor positions, long dim, double theta)
    {
        var inverse = pow(full([], theta, float64), arange(0, dim, 2).to(float64) / -dim);
        var angles = positions.to(float64).unsqueeze(-1) * inverse;
        angles = cat([angles, angles], -1);
        return (angles.cos().to(float32), angles.sin().to(float32));
    }
}
