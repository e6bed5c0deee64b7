namespace Aim.Tensors.Kernels;

/// <summary>
/// Query rows (or rows of their gradient) as the register tile reads them. Short heads are read in place: packing them would cost
/// more than the tile gains, but for a last tile that the rows do not fill.
/// </summary>
internal readonly unsafe struct QueryTiles
{
    /// <summary>Longest head that is read in place.</summary>
    private const int DirectDim = 64;

    private readonly float* source;
    private readonly nint sourceRow;
    private readonly float* packed;
    private readonly int tileRows;
    private readonly int dim;
    private readonly int direct;

    /// <summary>Rows of a head, from <paramref name="source"/> on; memory has room for whole tiles of them.</summary>
    public QueryTiles(in AttentionOperands operands, float* source, int rows, float* memory, nint? sourceRow = null)
    {
        this.source = source;
        this.sourceRow = sourceRow ?? (nint)operands.Shape.Q.Row;
        packed = memory;
        (tileRows, dim) = (operands.Tile.Rows, operands.Shape.HeadDim);
        direct = dim <= DirectDim ? rows / tileRows * tileRows : 0;
        Prefetch.Rows(source, this.sourceRow, direct, dim);
        for (var at = direct; at < rows; at += tileRows)
            GemmPack.Panel(source + at * this.sourceRow, this.sourceRow, 1, Math.Min(tileRows, rows - at), dim, packed + at * dim,
                tileRows);
    }

    /// <summary>First element of the tile that begins at row <paramref name="at"/>.</summary>
    public float* At(int at) => at < direct ? source + at * sourceRow : packed + at * dim;

    public nint RowStride(int at) => at < direct ? sourceRow : 1;

    public nint ColumnStride(int at) => at < direct ? 1 : tileRows;
}
