namespace Aim.Cost;

/// <summary>The operations of one decoder layer at n tokens, each line one row of the script's table.</summary>
internal sealed class LayerCost(ModelShape shape, int tokens, Hardware hardware, CostOptions options)
{
    private readonly double n = tokens;
    private readonly double h = shape.Hidden;
    private readonly double heads = shape.Heads;
    private readonly double queryWidth = shape.QueryWidth;
    private readonly double kv = shape.KeyValueWidth;
    private readonly double intermediate = shape.Intermediate;
    private readonly double pairs = CostModel.Pairs(tokens, options.Causal);

    public IEnumerable<OpCost> Operations()
    {
        yield return Norm("attn_norm");
        yield return Linear("q_proj", h, queryWidth);
        yield return Linear("k_proj", h, kv, toCache: true);
        yield return Linear("v_proj", h, kv, toCache: true);
        foreach (var op in options.Attention == AttentionKind.Materialised ? MaterialisedAttention() : FlashAttention())
            yield return op;
        yield return Linear("o_proj", queryWidth, h);
        yield return Op("attn_add", n * h, read: n * h, written: n * h);
        yield return Norm("mlp_norm");
        yield return Linear("gate_proj", h, intermediate);
        yield return Linear("up_proj", h, intermediate);
        yield return Op("mlp_act", 2 * n * h, read: 2 * n * h, written: n * h); // the script takes h here, not i
        yield return Linear("down_proj", intermediate, h);
        if (!options.SkipMlpResidual)
            yield return Op("mlp_add", n * h, read: n * h, written: n * h);
    }

    private IEnumerable<OpCost> MaterialisedAttention()
    {
        // the script charges reading the query with kv, not h
        yield return Op("qk_matmul", 2 * pairs * queryWidth, read: 2 * n * kv, written: n * n * heads);
        yield return Op("softmax", 5 * heads * pairs, read: n * n * heads, written: n * n * heads);
        yield return Op("sv_matmul", 2 * pairs * queryWidth, read: n * n * heads + n * kv, written: n * queryWidth);
    }

    private IEnumerable<OpCost> FlashAttention()
    {
        var block = Math.Min(Math.Ceiling(hardware.OnChipBytes / (options.ActivationBytes * shape.HeadDim)), shape.HeadDim);
        var keysAndValues = 2 * kv * n * Math.Ceiling(n / block); // read again for every block of queries
        var output = options.Attention == AttentionKind.FlashAsScript ? 2 * heads * n * n : n * queryWidth;
        yield return Op(
            "fused_attention", 4 * pairs * queryWidth + 5 * heads * pairs, read: n * queryWidth + keysAndValues, written: output);
    }

    private OpCost Norm(string name) => Op(name, 7 * n * h, read: n * h, written: n * h);

    private OpCost Linear(string name, double width, double columns, bool toCache = false) =>
        Op(name, 2 * n * width * columns, read: n * width, written: toCache ? 0 : n * columns,
            weights: width * columns, cache: toCache ? n * columns : 0);

    // Numbers, not bytes, come in: the byte sizes are applied here once.
    private OpCost Op(string name, double flops, double read, double written, double weights = 0, double cache = 0)
    {
        var (w, r, s, c) = (
            weights * options.WeightBytes, read * options.ActivationBytes,
            written * options.ActivationBytes, cache * options.ActivationBytes);
        return new OpCost
        {
            Name = name,
            Flops = flops,
            WeightBytes = w,
            ReadBytes = r,
            WrittenBytes = s,
            CacheBytes = c,
            Seconds = CostModel.Roofline(hardware, flops, w + r + s + c),
        };
    }
}
