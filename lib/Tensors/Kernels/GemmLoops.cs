namespace Aim.Tensors.Kernels;

/// <summary>B of a product, cut into panels of 32 columns whose rows the tile reads in place; distances in bytes.</summary>
internal readonly unsafe struct PanelSource
{
    public required byte* Data { get; init; }
    public required WeightType Type { get; init; }

    /// <summary>From one panel to the next.</summary>
    public required nint Panel { get; init; }

    /// <summary>From one row of a panel to the next.</summary>
    public required nint Row { get; init; }

    /// <summary>Panels of <see cref="WeightPack"/>: each [depth, 32].</summary>
    public static PanelSource Packed(byte* data, WeightType type, int depth)
    {
        nint row = WeightPack.Width * WeightMatrix.SizeOf(type);
        return new() { Data = data, Type = type, Panel = row * depth, Row = row };
    }
}

/// <summary>
/// The loops around the tile (Goto and van de Geijn 2008). A task owns a block of C's rows and a group of its panels; it sums
/// over k block by block, so that its part of A stays in L2 and a panel's block in L1, and fetches the next panel's block while
/// it computes with this one's. An A that is contiguous over k is read in place.
/// </summary>
internal static unsafe class GemmLoops
{
    /// <summary>Longest block of k: that of a panel takes two thirds of L1.</summary>
    private const int MaxDepth = 256;

    /// <summary>Tiles of the highest block of rows.</summary>
    private const int BlockTiles = 16;

    /// <summary>Panels of the widest group.</summary>
    private const int GroupPanels = 28;

    /// <summary>The same for few tiles: what is fetched beyond a panel's block is then still there when its turn comes.</summary>
    private const int LowGroupPanels = 4;

    /// <summary>As many tiles are few.</summary>
    private const int LowTiles = 4;

    /// <summary>The same for more rows than columns: their block of k stays in L2 beside that of A.</summary>
    private const int TallGroupPanels = 14;

    /// <summary>Tasks that a product is cut into at least: what a slow thread leaves, others take.</summary>
    private const int MinTasks = 24;

    /// <summary>Tall products are cut into a multiple of this: as many threads end together.</summary>
    private const int TallMultiple = 4;

    /// <summary>A block of rows of more floats (256 KB, a quarter of L2) is gone before the next panel needs it again.</summary>
    private const long StayingRows = 64 << 10;

    /// <summary>Up to this many rows a panel goes through all of k alone: memory is then read front to back.</summary>
    private const int StreamRows = 4;

    /// <summary>How far ahead of such a stream memory is fetched, in bytes.</summary>
    private const int Ahead = 6144;

    /// <summary>Bytes of a task of such streams: the thread that ends first waits for the other's last one.</summary>
    private const long StreamBytes = 64 << 10;

    /// <summary>Length of a block of k: equal ones, all but the last multiples of 8.</summary>
    public static int Depth(int k) =>
        Math.Max(8, GemmBlocked.Divide(GemmBlocked.Divide(k, Math.Max(1, GemmBlocked.Divide(k, MaxDepth))), 8) * 8);

    /// <summary>Adds panels [first, first + count) of C, whose B begins with panel first.</summary>
    public static void Run(in GemmArguments g, in PanelSource b, int first, int count, bool parallel)
    {
        if (parallel)
            InTasks(g, b, first, count);
        else
        {
            var width = Widest(g.M);
            for (var group = 0; group < count; group += width)
                Block(g, b, 0, g.M, first, group, Math.Min(width, count - group));
        }
    }

    private static int Widest(int rows) => rows <= LowTiles * KernelSet.Current.Tile.Rows ? LowGroupPanels : GroupPanels;

    /// <summary>Neighbouring tasks share a group of panels.</summary>
    private static void InTasks(in GemmArguments g, in PanelSource b, int first, int count)
    {
        var (rowTasks, columnTasks) = count * WeightPack.Width >= g.M ? CutWide(g, b, count) : CutTall(g, count);
        var state = (g, b, first, count, rowTasks, columnTasks);
        if (rowTasks == 1)
            Pool.RunStreams(columnTasks, state, Task); // a thread finds what it fetched ahead
        else
            Pool.Run(rowTasks * columnTasks, state, Task);

        static void Task(
            in (GemmArguments G, PanelSource B, int First, int Count, int RowTasks, int ColumnTasks) product, int task)
        {
            var (g, b, first, count, rowTasks, columnTasks) = product;
            var row = (int)((long)g.M * (task % rowTasks) / rowTasks);
            var end = (int)((long)g.M * (task % rowTasks + 1) / rowTasks);
            var panel = (int)((long)count * (task / rowTasks) / columnTasks);
            Block(g, b, row, end - row, first, panel, (int)((long)count * (task / rowTasks + 1) / columnTasks) - panel);
        }
    }

    /// <summary>Tasks over rows and over columns, by the shape alone, where panels are many.</summary>
    private static (int Rows, int Columns) CutWide(in GemmArguments g, in PanelSource b, int count)
    {
        if (g.M <= StreamRows)
            return (1, GemmBlocked.Divide(count, (int)Math.Max(1, StreamBytes / Math.Max(1, (long)b.Row * g.K))));
        var rowTasks = GemmBlocked.Divide(GemmBlocked.Divide(g.M, KernelSet.Current.Tile.Rows), BlockTiles);
        var panels = Math.Clamp(count * rowTasks / MinTasks, 1, Widest(g.M));
        if (panels == 1 && count * rowTasks >= MinTasks && (long)g.M / rowTasks * g.K > StayingRows)
            panels = 2;
        var columnTasks = GemmBlocked.Divide(count, panels);
        if (rowTasks * columnTasks % 2 != 0 && columnTasks < count)
            columnTasks++; // the last of an odd number would find one of two threads idle
        return (rowTasks, columnTasks);
    }

    /// <summary>The same where rows are many.</summary>
    private static (int Rows, int Columns) CutTall(in GemmArguments g, int count)
    {
        var tiles = GemmBlocked.Divide(g.M, KernelSet.Current.Tile.Rows);
        // an A that is not contiguous over k is packed once a group, or read in pieces of lines: wider and higher tasks
        var (widest, tasks) = g.ColumnA == 1 ? (TallGroupPanels, MinTasks) : (GroupPanels, MinTasks / 2);
        var columnTasks = GemmBlocked.Divide(count, Math.Min(widest, Widest(g.M)));
        var tilesPerTask = Math.Clamp(tiles * columnTasks / tasks, 1, BlockTiles);
        var rowTasks = GemmBlocked.Divide(tiles, tilesPerTask);
        while (tilesPerTask > 1 && rowTasks * columnTasks % TallMultiple != 0)
            rowTasks++;
        return (rowTasks, columnTasks);
    }

    /// <summary>Rows [row, row + rows) of A times panels [panel, panel + count) of B: C's from first + panel on.</summary>
    private static void Block(in GemmArguments g, in PanelSource b, int row, int rows, int first, int panel, int count)
    {
        if (rows <= StreamRows)
        {
            for (var j = panel; j < panel + count; j++)
            {
                if (!Stream(g, b, row, rows, first + j, j))
                    Group(g, b, row, rows, first, j, 1);
            }
            return;
        }
        // one thread comes here with all rows
        var blocks = GemmBlocked.Divide(rows, BlockTiles * KernelSet.Current.Tile.Rows);
        for (var i = 0; i < blocks; i++)
        {
            var (from, to) = ((int)((long)rows * i / blocks), (int)((long)rows * (i + 1) / blocks));
            Group(g, b, row + from, to - from, first, panel, count);
        }
    }

    /// <summary>A panel in one go, where one row, whole vectors and the packed layout allow that.</summary>
    private static bool Stream(in GemmArguments g, in PanelSource b, int row, int rows, int column, int panel)
    {
        const int Width = WeightPack.Width;
        var set = KernelSet.Current;
        if (rows != 1 || g.ColumnA != 1 || g.Alpha != 1 || g.Beta != 0 || set.Lanes != WeightPack.Half
            || b.Row != Width * WeightMatrix.SizeOf(b.Type) || (column + 1) * Width > g.N)
            return false;
        column *= Width;
        set.StreamPanel(b.Type, g.A + row * g.RowA, b.Data + panel * b.Panel, g.K, Depth(g.K),
            g.Bias == null ? null : g.Bias + column, g.C + row * g.RowC + column);
        return true;
    }

    private static void Group(in GemmArguments g, in PanelSource b, int row, int rows, int first, int panel, int count)
    {
        var depth = Depth(g.K);
        var walk = new TileWalk(g, b.Type, row, rows, count, streams: rows <= StreamRows);
        for (var p = 0; p == 0 || p < g.K; p += depth)
        {
            var k = Math.Min(depth, g.K - p);
            walk.Depth(p, k);
            for (var j = panel; j < panel + count; j++)
            {
                var at = b.Data + j * b.Panel + p * b.Row;
                var next = j + 1 < panel + count ? at + b.Panel
                    : p + k < g.K ? b.Data + panel * b.Panel + (p + k) * b.Row
                    : b.Data + (panel + count) * b.Panel;
                if (rows <= StreamRows)
                    next = at + Ahead;
                walk.Panel(first + j, at, b.Row, next);
            }
        }
    }
}
