namespace Aim.Tensors;

/// <summary>
/// Each of <see cref="FusedOps"/> composed from stock TorchSharp operations: slow, short, and the definition of what they
/// compute. Compiled with either engine; under TorchSharp it is what <see cref="FusedOps"/> forwards to.
/// </summary>
public static class FusedOpsReference
{
    /// <summary>[.., in] -> [.., out]; weight [out, in], bias [out].</summary>
    public static Tensor linear(Tensor x, Weight weight, Tensor? bias = null)
    {
        var y = x.matmul(Values(weight).t());
        return bias is null ? y : y.add(bias);
    }

    /// <summary>ids Int64 [..] -> [.., dim]; weight [rows, dim].</summary>
    public static Tensor embedding(Tensor ids, Weight weight) =>
        Values(weight).index_select(0, ids.reshape(-1)).reshape([.. ids.shape, weight.Shape[1]]);

    /// <summary>Over the last dimension; weight [dim].</summary>
    public static Tensor rms_norm(Tensor x, Tensor weight, double eps) =>
        x.mul(x.mul(x).mean([-1L], keepdim: true).add(eps).rsqrt()).mul(weight);

    /// <summary>x [b, h, n, d], cos and sin [n, d] or [b, n, d].</summary>
    public static Tensor rotary(Tensor x, Tensor cos, Tensor sin)
    {
        var half = x.shape[3] / 2;
        var rotated = torch.cat([x.narrow(3, half, half).neg(), x.narrow(3, 0, half)], 3);
        var c = cos.dim() == 3 ? cos.unsqueeze(1) : cos;
        var s = sin.dim() == 3 ? sin.unsqueeze(1) : sin;
        return x.mul(c).add(rotated.mul(s));
    }

    /// <summary>[.., 2 i] -> [.., i]: silu of the first half times the second.</summary>
    public static Tensor swiglu(Tensor gate_up)
    {
        var inner = gate_up.shape[^1] / 2;
        var gate = gate_up.narrow(-1, 0, inner);
        return gate.mul(gate.sigmoid()).mul(gate_up.narrow(-1, inner, inner));
    }

    /// <summary>q [b, hq, nq, d], k and v [b, hk, nk, d] -> [b, hq, nq, d].</summary>
    public static Tensor attention(Tensor q, Tensor k, Tensor v, AttentionMask mask, double? scale = null)
    {
        var group = q.shape[1] / k.shape[1];
        var visible = Visible(q, k, mask);
        return Weights(q, k.repeat_interleave(group, 1), visible, mask.KeyBias,
            scale ?? 1 / Math.Sqrt(q.shape[3])).matmul(v.repeat_interleave(group, 1));
    }

    /// <summary>
    /// q [b, hq, n, d], k [b, hk, n, d] -> [b, n]: power iteration on softmax((scale q kᵀ + bias) / tau), root mean square, mean
    /// or maximum over heads.
    /// <paramref name="streaming"/> is a matter of memory, not of the result: this always materialises.
    /// </summary>
    public static Tensor importance(Tensor q, Tensor k, AttentionMask mask, double? scale = null, double tau = 0.1,
        int iterations = 5, double damping = 0, bool streaming = false,
        HeadAggregation heads = HeadAggregation.RootMeanSquare)
    {
        using var off = torch.no_grad();
        var (b, h, n) = (q.shape[0], q.shape[1], q.shape[2]);
        var m = Weights(q, k.repeat_interleave(h / k.shape[1], 1), Visible(q, k, mask), mask.KeyBias?.div(tau),
            (scale ?? 1 / Math.Sqrt(q.shape[3])) / tau);
        var real = Real(n, b, mask, q);
        var share = real.div(real.sum(-1, keepdim: true)).view(b, 1, 1, n);
        var mass = share.expand(b, h, 1, n);
        for (var i = 0; i < iterations; i++)
            mass = mass.matmul(m).mul(1 - damping).add(share.mul(damping));
        return (heads switch
        {
            HeadAggregation.Mean => mass.mean([1L]),
            HeadAggregation.Max => mass.amax([1L]),
            _ => mass.mul(mass).mean([1L]).sqrt(),
        }).view(b, n);
    }

    /// <summary>
    /// The mean of each position's own value and of what <paramref name="index"/> sends there from <paramref name="src"/>.
    /// </summary>
    public static Tensor scatter_mean(Tensor input, long dim, Tensor index, Tensor src)
    {
        var count = torch.ones_like(input).scatter_add(dim, index, torch.ones_like(src));
        return input.scatter_add(dim, index, src).div(count);
    }

    /// <summary>
    /// One token of each sample through one decoder layer, see <see cref="FusedOps.decoder_step"/>: a composition of the other
    /// fused operations.
    /// </summary>
    public static Tensor decoder_step(Tensor hidden, DecoderBlock block, Tensor cos, Tensor sin, Tensor keys, Tensor values,
        int length, AttentionMask mask)
    {
        using var scope = torch.NewDisposeScope();
        var (h, k, d) = (block.Heads, block.KeyHeads, block.HeadDim);
        var normed = FusedOps.rms_norm(hidden, block.InputNorm, block.Eps);
        var qkv = block.Qkv.Select((w, i) => FusedOps.linear(normed, w, block.QkvBias?[i])).ToArray();
        var heads = torch.cat(qkv, -1).view(hidden.shape[0], 1, h + (2 * k), d).transpose(1, 2);
        var rotated = FusedOps.rotary(heads.narrow(1, 0, h + k), cos, sin);
        keys.narrow(2, length, 1).copy_(rotated.narrow(1, h, k));
        values.narrow(2, length, 1).copy_(heads.narrow(1, h + k, k));
        var attended = FusedOps.attention(rotated.narrow(1, 0, h), keys.narrow(2, 0, length + 1), values.narrow(2, 0, length + 1),
            mask);
        var joined = attended.transpose(1, 2).reshape(hidden.shape[0], 1, h * d);
        var middle = hidden.add(FusedOps.linear(joined, block.Output));
        normed = FusedOps.rms_norm(middle, block.PostNorm, block.Eps);
        var gateUp = torch.cat(block.GateUp.Select(w => FusedOps.linear(normed, w)).ToArray(), -1);
        return middle.add(FusedOps.linear(FusedOps.swiglu(gateUp), block.Down)).MoveToOuterDisposeScope();
    }

    private static Tensor Values(Weight weight) =>
        weight.Residency == WeightResidency.Widened ? weight.Tensor : weight.Widen();

    private static Tensor Weights(Tensor q, Tensor k, Tensor visible, Tensor? bias, double scale)
    {
        var scores = q.matmul(k.transpose(2, 3)).mul(scale);
        scores = bias is null ? scores : scores.add(bias.view(k.shape[0], 1, 1, k.shape[2]));
        scores = scores.masked_fill(visible.logical_not(), double.NegativeInfinity);
        var blind = visible.any(-1, keepdim: true).logical_not();
        return scores.masked_fill(blind, 0).softmax(-1).masked_fill(blind, 0);
    }

    /// <summary>[b, 1, nq, nk], Bool: which keys each row sees.</summary>
    private static Tensor Visible(Tensor q, Tensor k, AttentionMask mask)
    {
        var (b, nq, nk) = (q.shape[0], q.shape[2], k.shape[2]);
        var rows = torch.arange(nq, dtype: ScalarType.Int64, device: q.device).add(nk - nq).view(1, 1, nq, 1);
        var keys = torch.arange(nk, dtype: ScalarType.Int64, device: q.device).view(1, 1, 1, nk);
        var visible = mask.Causal ? keys.le(rows).expand(b, 1, nq, nk)
            : torch.ones(b, 1, nq, nk, dtype: ScalarType.Bool, device: q.device);
        if (mask.Start is { } start)
        {
            var first = torch.tensor(start.Select(s => (long)s).ToArray(), device: q.device).view(b, 1, 1, 1);
            visible = visible.logical_and(keys.ge(first)).logical_and(rows.ge(first));
        }

        return mask.KeyVisible is { } shown ? visible.logical_and(shown.view(b, 1, 1, nk)) : visible;
    }

    /// <summary>[b, n], 1 for tokens from Start on.</summary>
    private static Tensor Real(long n, long b, AttentionMask mask, Tensor like)
    {
        if (mask.Start is not { } start)
            return torch.ones(b, n, dtype: like.dtype, device: like.device);
        var first = torch.tensor(start.Select(s => (long)s).ToArray(), device: like.device).view(b, 1);
        return torch.arange(n, dtype: ScalarType.Int64, device: like.device).ge(first).to(like.dtype);
    }
}
