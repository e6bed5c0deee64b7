namespace Aim.Tensors.Kernels;

/// <summary>
/// One matrix product: C[m, n] = alpha * A[m, k] * B[k, n] + beta * C (+ bias per column); strides in elements.
/// </summary>
internal readonly unsafe struct GemmArguments
{
    public required int M { get; init; }
    public required int N { get; init; }
    public required int K { get; init; }
    public required float Alpha { get; init; }
    public required float* A { get; init; }
    public required nint RowA { get; init; }
    public required nint ColumnA { get; init; }
    public required float* B { get; init; }
    public required nint RowB { get; init; }
    public required nint ColumnB { get; init; }
    public required float Beta { get; init; }
    public required float* C { get; init; }
    public required nint RowC { get; init; }
    public required float* Bias { get; init; }

    public GemmArguments Item(long i, long batchA, long batchB, long batchC) =>
        this with { A = A + i * batchA, B = B + i * batchB, C = C + i * batchC };
}

/// <summary>
/// Matrix products. Every kernel sums over k in an order fixed by k alone (blocks of equal length, ascending within each), so a
/// row's bits depend neither on the other rows nor on the number of threads. Products of fewer than 8 rows have an order of their
/// own.
/// </summary>
internal static unsafe class Gemm
{
    /// <summary>Below this many FLOPs a product runs on the caller: waking a thread costs about as much.</summary>
    internal const long ParallelFlops = 2_000_000;

    /// <summary>
    /// One product. A and B have any strides (row, column, in elements), so x Wᵀ, dY W and dYᵀ X all come through here; rows of C
    /// are contiguous, <paramref name="ldc"/> apart. With beta = 0, C is not read. <paramref name="bias"/> [n] or null.
    /// </summary>
    public static void Run(
        int m, int n, int k, float alpha, float* a, long rsA, long csA, float* b, long rsB, long csB,
        float beta, float* c, long ldc, float* bias = null) =>
        RunBatched(1, m, n, k, alpha, a, 0, rsA, csA, b, 0, rsB, csB, beta, c, 0, ldc, bias);

    /// <summary>The same for every item of a batch; a batch stride of 0 shares an operand.</summary>
    public static void RunBatched(
        int batch, int m, int n, int k, float alpha, float* a, long batchA, long rsA, long csA,
        float* b, long batchB, long rsB, long csB, float beta, float* c, long batchC, long ldc, float* bias = null)
    {
        if (m <= 0 || n <= 0 || batch <= 0)
            return;
        if (batch > 1 && batchB == 0 && batchA == m * rsA && batchC == m * ldc)
            (m, batch) = (m * batch, 1); // one tall product: rows follow each other
        var flops = 2L * m * n * k;
        FlopCounter.AddMatmul(flops * batch);
        var arguments = new GemmArguments
        {
            M = m,
            N = n,
            K = k,
            Alpha = alpha,
            A = a,
            RowA = (nint)rsA,
            ColumnA = (nint)csA,
            B = b,
            RowB = (nint)rsB,
            ColumnB = (nint)csB,
            Beta = beta,
            C = c,
            RowC = (nint)ldc,
            Bias = bias,
        };
        if (batch == 1)
            One(arguments, flops >= ParallelFlops);
        else if (flops * batch < ParallelFlops || flops >= 16 * ParallelFlops)
            for (var i = 0; i < batch; i++)
                One(arguments.Item(i, batchA, batchB, batchC), flops >= ParallelFlops);
        else
            Items(batch, arguments, batchA, batchB, batchC);
    }

    private static void Items(int batch, GemmArguments arguments, long batchA, long batchB, long batchC) =>
        Pool.Run(batch, i => One(arguments.Item(i, batchA, batchB, batchC), parallel: false));

    private static void One(in GemmArguments g, bool parallel)
    {
        if (!GemmThin.Handles(g) && !GemmSwapped.Handles(g))
        {
            GemmBlocked.Run(g, parallel);
            return;
        }
        var w = new WeightMatrix { Data = (byte*)g.B, Type = WeightType.Float32, Rows = g.N, Columns = g.K };
        Weight(g, w, g.ColumnB, parallel);
    }

    /// <summary>A product whose B is the transpose of a row-major weight.</summary>
    internal static void Weight(in GemmArguments g, in WeightMatrix w, nint rowW, bool parallel)
    {
        if (GemmThin.Handles(g))
            GemmThin.Run(g, w, rowW, parallel);
        else
            GemmSwapped.Run(g, w, rowW, parallel);
    }
}
