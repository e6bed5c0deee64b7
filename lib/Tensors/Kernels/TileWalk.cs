namespace Aim.Tensors.Kernels;

/// <summary>
/// The tiles of a block of rows, for one panel and one block of k at a time. Rows are cut into tiles of nearly equal height, so
/// that no tile is too low to keep the multipliers busy.
/// </summary>
internal unsafe ref struct TileWalk
{
    /// <summary>From this many panels on an A that is not contiguous over k is packed: it lies in too many pages.</summary>
    private const int PackPanels = 8;

    /// <summary>From this many tiles on float16 is widened once a block: in every tile it would cost a quarter.</summary>
    private const int WidenTiles = 3;

    private readonly ref readonly GemmArguments g;
    private readonly int row;
    private readonly int rows;
    private readonly int tiles;
    private readonly int lanes;
    private readonly bool widens;
    private readonly bool packs;
    private readonly delegate*<in TileArguments, void> low;
    private readonly delegate*<in TileArguments, void> high;
    private TileArguments tile;
    private float* a;
    private float beta;
    private bool last;

    /// <summary>
    /// Rows [row, row + rows) of C and this many panels of a B of this type, which is read once only if it
    /// <paramref name="streams"/>.
    /// </summary>
    public TileWalk(in GemmArguments g, WeightType type, int row, int rows, int panels, bool streams = false)
    {
        this.g = ref g;
        var kernels = KernelSet.Current.Tile;
        (this.row, this.rows, tiles, lanes) = (row, rows, GemmBlocked.Divide(rows, kernels.Rows), kernels.Lanes);
        widens = type == WeightType.Float16 && tiles >= WidenTiles;
        packs = g.ColumnA != 1 && panels >= PackPanels;
        // narrower tiles come back to a panel's lines
        streams = streams && tiles == 1 && lanes == WeightPack.Half;
        low = kernels.Kernel(widens ? WeightType.Float32 : type, rows / tiles, streams);
        high = kernels.Kernel(widens ? WeightType.Float32 : type, Math.Min(kernels.Rows, rows / tiles + 1), streams);
        tile = new()
        {
            RowA = packs ? 1 : g.RowA,
            ColumnA = g.ColumnA,
            Second = WeightPack.Half,
            Alpha = g.Alpha,
        };
    }

    /// <summary>Goes to <paramref name="depth"/> of k from <paramref name="p"/> on, which may lie elsewhere than in A.</summary>
    public void Depth(int p, int depth, float* copy = null)
    {
        tile.Depth = depth;
        a = copy != null ? copy : g.A + row * g.RowA + p * g.ColumnA;
        if (packs)
            a = PackA(a, depth);
        beta = p == 0 ? g.Beta : 1;
        last = p + depth >= g.K;
    }

    /// <summary>Tile after tile, each [depth, height].</summary>
    private readonly float* PackA(float* source, int depth)
    {
        var packed = Scratch.Get(Scratch.GemmTask, (long)rows * depth);
        var (height, split) = (rows / tiles, rows % tiles * (rows / tiles + 1));
        if (g.RowA == 1)
        {
            GemmPack.Panels(source, g.ColumnA, split, depth, packed, height + 1);
            GemmPack.Panels(source + split, g.ColumnA, rows - split, depth, packed + (nint)split * depth, height);
            return packed;
        }
        for (var i = 0; i < rows;)
        {
            var h = i < split ? height + 1 : height;
            GemmPack.Panel(source + i * g.RowA, g.RowA, g.ColumnA, h, depth, packed + (nint)i * depth, h);
            i += h;
        }
        return packed;
    }

    /// <summary>
    /// Adds one panel's products to C; <paramref name="next"/> is the block of B that comes after.
    /// </summary>
    public void Panel(int panel, byte* b, nint rowB, byte* next)
    {
        var column = panel * WeightPack.Width;
        var c = g.C + row * g.RowC + column;
        var bias = last && g.Bias != null ? g.Bias + column : null;
        tile.NextStep = rowB <= WeightPack.Width * sizeof(float) ? rowB / tiles : 0; // rows in place lie apart
        if (widens)
        {
            var wide = Scratch.Get(Scratch.Weight, tile.Depth * WeightPack.Width);
            KernelSet.Current.WidenPanel(b, rowB, tile.Depth, wide);
            b = (byte*)wide;
            rowB = WeightPack.Width * sizeof(float);
        }
        var columns = Math.Min(WeightPack.Width, g.N - column);
        if (columns == WeightPack.Width)
            Tiles(b, rowB, c, g.RowC, bias, next);
        else
            Edge(b, rowB, c, bias, next, columns);
    }

    private void Tiles(byte* b, nint rowB, float* c, nint rowC, float* bias, byte* next)
    {
        var (height, higher) = (rows / tiles, rows % tiles);
        (tile.RowB, tile.RowC, tile.Beta) = (rowB, rowC, beta);
        for (var s = 0; s < WeightPack.Half; s += lanes)
        {
            tile.A = a;
            tile.B = b + s * sizeof(float); // a word of 16-bit values holds both columns
            tile.C = c + s;
            tile.Next = next;
            tile.Bias = bias == null ? null : bias + s;
            for (var t = 0; t < tiles; t++)
            {
                var h = t < higher ? height + 1 : height;
                if (packs)
                    tile.ColumnA = h;
                (t < higher ? high : low)(tile);
                tile.A += packs ? (nint)h * tile.Depth : h * tile.RowA;
                tile.C += h * rowC;
                tile.Next += tile.NextStep * tile.Depth;
            }
        }
    }

    /// <summary>A panel that C cuts off goes through a copy of its columns.</summary>
    private void Edge(byte* b, nint rowB, float* c, float* bias, byte* next, int columns)
    {
        const int Width = WeightPack.Width;
        var copy = Scratch.Get(Scratch.GemmEdge, (rows + 1) * Width);
        if (beta != 0)
            Copy(c, g.RowC, copy + Width, Width, columns);
        if (bias != null)
            new ReadOnlySpan<float>(bias, columns).CopyTo(new Span<float>(copy, columns));
        Tiles(b, rowB, copy + Width, Width, bias == null ? null : copy, next);
        Copy(copy + Width, Width, c, g.RowC, columns);
    }

    private readonly void Copy(float* source, nint rowSource, float* target, nint rowTarget, int columns)
    {
        for (var i = 0; i < rows; i++)
            new ReadOnlySpan<float>(source + i * rowSource, columns).CopyTo(new Span<float>(target + i * rowTarget, columns));
    }
}
