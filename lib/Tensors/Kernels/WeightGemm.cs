namespace Aim.Tensors.Kernels;

/// <summary>Products with a stored weight: y = x wᵀ + bias, whatever the weight's type and layout.</summary>
internal static unsafe class WeightGemm
{
    /// <summary>From this many bytes of weights on, reading them takes longer than waking a thread.</summary>
    private const long ParallelBytes = 512 << 10;

    /// <summary>Bytes of the packed form; its buffer is 64-byte aligned.</summary>
    public static long PackedBytes(int rows, int columns, WeightType type) => WeightPack.Bytes(rows, columns, type);

    /// <summary>Packs a row-major weight at any address, over all threads.</summary>
    public static void Pack(byte* rowMajor, WeightType type, int rows, int columns, byte* target) =>
        WeightPack.Pack(rowMajor, type, rows, columns, target);

    /// <summary>One row of a weight in either layout, widened to <c>Columns</c> floats.</summary>
    public static void Unpack(in WeightMatrix w, int row, float* target)
    {
        if (w.Packed)
            WeightPack.Unpack(w, row, target);
        else
            KernelSet.Current.Widen(w.Type, w.Data + (long)row * w.Columns * w.Size, target, w.Columns);
    }

    /// <summary>
    /// y [m, Rows] = x [m, Columns] wᵀ + bias [Rows] (or null); rows of x and y are contiguous, <paramref name="rowX"/> and
    /// <paramref name="rowY"/> floats apart.
    /// </summary>
    public static void Run(int m, float* x, long rowX, in WeightMatrix w, float* y, long rowY, float* bias)
    {
        if (m <= 0 || w.Rows <= 0)
            return;
        var flops = 2L * m * w.Rows * w.Columns;
        FlopCounter.AddMatmul(flops);
        var parallel = flops >= Gemm.ParallelFlops || (long)w.Rows * w.Columns * w.Size >= ParallelBytes;
        var product = new GemmArguments
        {
            M = m,
            N = w.Rows,
            K = w.Columns,
            Alpha = 1,
            A = x,
            RowA = (nint)rowX,
            ColumnA = 1,
            B = null,
            RowB = 1,
            ColumnB = w.Columns,
            Beta = 0,
            C = y,
            RowC = (nint)rowY,
            Bias = bias,
        };
        if (!w.Packed)
        {
            Gemm.Weight(product, w, w.Columns, parallel);
            return;
        }
        var panels = PanelSource.Packed(w.Data, w.Type, w.Columns);
        GemmLoops.Run(product, panels, 0, GemmBlocked.Divide(w.Rows, WeightPack.Width), parallel);
    }
}
