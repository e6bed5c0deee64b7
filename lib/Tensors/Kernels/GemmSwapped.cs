namespace Aim.Tensors.Kernels;

/// <summary>
/// x Wᵀ of a row-major W as the transpose of W xᵀ: W takes the place of A, which the tile reads in place (16-bit values are
/// widened, a block at a time), and only x is packed, which has fewer rows. Factors commute in a fused multiply-add, so the bits
/// are those of the blocked product.
/// </summary>
internal static unsafe class GemmSwapped
{
    /// <summary>Rows of W that a task takes through all of k: with the packed x's block they stay in L2.</summary>
    private const int BlockRows = 96;

    /// <summary>The same for an x of one panel: fewer rows go through k faster, each a stream of memory.</summary>
    private const int StreamRows = 12;

    /// <summary>Panels of x that go through k together.</summary>
    private const int GroupPanels = 24;

    /// <summary>Floats of x packed at a time (8 MB, a part of L3).</summary>
    private const long PackedFloats = 2 << 20;

    /// <summary>x Wᵀ with half as many rows of x as of W at most: C is transposed afterwards, which has its price too.</summary>
    public static bool Handles(in GemmArguments g) => g.RowB == 1 && g.ColumnB != 1 && g.ColumnA == 1 && 2L * g.M <= g.N;

    /// <summary>g's product; its B is <paramref name="w"/>, whose rows are <paramref name="rowW"/> values apart.</summary>
    public static void Run(in GemmArguments g, in WeightMatrix w, nint rowW, bool parallel)
    {
        const int Width = WeightPack.Width;
        var stage = (int)Math.Max(1, PackedFloats / ((long)Math.Max(1, g.K) * Width)) * Width;
        for (var first = 0; first < g.M; first += stage)
        {
            var part = g with { A = g.A + first * g.RowA, C = g.C + first * g.RowC, M = Math.Min(stage, g.M - first) };
            var panels = GemmBlocked.Divide(part.M, Width);
            var x = Scratch.Get(Scratch.GemmShared, (long)panels * Width * Math.Max(1, g.K));
            if (parallel)
                InTasks(part, w, rowW, panels, x);
            else
            {
                Pack(part, 0, panels, x);
                for (var row = 0; row < g.N; row += BlockRows)
                    Block(part, w, rowW, row, Math.Min(BlockRows, g.N - row), panels, x);
            }
        }
    }

    private static void InTasks(GemmArguments g, WeightMatrix w, nint rowW, int panels, float* x)
    {
        if (panels > 1)
            Pool.Run(panels, i => Pack(g, i, i + 1, x));
        else
            Pack(g, 0, 1, x);
        var tasks = GemmBlocked.Divide(g.N, BlockRows);
        if (tasks < 8)
            tasks = Math.Min(8, GemmBlocked.Divide(g.N, KernelSet.Current.Tile.Rows));
        Pool.Run(tasks, task =>
        {
            var (row, end) = ((int)((long)g.N * task / tasks), (int)((long)g.N * (task + 1) / tasks));
            Block(g, w, rowW, row, end - row, panels, x);
        });
    }

    private static void Pack(in GemmArguments g, int from, int to, float* x)
    {
        const int Width = WeightPack.Width;
        for (var i = from; i < to; i++)
            GemmPack.Panel(g.A + (nint)i * Width * g.RowA, g.RowA, 1, Math.Min(Width, g.M - i * Width), g.K,
                x + (nint)i * Width * g.K, Width);
    }

    /// <summary>Columns [row, row + rows) of C: those rows of W times all panels of x.</summary>
    private static void Block(in GemmArguments g, in WeightMatrix w, nint rowW, int row, int rows, int panels, float* x)
    {
        const int Width = WeightPack.Width;
        if (panels == 1 && rows > StreamRows)
        {
            for (var i = 0; i < rows; i += StreamRows)
                Block(g, w, rowW, row + i, Math.Min(StreamRows, rows - i), panels, x);
            return;
        }
        var depth = GemmLoops.Depth(g.K);
        var widens = w.Type != WeightType.Float32;
        for (var first = 0; first < panels; first += GroupPanels)
        {
            var count = Math.Min(GroupPanels, panels - first);
            var (columns, line) = (Math.Min(count * Width, g.M - first * Width), (nint)count * Width);
            var c = Scratch.Get(Scratch.GemmTask, rows * (line + (widens ? depth : 0)));
            var wide = c + rows * line;
            var target = g.C + (nint)first * Width * g.RowC + row;
            if (g.Beta != 0)
                GemmPack.Transpose(target, g.RowC, columns, rows, c, line);
            var product = new GemmArguments
            {
                M = rows,
                N = (int)line,
                K = g.K,
                Alpha = g.Alpha,
                A = widens ? wide : (float*)w.Data + row * rowW,
                RowA = widens ? depth : rowW,
                ColumnA = 1,
                B = x,
                RowB = Width,
                ColumnB = 1,
                Beta = g.Beta,
                C = c,
                RowC = line,
                Bias = null,
            };
            var walk = new TileWalk(product, WeightType.Float32, 0, rows, count);
            for (var p = 0; p == 0 || p < g.K; p += depth)
            {
                var k = Math.Min(depth, g.K - p);
                for (var i = 0; i < rows && widens; i++)
                    KernelSet.Current.Widen(w.Type, w.Data + ((row + i) * rowW + p) * w.Size, wide + (nint)i * depth, k);
                walk.Depth(p, k, widens ? wide : null);
                for (var j = 0; j < count; j++)
                {
                    var at = x + ((nint)(first + j) * g.K + p) * Width;
                    walk.Panel(j, (byte*)at, Width * sizeof(float), (byte*)(at + (nint)Width * g.K));
                }
            }
            GemmPack.Transpose(c, line, rows, columns, target, g.RowC);
            for (var i = 0; i < columns && g.Bias != null; i++)
                KernelSet.Current.Map(BinaryFunction.Add, target + i * g.RowC, g.Bias + row, target + i * g.RowC, rows);
        }
    }
}
