namespace Aim.Tensors.Kernels;

/// <summary>
/// What the attention kernels share: keys and values laid out for the register tile, once per key head. Keys are counted from the
/// first visible one of their item, so that left padding changes no bit of a row. All pointers lie in the caller's scratch.
/// </summary>
internal readonly unsafe struct AttentionOperands
{
    /// <summary>Keys of a block: the tile's rows and columns divide it on every instruction set.</summary>
    public const int KeyBlock = 192;

    /// <summary>Most query rows of a block; the tile's rows divide it likewise.</summary>
    public const int QueryBlock = 96;

    private const double Log2E = 1.4426950408889634;

    public readonly AttentionShape Shape;
    public readonly GemmTile Tile;
    public readonly KernelSet Set;

    /// <summary>Head dimension, rounded up to whole panels.</summary>
    public readonly int WideDim;

    /// <summary>Keys, rounded up to whole blocks.</summary>
    public readonly int WideKeys;

    private readonly float* keyPanels;
    private readonly float* valuePanels;
    private readonly float* keyRows;
    private readonly float* valueRows;
    private readonly float* masks;
    private readonly float* k;
    private readonly float* v;
    private readonly int* start;

    /// <summary>Factor from raw scores to log 2 units.</summary>
    public float ScoreScale => (float)(Shape.Scale * Log2E);

    /// <summary>Whether there is enough to do to wake a thread: about 2 million FLOPs.</summary>
    public bool Parallel => (long)Shape.Batch * Shape.QueryHeads * Shape.Queries * Shape.Keys * Shape.HeadDim >= 500_000;

    public bool Padded => WideDim != Shape.HeadDim;

    /// <summary>Query rows of a block: as many as give blocks of like size, in whole tiles.</summary>
    public int BlockRows
    {
        get
        {
            var blocks = Math.Max(1, GemmBlocked.Divide(Shape.Queries, QueryBlock));
            return GemmBlocked.Divide(GemmBlocked.Divide(Shape.Queries, blocks), Tile.Rows) * Tile.Rows;
        }
    }

    /// <summary>How many tasks of so many (query, key) pairs make it worth a thread's while.</summary>
    public long TasksTogether(long pairs) => Math.Max(1, 500_000 / Math.Max(1, pairs * Shape.HeadDim));

    /// <summary>
    /// Lays out the operands. <paramref name="values"/>: rows of V are needed; <paramref name="backward"/>: Vᵀ and rows of K too.
    /// </summary>
    public AttentionOperands(in AttentionShape s, float* k, float* v, int* start, byte* keyVisible, bool values, bool backward,
        float* keyBias = null)
    {
        Shape = s;
        Set = KernelSet.Current;
        Tile = Set.Tile;
        this.k = k;
        this.v = v;
        this.start = start;
        WideDim = GemmBlocked.Divide(s.HeadDim, Tile.Columns) * Tile.Columns;
        WideKeys = GemmBlocked.Divide(s.Keys, KeyBlock) * KeyBlock;
        var heads = (long)s.Batch * s.KeyHeads;
        var panels = heads * WideKeys * s.HeadDim;
        var rows = WideDim == s.HeadDim ? 0 : heads * s.Keys * WideDim;
        var sets = (values ? 1 : 0) + (backward ? 1 : 0);
        var memory = Scratch.Get(
            Scratch.Shared, panels * (backward ? 2 : 1) + rows * sets + (long)s.Batch * WideKeys);
        keyPanels = memory;
        memory += panels;
        valuePanels = backward ? memory : null;
        memory += backward ? panels : 0;
        valueRows = values && rows > 0 ? memory : null;
        memory += valueRows == null ? 0 : rows;
        keyRows = backward && rows > 0 ? memory : null;
        memory += keyRows == null ? 0 : rows;
        masks = keyVisible == null && keyBias == null ? null : memory;
        Fill(keyVisible, keyBias);
    }

    /// <summary>First key that item <paramref name="b"/> has.</summary>
    public int First(int b) => AttentionShape.First(start, b);

    /// <summary>First query row of item b that stands at or after its first key.</summary>
    public int FirstQuery(int b) => Math.Clamp(First(b) - Shape.Offset, 0, Shape.Queries);

    /// <summary>Kᵀ of keys [first + block start, ..) as panels [dim, Columns], block by block.</summary>
    public float* KeyPanels(int b, int head) => keyPanels + ((long)b * Shape.KeyHeads + head) * WideKeys * Shape.HeadDim;

    public float* ValuePanels(int b, int head) => valuePanels + ((long)b * Shape.KeyHeads + head) * WideKeys * Shape.HeadDim;

    /// <summary>Rows of K from the item's first on, WideDim of them readable.</summary>
    public float* KeyRows(int b, int head) => keyRows != null
        ? keyRows + (((long)b * Shape.KeyHeads + head) * Shape.Keys + First(b)) * WideDim
        : k + b * Shape.K.Batch + head * Shape.K.Head + First(b) * Shape.K.Row;

    public nint KeyRowStride => keyRows != null ? WideDim : (nint)Shape.K.Row;

    public float* ValueRows(int b, int head) => valueRows != null
        ? valueRows + (((long)b * Shape.KeyHeads + head) * Shape.Keys + First(b)) * WideDim
        : v + b * Shape.V.Batch + head * Shape.V.Head + First(b) * Shape.V.Row;

    public nint ValueRowStride => valueRows != null ? WideDim : (nint)Shape.V.Row;

    /// <summary>
    /// What raw scores of the keys from the item's first on have added: their bias over the scale (0 without one), -inf where a
    /// key is not visible; null if nothing is.
    /// </summary>
    public float* Mask(int b) => masks == null ? null : masks + (long)b * WideKeys;

    /// <summary>
    /// Scores of one tile of query rows (any strides) against <paramref name="end"/> keys from <paramref name="key"/> on, rounded
    /// up to whole panels: rows of the target are <paramref name="row"/> apart.
    /// </summary>
    public void Scores(float* rows, nint rowStride, nint columnStride, float* panels, int key, int end, float* target, nint row)
    {
        var d = Shape.HeadDim;
        for (var column = 0; column < end; column += Tile.Columns)
            Tile.Run(d, rows, rowStride, columnStride, panels + (nint)(key + column) * d, Tile.Columns, target + column, row, 1,
                0, null);
    }

    private void Fill(byte* keyVisible, float* keyBias)
    {
        var s = Shape;
        for (var b = 0; b < s.Batch && masks != null; b++)
        {
            for (var j = 0; j < WideKeys; j++)
            {
                var key = First(b) + j;
                var at = (long)b * s.Keys + key;
                Mask(b)[j] = key >= s.Keys || (keyVisible != null && keyVisible[at] == 0) ? float.NegativeInfinity
                    : keyBias == null ? 0 : keyBias[at] / s.Scale;
            }
        }
        var chunk = Math.Max(1, 32768 / Math.Max(1, (long)s.Keys * s.HeadDim));
        Pool.Ranges((long)s.Batch * s.KeyHeads, chunk, this, static (in o, from, to) =>
        {
            for (var i = from; i < to; i++)
                o.FillHead((int)(i / o.Shape.KeyHeads), (int)(i % o.Shape.KeyHeads));
        });
    }

    private void FillHead(int b, int head)
    {
        var s = Shape;
        var count = s.Keys - First(b);
        var kHead = k + b * s.K.Batch + head * s.K.Head + First(b) * s.K.Row;
        Prefetch.Rows(kHead, (nint)s.K.Row, count, s.HeadDim);
        Panels(kHead, (nint)s.K.Row, count, KeyPanels(b, head));
        if (keyRows != null)
            Rows(kHead, (nint)s.K.Row, count, KeyRows(b, head));
        if (v == null)
            return;
        var vHead = v + b * s.V.Batch + head * s.V.Head + First(b) * s.V.Row;
        Prefetch.Rows(vHead, (nint)s.V.Row, count, s.HeadDim);
        if (valuePanels != null)
            Panels(vHead, (nint)s.V.Row, count, ValuePanels(b, head));
        if (valueRows != null)
            Rows(vHead, (nint)s.V.Row, count, ValueRows(b, head));
    }

    private void Panels(float* source, nint row, int count, float* target)
    {
        for (var j = 0; j < count; j += Tile.Columns)
            GemmPack.Panel(source + j * row, row, 1, Math.Min(Tile.Columns, count - j), Shape.HeadDim,
                target + (nint)j * Shape.HeadDim, Tile.Columns);
    }

    /// <summary>Copies rows of the head dimension into rows of WideDim, zeros behind.</summary>
    public void Rows(float* source, nint row, int count, float* target)
    {
        for (var j = 0; j < count; j++)
        {
            var to = new Span<float>(target + (nint)j * WideDim, WideDim);
            new ReadOnlySpan<float>(source + j * row, Shape.HeadDim).CopyTo(to);
            to[Shape.HeadDim..].Clear();
        }
    }
}
