namespace Aim.Tensors.Kernels;

/// <summary>
/// Products of a few rows (decoding) with B's columns contiguous over k (x Wᵀ): every output is a dot product over vector lanes, and B
/// is read once, not packed.
/// </summary>
internal static unsafe class GemmThin
{
    /// <summary>From this many rows on the blocked product is used.</summary>
    public const int MaxRows = 8;

    public static bool Handles(in GemmArguments g) => g.ColumnA == 1 && g.RowB == 1;

    public static void Run(GemmArguments g, bool parallel)
    {
        var set = KernelSet.Current;
        Pool.Ranges(g.N, parallel ? 64 : g.N, (from, to) => set.DotColumns(g, (int)from, (int)to));
    }
}
