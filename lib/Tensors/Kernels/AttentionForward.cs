namespace Aim.Tensors.Kernels;

/// <summary>
/// Streaming attention (FlashAttention, Dao et al. 2022): a task owns a block of query rows of one head, walks the keys block by
/// block and rescales what it has summed when a larger score appears. Memory beside the operands: one block of scores a thread.
/// </summary>
internal static unsafe class AttentionForward
{
    private const float Ln2 = 0.6931471805599453f;

    public static void Run(
        in AttentionShape s, float* q, float* k, float* v, float* o, float* lse, int* start, byte* keyVisible)
    {
        var shape = s;
        var operands = new AttentionOperands(s, k, v, start, keyVisible, values: true, backward: false);
        var blocks = GemmBlocked.Divide(s.Queries, AttentionOperands.QueryBlock);
        var heads = s.QueryHeads;
        Pool.Run(s.Batch * heads * blocks, task =>
        {
            var block = blocks - 1 - task % blocks; // under a causal mask the last rows have most to do
            var b = task / blocks / heads;
            Block(operands, b, task / blocks % heads, block * AttentionOperands.QueryBlock, q, o, lse);
        }, operands.Parallel);
        for (var b = 0; b < s.Batch; b++)
            ClearPadding(shape, b, operands.FirstQuery(b), o, lse);
    }

    /// <summary>Query rows [from, from + QueryBlock) counted from the first row that stands at a key.</summary>
    private static void Block(in AttentionOperands operands, int b, int head, int from, float* q, float* o, float* lse)
    {
        const int KeyBlock = AttentionOperands.KeyBlock;
        var s = operands.Shape;
        var tile = operands.Tile;
        var set = operands.Set;
        var first = operands.First(b);
        var row0 = operands.FirstQuery(b) + from;
        var rows = Math.Min(AttentionOperands.QueryBlock, s.Queries - row0);
        if (rows <= 0)
            return;
        var (d, wide, keyHead) = (s.HeadDim, operands.WideDim, head / s.Group);
        var tiles = GemmBlocked.Divide(rows, tile.Rows);
        var memory = Scratch.Get(Scratch.Task, AttentionOperands.QueryBlock * (d + wide + KeyBlock));
        var (queries, sums, scores) = ((nint)memory, (nint)(memory + AttentionOperands.QueryBlock * d),
            (nint)(memory + AttentionOperands.QueryBlock * (d + wide)));
        var state = stackalloc RunningSoftmax[AttentionOperands.QueryBlock];
        var qHead = q + b * s.Q.Batch + head * s.Q.Head + row0 * s.Q.Row;
        for (var t = 0; t < tiles; t++)
            GemmPack.Panel(qHead + t * tile.Rows * s.Q.Row, (nint)s.Q.Row, 1, Math.Min(tile.Rows, rows - t * tile.Rows), d,
                (float*)queries + t * tile.Rows * d, tile.Rows);
        for (var i = 0; i < rows; i++)
            state[i].Max = float.NegativeInfinity;
        Span<int> tileEnds = stackalloc int[tiles];
        var last = s.End(row0 + rows - 1, first) - first;
        for (var key = 0; key < last; key += KeyBlock)
        {
            for (var t = 0; t < tiles; t++)
                tileEnds[t] = Math.Min(KeyBlock,
                    s.End(Math.Min(row0 + rows, row0 + (t + 1) * tile.Rows) - 1, first) - first - key);
            operands.Scores((float*)queries, tiles, operands.KeyPanels(b, keyHead), key, tileEnds, (float*)scores);
            var values = operands.ValueRows(b, keyHead) + key * operands.ValueRowStride;
            var mask = operands.Mask(b);
            for (var t = 0; t < tiles; t++)
            {
                if (tileEnds[t] <= 0)
                    continue;
                var width = Math.Min(KeyBlock, GemmBlocked.Divide(tileEnds[t], tile.Columns) * tile.Columns);
                var at = t * tile.Rows;
                var block = new ScoreRows(
                    Math.Min(tile.Rows, rows - at), KeyBlock, s.End(row0 + at, first) - first - key, s.Causal ? 1 : 0, KeyBlock,
                    width,
                    mask == null ? null : mask + key, operands.ScoreScale);
                set.SoftmaxRowsOnline(
                    (float*)scores + at * KeyBlock, block, state + at, key == 0 ? null : (float*)sums + at * wide, wide);
                for (var column = 0; column < wide; column += tile.Columns)
                    tile.Run(tileEnds[t], (float*)scores + t * tile.Rows * KeyBlock, KeyBlock, 1, values + column,
                        operands.ValueRowStride,
                        (float*)sums + t * tile.Rows * wide + column, wide, 1, key == 0 ? 0 : 1, null);
            }
        }
        for (var i = 0; i < rows; i++)
        {
            var target = o + b * s.O.Batch + head * s.O.Head + (row0 + i) * s.O.Row;
            var seen = state[i].Sum > 0;
            if (seen)
                set.ScaleRow(1 / state[i].Sum, (float*)sums + i * wide, target, d);
            else
                new Span<float>(target, d).Clear();
            if (lse != null)
                lse[((long)b * s.QueryHeads + head) * s.Queries + row0 + i] =
                    seen ? Ln2 * (state[i].Max + MathF.Log2(state[i].Sum)) : float.NegativeInfinity;
        }
    }

    /// <summary>Rows before the item's first key: zeros.</summary>
    private static void ClearPadding(in AttentionShape s, int b, int rows, float* o, float* lse)
    {
        for (var h = 0; h < s.QueryHeads; h++)
        {
            for (var i = 0; i < rows; i++)
            {
                new Span<float>(o + b * s.O.Batch + h * s.O.Head + i * s.O.Row, s.HeadDim).Clear();
                if (lse != null)
                    lse[((long)b * s.QueryHeads + h) * s.Queries + i] = float.NegativeInfinity;
            }
        }
    }
}
