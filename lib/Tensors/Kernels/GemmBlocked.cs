namespace Aim.Tensors.Kernels;

/// <summary>
/// The product of operands with any strides: B is packed into panels, a part at a time, unless the tile can read it in place
/// (narrow shapes would spend as long on packing as on the product); an A that is not contiguous over k is packed likewise.
/// </summary>
internal static unsafe class GemmBlocked
{
    /// <summary>Floats of B packed at a time (8 MB, a part of L3).</summary>
    private const int PackedFloats = 2 << 20;

    /// <summary>Up to this many columns between its rows, B is read in place: wider ones fall into the same sets of L1.</summary>
    private const int InPlaceColumns = 768;

    /// <summary>Up to this many rows of C, B is read in place whatever its width.</summary>
    private const int InPlaceRows = 24;

    public static void Run(in GemmArguments g, bool parallel)
    {
        const int Width = WeightPack.Width;
        var panels = Divide(g.N, Width);
        if (g.ColumnB == 1 && (g.M <= InPlaceRows || g.RowB <= InPlaceColumns) && g.N % Width == 0)
        {
            var inPlace = new PanelSource
            {
                Data = (byte*)g.B,
                Type = WeightType.Float32,
                Panel = Width * sizeof(float),
                Row = g.RowB * sizeof(float),
            };
            GemmLoops.Run(g, inPlace, 0, panels, parallel);
            return;
        }
        var stage = (int)Math.Clamp(PackedFloats / ((long)Math.Max(1, g.K) * Width), 16, Math.Max(16, panels));
        for (var first = 0; first < panels; first += stage)
        {
            var count = Math.Min(stage, panels - first);
            var packed = Scratch.Get(Scratch.GemmShared, (long)count * Width * Math.Max(1, g.K));
            if (parallel)
                PackInTasks(g, first, count, packed);
            else
                Pack(g, first, 0, count, packed);
            GemmLoops.Run(g, PanelSource.Packed((byte*)packed, WeightType.Float32, g.K), first, count, parallel);
        }
    }

    private static void PackInTasks(GemmArguments g, int first, int count, float* packed) =>
        Pool.Ranges(count, Math.Max(1, (int)(65536 / Math.Max(1, (long)g.K * WeightPack.Width))),
            (from, to) => Pack(g, first, from, to, packed));

    /// <summary>Packs panels [first + from, first + to): panel after panel, each [k, 32].</summary>
    private static void Pack(in GemmArguments g, int first, long from, long to, float* packed)
    {
        const int Width = WeightPack.Width;
        for (var i = from; i < to; i++)
        {
            var column = (nint)(first + i) * Width;
            var lines = (int)Math.Min(Width, g.N - column);
            GemmPack.Panel(g.B + column * g.ColumnB, g.ColumnB, g.RowB, lines, g.K, packed + i * Width * g.K, Width);
        }
    }

    internal static int Divide(int count, int by) => (count + by - 1) / by;
}
