namespace Aim.Cost;

/// <summary>
/// The paper's analytic cost of an LLM prefill (its LLM-Viewer fork), operation by operation: batch 1, one number of tokens
/// per layer, time by the roofline. With the defaults every exact figure that the paper prints comes out to the last digit.
/// </summary>
/// <remarks>
/// Only the language model is priced. n = tokens in the layer, h = hidden, H / Hk = query / key-value heads, i = intermediate,
/// V = vocabulary, B = bytes per number. A multiply-add (MAC) is two FLOPs; in the output head the script counts one, which
/// <see cref="CostOptions.HeadFlopsPerMac"/> can put right. Whoever plans with it (a budget of FLOPs, seconds or bytes) gives the
/// tokens that the method keeps in each layer (<see cref="TokenSchedule.Aim"/>), the hardware and <see
/// cref="CostOptions.Executed"/>.
/// </remarks>
public static class CostModel
{
    /// <summary>
    /// Prices a prefill: <see cref="PrefillCost.Flops"/>, <see cref="PrefillCost.Seconds"/>, <see
    /// cref="PrefillCost.MemoryBytes"/>.
    /// </summary>
    /// <param name="shape">The language model.</param>
    /// <param name="tokensPerLayer">Visual and text tokens that each layer processes, <c>[layers]</c>.</param>
    /// <param name="hardware">What it runs on.</param>
    /// <param name="options">What is counted.</param>
    /// <exception cref="ArgumentException">The list's length is not the model's depth, or a count is negative.</exception>
    public static PrefillCost Prefill(
        ModelShape shape, IReadOnlyList<int> tokensPerLayer, Hardware hardware, CostOptions? options = null)
    {
        CheckTokens(shape, tokensPerLayer);
        options ??= CostOptions.Paper;

        var byTokens = new Dictionary<int, OpCost[]>();
        OpCost[] Layer(int n)
        {
            if (!byTokens.TryGetValue(n, out var ops))
                byTokens[n] = ops = new LayerCost(shape, n, hardware, options).Operations().ToArray();
            return ops;
        }

        var total = Layer(tokensPerLayer[0]);
        foreach (var n in tokensPerLayer.Skip(1))
            total = total.Zip(Layer(n), OpCost.Sum).ToArray();
        var memory = total.Sum(o => o.WeightBytes + o.CacheBytes) + Layer(tokensPerLayer[^1]).Sum(o => o.WrittenBytes);

        OpCost[] all = [.. total, OutputHead(shape, hardware, options)];
        return new PrefillCost
        {
            Flops = all.Sum(o => o.Flops),
            Seconds = all.Sum(o => o.Seconds),
            Bytes = all.Sum(o => o.Bytes),
            MemoryBytes = memory,
            Operations = all,
        };
    }

    /// <summary>
    /// The matrix-multiply part of a prefill exactly as the engine's counters count what they execute: 2 m n k for every
    /// linear layer, the output head for one position included, and 4 * head_dim per visible (query, key) pair and query head.
    /// </summary>
    /// <param name="shape">The language model.</param>
    /// <param name="tokensPerLayer">Tokens that each layer processes, <c>[layers]</c>.</param>
    /// <param name="causal">Whether a query sees only the keys up to its own position (n (n + 1) / 2 pairs) or all (n^2).</param>
    /// <exception cref="ArgumentException">The list's length is not the model's depth, or a count is negative.</exception>
    public static long MatmulFlops(ModelShape shape, IReadOnlyList<int> tokensPerLayer, bool causal)
    {
        CheckTokens(shape, tokensPerLayer);
        var (h, q, kv, i) = ((long)shape.Hidden, (long)shape.QueryWidth, (long)shape.KeyValueWidth, (long)shape.Intermediate);
        var perToken = 2 * (h * q + 2 * h * kv + q * h + 3 * h * i);
        var flops = 2 * h * shape.Vocabulary;
        foreach (var n in tokensPerLayer)
            flops = checked(flops + n * perToken + 4 * q * Pairs(n, causal));
        return flops;
    }

    internal static long Pairs(long n, bool causal) => causal ? n * (n + 1) / 2 : n * n;

    /// <summary>max(compute, memory) in seconds.</summary>
    internal static double Roofline(Hardware hardware, double flops, double bytes) =>
        Math.Max(flops / hardware.PeakFlops, bytes / hardware.BytesPerSecond);

    private static OpCost OutputHead(ModelShape shape, Hardware hardware, CostOptions options)
    {
        double h = shape.Hidden, v = shape.Vocabulary;
        var (weights, read, written) = (options.WeightBytes * h * v, options.ActivationBytes * h, options.ActivationBytes * v);
        return new OpCost
        {
            Name = "lm_head",
            Flops = options.HeadFlopsPerMac * h * v,
            WeightBytes = weights,
            ReadBytes = read,
            WrittenBytes = written,
            CacheBytes = 0,
            Seconds = Roofline(hardware, options.HeadFlopsPerMac * h * v, weights + read + written),
        };
    }

    private static void CheckTokens(ModelShape shape, IReadOnlyList<int> tokensPerLayer)
    {
        shape.Check();
        if (tokensPerLayer.Count != shape.Layers)
        {
            throw new ArgumentException(
                $"tokens per layer: {tokensPerLayer.Count} counts given, but model '{shape.Name}' has {shape.Layers} layers");
        }
        for (var l = 0; l < tokensPerLayer.Count; l++)
        {
            if (tokensPerLayer[l] < 0)
            {
                throw new ArgumentException(
                    $"tokens per layer: layer {l} has {tokensPerLayer[l]}, but a count cannot be negative");
            }
        }
    }
}
