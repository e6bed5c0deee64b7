namespace Aim.Tensors.Kernels;

/// <summary>
/// Streaming attention (FlashAttention, Dao et al. 2022): a task owns a block of query rows of one head, walks the keys block by
/// block and rescales what it has summed when a larger score appears. Memory beside the operands: one block of scores a thread.
/// </summary>
internal static unsafe class AttentionForward
{
    public static void Run(in AttentionCall call)
    {
        if (AttentionStep.Handles(call.Shape))
            AttentionStep.Run(call);
        else if (!call.Shape.HasManyHeads)
            Heads(call);
        else
        {
            Pool.Ranges(call.Shape.Batch * call.Shape.KeyHeads, call.Shape.HeadsTogether, call, static (in call, from, to) =>
            {
                for (var i = (int)from; i < to; i++)
                    Heads(call.KeyHead(i));
            });
        }
    }

    private static void Heads(in AttentionCall call)
    {
        var s = call.Shape;
        var operands = new AttentionOperands(
            s, call.K, call.V, call.Start, call.KeyVisible, values: true, backward: false, call.KeyBias);
        var rows = operands.BlockRows;
        var blocks = GemmBlocked.Divide(s.Queries, AttentionOperands.QueryBlock);
        var tasks = (long)s.Batch * s.QueryHeads * blocks;
        var chunk = operands.Parallel ? operands.TasksTogether((long)rows * s.Keys) : Math.Max(1, tasks);
        var work = new QueryBlocks { Operands = operands, Blocks = blocks, Rows = rows, Q = call.Q, O = call.O, Lse = call.Lse };
        Pool.Ranges(tasks, chunk, work, static (in work, from, to) =>
        {
            for (var task = from; task < to; task++)
                work.Run(task);
        });
        for (var b = 0; b < s.Batch; b++)
            ClearPadding(s, b, operands.FirstQuery(b), call.O, call.Lse);
    }

    /// <summary>Query rows [from, from + BlockRows) counted from the first row that stands at a key.</summary>
    private static void Block(in AttentionOperands operands, int b, int head, int from, float* q, float* o, float* lse)
    {
        const int KeyBlock = AttentionOperands.KeyBlock;
        const int QueryBlock = AttentionOperands.QueryBlock;
        ref readonly var s = ref operands.Shape;
        var (tile, set, first) = (operands.Tile, operands.Set, operands.First(b));
        var row0 = operands.FirstQuery(b) + from;
        var rows = Math.Min(operands.BlockRows, s.Queries - row0);
        if (rows <= 0)
            return;
        var (d, wide, keyHead, lane) = (s.HeadDim, operands.WideDim, head / s.Group, set.Lanes);
        var memory = Scratch.Get(Scratch.Task, QueryBlock * (d + wide + lane + 2) + tile.Rows * KeyBlock);
        var queries = new QueryTiles(operands, q + s.Q.At(b, head) + row0 * s.Q.Row, rows, memory);
        var sums = memory + QueryBlock * d;
        var scores = sums + QueryBlock * wide;
        var lanes = scores + tile.Rows * KeyBlock;
        var max = lanes + QueryBlock * lane;
        new Span<float>(lanes, rows * lane).Clear();
        new Span<float>(max, rows).Fill(float.NegativeInfinity);
        var last = s.End(row0 + rows - 1, first) - first;
        for (var key = 0; key < last; key += KeyBlock)
        {
            var values = operands.ValueRows(b, keyHead) + key * operands.ValueRowStride;
            var mask = operands.Mask(b) == null ? null : operands.Mask(b) + key;
            for (var at = 0; at < rows; at += tile.Rows)
            {
                var lines = Math.Min(tile.Rows, rows - at);
                var end = Math.Min(KeyBlock, s.End(row0 + at + lines - 1, first) - first - key);
                if (end <= 0)
                    continue;
                operands.Scores(
                    queries.At(at), queries.RowStride(at), queries.ColumnStride(at), operands.KeyPanels(b, keyHead), key, end,
                    scores, KeyBlock);
                var block = new ScoreRows(
                    lines, KeyBlock, s.End(row0 + at, first) - first - key, s.Causal ? 1 : 0, KeyBlock,
                    GemmBlocked.Divide(end, tile.Columns) * tile.Columns, mask, operands.ScoreScale);
                var target = sums + at * wide;
                set.SoftmaxRowsOnline(scores, block, max + at, lanes + at * lane, key == 0 ? null : target, wide);
                for (var column = 0; column < wide; column += tile.Columns)
                    tile.Run(end, scores, KeyBlock, 1, values + column, operands.ValueRowStride, target + column, wide, 1,
                        key == 0 ? 0 : 1, null);
            }
        }
        set.FinishRows(
            lanes, sums, wide, o + s.O.At(b, head) + row0 * s.O.Row, (nint)s.O.Row, rows, d, max + QueryBlock);
        if (lse != null)
            AttentionStep.Logs(max, max + QueryBlock, rows, lse + ((long)b * s.QueryHeads + head) * s.Queries + row0);
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

    /// <summary>Blocks of query rows, whose keys and values are laid out.</summary>
    private readonly struct QueryBlocks
    {
        public required AttentionOperands Operands { get; init; }
        public required int Blocks { get; init; }
        public required int Rows { get; init; }
        public required float* Q { get; init; }
        public required float* O { get; init; }
        public required float* Lse { get; init; }

        public void Run(long task)
        {
            var block = Blocks - 1 - (int)(task % Blocks); // under a causal mask the last rows have most to do
            var head = (int)(task / Blocks);
            var heads = Operands.Shape.QueryHeads;
            Block(Operands, head / heads, head % heads, block * Rows, Q, O, Lse);
        }
    }
}
