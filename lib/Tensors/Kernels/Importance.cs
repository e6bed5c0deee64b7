namespace Aim.Tensors.Kernels;

/// <summary>Token importance by Page Rank on attention (adaptive inference paper, section 2.2).</summary>
internal static unsafe class Importance
{
    /// <summary>
    /// For every head M = softmax(scale * q kᵀ / tau) over visible keys, mass = 1/n for every token, <paramref name="iterations"/> times
    /// mass = (1 - damping) * mass M + damping / n; <paramref name="result"/> [b, n] = root mean square over heads. Tokens before
    /// start[b] do not exist: they count neither in n nor in the mass, and get 0. keyVisible hides keys only, the rows of hidden tokens
    /// pass their mass on; a row that sees no key passes nothing on. Queries must equal Keys.
    /// </summary>
    public static void PageRank(
        in AttentionShape s, float* q, float* k, float* result, int* start, byte* keyVisible,
        double tau = 0.1, int iterations = 5, double damping = 0)
    {
        if (s.Queries != s.Keys)
            throw new ArgumentException($"Page Rank needs as many queries as keys, but there are {s.Queries} and {s.Keys}");
        FlopCounter.AddOverhead((2L * s.HeadDim + 2L * iterations) * s.QueryHeads * s.Pairs(start, keyVisible));
        ImportanceReference.PageRank(s, q, k, result, start, keyVisible, tau, iterations, damping);
    }
}
