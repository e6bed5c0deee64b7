using Aim.Tensors.Kernels;

namespace Aim.Tensors.Benchmarks;

/// <summary>
/// Attention and importance: the lab's prefill (32 frames), tower and training shapes, and a layer of a 7B model.
/// </summary>
internal static unsafe class AttentionCases
{
    public static IEnumerable<Func<Case>> All =>
    [
        () => Forward("prefill", 2, 4, 2, 1170, 32, true),
        () => Backward("prefill", 2, 4, 2, 1170, 32, true),
        () => Forward("ViT", 32, 4, 4, 144, 32, false),
        () => Backward("ViT", 32, 4, 4, 144, 32, false),
        () => Forward("short", 24, 4, 2, 100, 32, true),
        () => Backward("short", 24, 4, 2, 100, 32, true),
        () => Forward("clips", 6, 4, 2, 336, 32, true),
        () => Backward("clips", 6, 4, 2, 336, 32, true),
        () => Forward("head 128", 1, 4, 1, 1668, 128, true),
        () => PageRank(1, 4, 2, 1170, 32, true, false),
        () => PageRank(1, 4, 1, 1668, 128, true, false),
    ];

    private static Case Forward(string name, int batch, int heads, int keyHeads, int n, int d, bool causal)
    {
        var s = AttentionShape.Contiguous(batch, heads, keyHeads, n, n, d, causal);
        long queries = (long)batch * heads * n * d, keys = (long)batch * keyHeads * n * d;
        return new(
            $"attention, {name}", $"{batch} x {heads}/{keyHeads} x {n} x {d}", 4.0 * d * heads * s.Pairs(null, null),
            8.0 * (queries + keys), false, [queries, keys, keys, queries, queries],
            p => Attention.Forward(s, (float*)p[0], (float*)p[1], (float*)p[2], (float*)p[3], (float*)p[4], null, null));
    }

    private static Case Backward(string name, int batch, int heads, int keyHeads, int n, int d, bool causal)
    {
        var s = AttentionShape.Contiguous(batch, heads, keyHeads, n, n, d, causal);
        long queries = (long)batch * heads * n * d, keys = (long)batch * keyHeads * n * d;
        return new(
            $"  backward, {name}", $"{batch} x {heads}/{keyHeads} x {n} x {d}", 8.0 * d * heads * s.Pairs(null, null),
            16.0 * (queries + keys), false, [queries, keys, keys, queries, queries, queries, queries, keys, keys],
            p => Attention.Backward(
                s, (float*)p[0], (float*)p[1], (float*)p[2], (float*)p[3], (float*)p[4], (float*)p[5], (float*)p[6], (float*)p[7],
                (float*)p[8], null, null));
    }

    /// <summary>Bytes of working memory that a call without a causal mask needs beside the keys.</summary>
    public static long PageRankScratch(int n, int d, bool streaming) => sizeof(float) * Importance.ScratchFloats(
        AttentionShape.Contiguous(1, 1, 1, n, n, d, false), KernelSet.Current.Tile, streaming);

    /// <summary>Page Rank; streaming, only the useful FLOPs count.</summary>
    public static Case PageRank(int batch, int heads, int keyHeads, int n, int d, bool causal, bool streaming)
    {
        var s = AttentionShape.Contiguous(batch, heads, keyHeads, n, n, d, causal);
        long queries = (long)batch * heads * n * d, keys = (long)batch * keyHeads * n * d;
        return new(
            streaming ? "  streaming" : "Page Rank", $"{batch} x {heads}/{keyHeads} x {n} x {d}",
            (2.0 * d + 10) * heads * s.Pairs(null, null), 4.0 * (queries + keys), false, [queries, keys, batch * n],
            p => Importance.PageRank(s, (float*)p[0], (float*)p[1], (float*)p[2], null, null, streaming: streaming));
    }
}
