namespace Aim.Parity.Ops;

/// <summary>
/// torch's scaled_dot_product_attention by the engine's two forms of it: the fused kernel where it fits, else the composed
/// function, to which a scale is brought by the queries and shared heads by repeating them.
/// </summary>
internal static class DotProductAttention
{
    /// <summary>query [.., h, L, d], key [.., h', S, d], value [.., h', S, e] -> [.., h, L, e].</summary>
    public static Tensor Run(Tensor query, Tensor key, Tensor value, Tensor? mask, bool causal, double? scale, bool shared)
    {
        if (mask is not null && causal)
            throw new TorchException("_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True");
        foreach (var (t, name) in new[] { (query, "query"), (key, "key"), (value, "value") })
        {
            if (t.dim() < 2)
                throw new TorchException($"scaled_dot_product_attention: Expected {name} to be at least 2 dimensional, but got "
                    + $"{t.dim()} dimensions");
        }

        if (Fits(query, key, value, mask, causal, shared))
            return FusedOps.attention(query, key, value, new AttentionMask(causal), scale);
        if (shared)
            (key, value) = (Repeated(query, key), Repeated(query, value));
        if (scale is { } factor)
            query = query.mul(factor * Math.Sqrt(query.shape[^1]));
        return nn.functional.scaled_dot_product_attention(query, key, value, mask, 0, causal);
    }

    /// <summary>The kernel aligns its causal mask at the end, torch at the beginning: they agree on squares alone.</summary>
    private static bool Fits(Tensor query, Tensor key, Tensor value, Tensor? mask, bool causal, bool shared) =>
        mask is null && query.dim() == 4 && key.dim() == 4 && key.shape.SequenceEqual(value.shape)
        && new[] { query, key, value }.All(t => t.dtype == ScalarType.Float32 && t.numel() > 0)
        && query.shape[0] == key.shape[0] && query.shape[3] == key.shape[3]
        && (shared ? query.shape[1] % key.shape[1] == 0 : query.shape[1] == key.shape[1])
        && (!causal || query.shape[2] == key.shape[2]);

    private static Tensor Repeated(Tensor query, Tensor x)
    {
        if (query.dim() < 3 || x.dim() < 3 || x.shape[^3] == 0 || query.shape[^3] % x.shape[^3] != 0)
        {
            throw new TorchException("Number of heads in key and value must divide the number of heads in query, got "
                + $"{Values.Shape(x.shape)} and {Values.Shape(query.shape)}");
        }

        return x.repeat_interleave(query.shape[^3] / x.shape[^3], x.dim() - 3);
    }
}
