namespace Aim.Tensors.Kernels;

/// <summary>Sums over contiguous arrays, in an order fixed by the shape.</summary>
internal static unsafe class Reduce
{
    private const long Chunk = 65536;

    public static double Sum(float* x, long count) => Total(x, count, squares: false);

    /// <summary>Sum of squares (for gradient norms).</summary>
    public static double SumSquares(float* x, long count) => Total(x, count, squares: true);

    /// <summary>result [dim] = sum over rows of x [rows, dim] (a bias's gradient).</summary>
    public static void SumRows(float* x, float* result, long rows, int dim)
    {
        var set = KernelSet.Current;
        var sums = new RowSums(rows, dim, 1);
        Pool.Ranges(rows, RowSums.Chunk(dim), (from, to) => set.AddRows(x + from * dim, sums.Part(0, from), to - from, dim));
        sums.Total(0, result);
    }

    private static double Total(float* x, long count, bool squares)
    {
        if (count <= Chunk)
            return KernelSet.Current.Sum(x, count, squares);
        return OfChunks(x, count, squares);
    }

    private static double OfChunks(float* x, long count, bool squares)
    {
        var set = KernelSet.Current;
        var partial = new double[(count + Chunk - 1) / Chunk];
        Pool.Ranges(count, Chunk, (from, to) => partial[from / Chunk] = set.Sum(x + from, to - from, squares));
        double total = 0;
        foreach (var part in partial)
            total += part;
        return total;
    }
}
