namespace Aim.Tensors.Kernels;

/// <summary>Products with a stored weight: y = x wᵀ + bias, whatever the weight's type and layout.</summary>
internal static unsafe class WeightGemm
{
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
            for (var p = 0; p < w.Columns; p++)
                target[p] = w[row, p];
    }

    /// <summary>
    /// y [m, Rows] = x [m, Columns] wᵀ + bias [Rows] (or null); rows of x and y are contiguous, <paramref name="rowX"/> and
    /// <paramref name="rowY"/> floats apart.
    /// </summary>
    public static void Run(int m, float* x, long rowX, in WeightMatrix w, float* y, long rowY, float* bias)
    {
        if (w.Packed)
        {
            if (m <= 0 || w.Rows <= 0)
                return;
            var flops = 2L * m * w.Rows * w.Columns;
            FlopCounter.AddMatmul(flops);
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
                RowB = 0,
                ColumnB = 0,
                Beta = 0,
                C = y,
                RowC = (nint)rowY,
                Bias = bias,
            };
            var panels = PanelSource.Packed(w.Data, w.Type, w.Columns);
            GemmLoops.Run(product, panels, 0, GemmBlocked.Divide(w.Rows, WeightPack.Width), flops >= Gemm.ParallelFlops || panels.Panel * (long)w.Rows / 32 > 500_000);
            return;
        }
        const int Stage = 512;
        var widened = Scratch.Get(Scratch.Weight, (long)Math.Min(Stage, w.Rows) * w.Columns);
        for (var row = 0; row < w.Rows; row += Stage)
        {
            var count = Math.Min(Stage, w.Rows - row);
            for (var i = 0; i < count; i++)
                Unpack(w, row + i, widened + (nint)i * w.Columns);
            Gemm.Run(m, count, w.Columns, 1, x, rowX, 1, widened, 1, w.Columns, 0, y + row, rowY, bias == null ? null : bias + row);
        }
    }
}
