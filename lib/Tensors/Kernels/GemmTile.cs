namespace Aim.Tensors.Kernels;

/// <summary>Where a tile reads and writes; strides in elements unless said otherwise.</summary>
internal unsafe struct TileArguments
{
    /// <summary>Products to sum.</summary>
    public int Depth;

    /// <summary>A [rows, Depth] with any strides.</summary>
    public float* A;

    public nint RowA;
    public nint ColumnA;

    /// <summary>B [Depth, columns], of the type of the kernel; rows are <see cref="RowB"/> bytes apart.</summary>
    public byte* B;

    public nint RowB;

    /// <summary>Columns from the first of the tile's two vectors to the second.</summary>
    public int Second;

    /// <summary>C, rows contiguous and <see cref="RowC"/> apart; not read if <see cref="Beta"/> is 0.</summary>
    public float* C;

    public nint RowC;

    public float Alpha;
    public float Beta;

    /// <summary>Per column, or null.</summary>
    public float* Bias;

    /// <summary>What will be read next, fetched along the way: two lines a row of B.</summary>
    public byte* Next;

    /// <summary>Bytes from one row's lines to the next's.</summary>
    public nint NextStep;
}

/// <summary>
/// The innermost kernels of a product: a tile of C that fits the registers, at most <see cref="Rows"/> rows by two vectors. C =
/// alpha * A B + beta * C (+ bias); every element is one chain of fused multiply-adds over ascending k, whatever the tile's
/// height, so its bits depend on nothing but k.
/// </summary>
internal abstract unsafe class GemmTile
{
    /// <summary>Rows of the highest tile.</summary>
    public abstract int Rows { get; }

    /// <summary>Floats of a vector.</summary>
    public abstract int Lanes { get; }

    /// <summary>Columns of a tile.</summary>
    public int Columns => 2 * Lanes;

    /// <summary>
    /// The kernel of <paramref name="rows"/> rows (1 to <see cref="Rows"/>) for a B of this type; one that
    /// <paramref name="streams"/> fetches B past the caches, since it is not read again.
    /// </summary>
    public abstract delegate*<in TileArguments, void> Kernel(WeightType type, int rows, bool streams = false);

    /// <summary>One whole tile with B in float32, its columns next to each other.</summary>
    public void Run(
        int k, float* a, nint rsA, nint csA, float* b, nint rsB, float* c, nint ldc, float alpha, float beta, float* bias) =>
        Run(Rows, k, a, rsA, csA, b, rsB, c, ldc, alpha, beta, bias);

    /// <summary>The same of <paramref name="rows"/> rows, 1 to <see cref="Rows"/>.</summary>
    public void Run(
        int rows, int k, float* a, nint rsA, nint csA, float* b, nint rsB, float* c, nint ldc, float alpha, float beta,
        float* bias)
    {
        var arguments = new TileArguments
        {
            Depth = k,
            A = a,
            RowA = rsA,
            ColumnA = csA,
            B = (byte*)b,
            RowB = rsB * sizeof(float),
            Second = Lanes,
            C = c,
            RowC = ldc,
            Alpha = alpha,
            Beta = beta,
            Bias = bias,
            Next = (byte*)b,
        };
        Kernel(WeightType.Float32, rows)(arguments);
    }
}
