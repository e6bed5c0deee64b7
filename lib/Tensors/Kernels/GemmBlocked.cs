namespace Aim.Tensors.Kernels;

/// <summary>
/// The blocked product (Goto and van de Geijn 2008): B is packed into panels as wide as the register tile, shared by all tasks; a
/// task owns a block of C's rows and some of its panels and sums over all of k, block by block. An operand that the tile can read
/// in place is not packed: narrow shapes would spend as long on packing as on the product.
/// </summary>
internal static unsafe class GemmBlocked
{
    /// <summary>Longest block of k: a panel of A and one of B of this depth share L1.</summary>
    private const int MaxDepth = 256;

    /// <summary>Up to this many columns a task reads A in place: packing it would cost more than it saves.</summary>
    private const int DirectColumns = 768;

    /// <summary>Panels that a task takes through all of k together.</summary>
    private const int GroupPanels = 4;

    /// <summary>Floats of B packed at a time (8 MB, a part of L3).</summary>
    private const long PackedFloats = 2 << 20;

    public static void Run(GemmArguments g, bool parallel)
    {
        var tile = KernelSet.Current.Tile;
        var panels = Divide(g.N, tile.Columns);
        var directB = g.ColumnB == 1 && (g.M <= 2 * tile.Rows || g.K <= 128);
        if (directB && g.N % tile.Columns == 0)
        {
            Tiles(g, tile, 0, panels, null, parallel);
            return;
        }
        var stage = (int)Math.Clamp(PackedFloats / ((long)Math.Max(1, g.K) * tile.Columns), 16, Math.Max(16, panels));
        for (var first = 0; first < panels; first += stage)
        {
            var count = Math.Min(stage, panels - first);
            var packed = Scratch.Get(Scratch.GemmShared, (long)count * tile.Columns * Math.Max(1, g.K));
            Pack(g, tile, first, count, packed, parallel);
            Tiles(g, tile, first, count, packed, parallel);
        }
    }

    /// <summary>Packs panels [first, first + count): panel after panel, each [k, Columns].</summary>
    private static void Pack(GemmArguments g, GemmTile tile, int first, int count, float* packed, bool parallel)
    {
        var width = tile.Columns;
        var chunk = parallel ? Math.Max(1, (int)(65536 / Math.Max(1, (long)g.K * width))) : count;
        Pool.Ranges(count, chunk, (from, to) =>
        {
            for (var i = from; i < to; i++)
            {
                var column = (first + i) * width;
                var lines = (int)Math.Min(width, g.N - column);
                GemmPack.Panel(g.B + (nint)column * g.ColumnB, g.ColumnB, g.RowB, lines, g.K, packed + i * width * g.K, width);
            }
        });
    }

    /// <summary>Cuts C's rows (and, where there are few, its panels) into tasks by the shape alone.</summary>
    private static void Tiles(GemmArguments g, GemmTile tile, int first, int count, float* packed, bool parallel)
    {
        if (!parallel)
        {
            Block(g, tile, 0, g.M, first, count, first, packed);
            return;
        }
        var rowTiles = Divide(g.M, tile.Rows);
        var rowsPerTask = Math.Clamp(Divide(rowTiles, 4), 1, 16);
        var rowTasks = Divide(rowTiles, rowsPerTask);
        var columnTasks = Math.Clamp(count / 4, 1, Divide(16, rowTasks)); // the fewer, the less often A is read
        var panelsPerTask = Divide(count, columnTasks);
        columnTasks = Divide(count, panelsPerTask);
        Pool.Run(rowTasks * columnTasks, task =>
        {
            var row = task / columnTasks * rowsPerTask * tile.Rows;
            var panel = task % columnTasks * panelsPerTask;
            Block(
                g, tile, row, Math.Min(g.M - row, rowsPerTask * tile.Rows), first + panel, Math.Min(panelsPerTask, count - panel),
                first, packed);
        });
    }

    /// <summary>
    /// Rows [row, row + rows) of C times panels [panel, panel + count); <paramref name="packed"/> begins with panel packedFirst.
    /// A few panels at a time go through all of k, so that their part of C stays in L2.
    /// </summary>
    private static void Block(
        in GemmArguments g, GemmTile tile, int row, int rows, int panel, int count, int packedFirst, float* packed)
    {
        var blocks = Math.Max(1, Divide(g.K, MaxDepth));
        var depth = Math.Max(8, Divide(Divide(g.K, blocks), 8) * 8);
        var directA = (g.ColumnA == 1 || g.RowA == 1) && (long)count * tile.Columns <= DirectColumns;
        var direct = directA ? rows / tile.Rows : 0; // tiles that are read in place; one that C cuts off is packed
        var packedRows = (Divide(rows, tile.Rows) - direct) * tile.Rows;
        var a = Scratch.Get(Scratch.GemmTask, (long)packedRows * g.K);
        for (var p = 0; p < g.K && packedRows > 0; p += depth)
        {
            var at = direct * tile.Rows;
            PackRows(g, tile, row + at, rows - at, p, Math.Min(depth, g.K - p), a + (nint)p * packedRows);
        }
        for (var group = panel; group < panel + count; group += GroupPanels)
        {
            for (var p = 0; p == 0 || p < g.K; p += depth)
            {
                var k = Math.Min(depth, g.K - p);
                for (var j = group; j < Math.Min(panel + count, group + GroupPanels); j++)
                {
                    var b = packed == null
                        ? g.B + p * g.RowB + j * tile.Columns
                        : packed + ((nint)(j - packedFirst) * g.K + p) * tile.Columns;
                    var rowB = packed == null ? g.RowB : tile.Columns;
                    for (var t = 0; t < direct; t++)
                        Tile(g, tile, row + t * tile.Rows, row + rows, j, p, k,
                            g.A + (row + t * tile.Rows) * g.RowA + p * g.ColumnA, g.RowA, g.ColumnA, b, rowB);
                    for (var t = 0; t * tile.Rows < packedRows; t++)
                        Tile(g, tile, row + (direct + t) * tile.Rows, row + rows, j, p, k,
                            a + (nint)p * packedRows + (nint)t * tile.Rows * k, 1, tile.Rows, b, rowB);
                }
            }
        }
    }

    private static void PackRows(in GemmArguments g, GemmTile tile, int row, int rows, int p, int k, float* target)
    {
        var source = g.A + row * g.RowA + p * g.ColumnA;
        if (g.RowA == 1)
        {
            GemmPack.Panels(source, g.ColumnA, rows, k, target, tile.Rows);
            return;
        }
        for (var r = 0; r < rows; r += tile.Rows)
        {
            var lines = Math.Min(tile.Rows, rows - r);
            GemmPack.Panel(source + r * g.RowA, g.RowA, g.ColumnA, lines, k, target + (nint)r * k, tile.Rows);
        }
    }

    /// <summary>C's tile at this row and panel, plus the products of k from p on.</summary>
    private static void Tile(
        in GemmArguments g, GemmTile tile, int row, int endRow, int panel, int p, int k,
        float* a, nint rowA, nint columnA, float* b, nint rowB)
    {
        var column = panel * tile.Columns;
        var c = g.C + row * g.RowC + column;
        var bias = g.Bias != null && p + k >= g.K ? g.Bias + column : null;
        var beta = p == 0 ? g.Beta : 1;
        var (rows, columns) = (Math.Min(tile.Rows, endRow - row), Math.Min(tile.Columns, g.N - column));
        if (columns == tile.Columns && rows == tile.Rows)
            tile.Run(k, a, rowA, columnA, b, rowB, c, g.RowC, g.Alpha, beta, bias);
        else
            Edge(tile, k, a, rowA, columnA, b, rowB, c, g.RowC, g.Alpha, beta, bias, rows, columns);
    }

    /// <summary>A tile that C cuts off: the same kernel on a copy, so the same bits.</summary>
    private static void Edge(
        GemmTile tile, int k, float* a, nint rowA, nint columnA, float* b, nint rowB, float* c, nint rowC,
        float alpha, float beta, float* bias, int rows, int columns)
    {
        var width = tile.Columns;
        var copy = Scratch.Get(Scratch.GemmEdge, (tile.Rows + 1) * width);
        var copyBias = bias == null ? null : copy + tile.Rows * width;
        for (var j = 0; j < columns && bias != null; j++)
            copyBias[j] = bias[j];
        if (beta != 0)
            CopyTile(c, rowC, copy, width, rows, columns);
        tile.Run(k, a, rowA, columnA, b, rowB, copy, width, alpha, beta, copyBias);
        CopyTile(copy, width, c, rowC, rows, columns);
    }

    private static void CopyTile(float* source, nint rowSource, float* target, nint rowTarget, int rows, int columns)
    {
        for (var i = 0; i < rows; i++)
            new ReadOnlySpan<float>(source + i * rowSource, columns).CopyTo(new Span<float>(target + i * rowTarget, columns));
    }

    internal static int Divide(int count, int by) => (count + by - 1) / by;
}
