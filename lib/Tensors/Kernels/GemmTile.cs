namespace Aim.Tensors.Kernels;

/// <summary>
/// The innermost kernel of a product: a tile of C that fits the registers. Every element is one chain of fused multiply-adds over
/// ascending k, so its bits depend on nothing but k.
/// </summary>
internal abstract unsafe class GemmTile
{
    /// <summary>Rows of the tile.</summary>
    public abstract int Rows { get; }

    /// <summary>Columns of the tile.</summary>
    public abstract int Columns { get; }

    /// <summary>
    /// C = alpha * A B + beta * C (+ bias) for one whole tile: A [Rows, k] with any strides, B [k, Columns] with contiguous rows
    /// <paramref name="rsB"/> apart, C rows <paramref name="ldc"/> apart. With beta = 0, C is not read.
    /// </summary>
    public abstract void Run(
        int k, float* a, nint rsA, nint csA, float* b, nint rsB, float* c, nint ldc, float alpha, float beta, float* bias);
}
