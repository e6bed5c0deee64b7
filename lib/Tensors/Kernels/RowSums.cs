namespace Aim.Tensors.Kernels;

/// <summary>
/// Sums of [rows, dim] over rows in an order that depends on the shape alone: every chunk of rows into its own partial sum, the
/// partial sums in ascending order. Memory is this thread's scratch.
/// </summary>
internal readonly unsafe struct RowSums
{
    private readonly float* partial;
    private readonly long rows;
    private readonly int dim;

    /// <summary>Zeroed partial sums for <paramref name="kinds"/> results of [dim].</summary>
    public RowSums(long rows, int dim, int kinds)
    {
        (this.rows, this.dim) = (rows, dim);
        if (kinds == 0)
            return;
        var count = kinds * Chunks * dim;
        partial = Scratch.Get(Scratch.Shared, count);
        for (long i = 0; i < count; i++)
            partial[i] = 0;
    }

    private long Chunks => (rows + Chunk(dim) - 1) / Chunk(dim);

    /// <summary>Rows of a chunk, also the unit of work of row-wise kernels: about 16 K elements.</summary>
    public static long Chunk(int dim) => Math.Max(1, 16384 / Math.Max(1, dim));

    /// <summary>The partial sum of the chunk that begins at row <paramref name="from"/>.</summary>
    public float* Part(int kind, long from) => partial + (kind * Chunks + from / Chunk(dim)) * dim;

    /// <summary>Writes the total to <paramref name="result"/> [dim] unless null.</summary>
    public void Total(int kind, float* result)
    {
        if (result == null)
            return;
        new Span<float>(result, dim).Clear();
        var set = KernelSet.Current;
        for (long c = 0; c < Chunks; c++)
            set.Axpy(1, partial + (kind * Chunks + c) * dim, result, dim);
    }
}
