namespace Aim.Tensors.Kernels;

/// <summary>
/// Gradients of attention: a task owns one query head and walks query blocks, and within them key blocks, recomputing
/// probabilities from the saved log-sum-exp. Heads that share keys sum their dk and dv afterwards, in order.
/// </summary>
internal static unsafe class AttentionBackward
{
    private const float Log2E = 1.44269504088896f;
    private const int Rows = AttentionOperands.QueryBlock;
    private const int Keys = AttentionOperands.KeyBlock;

    public static void Run(
        in AttentionShape s, float* q, float* k, float* v, float* o, float* lse, float* dO, float* dq, float* dk, float* dv,
        int* start, byte* keyVisible, float* keyBias)
    {
        if (!s.HasManyHeads)
        {
            Heads(s, q, k, v, o, lse, dO, dq, dk, dv, start, keyVisible, keyBias);
            return;
        }
        var shape = s;
        Pool.Ranges(s.Batch * s.KeyHeads, s.HeadsTogether, (from, to) =>
        {
            for (var i = (int)from; i < to; i++)
            {
                var (b, key) = (i / shape.KeyHeads, i % shape.KeyHeads);
                var head = key * shape.Group;
                var (qAt, kAt, vAt, oAt) = (shape.Q.At(b, head), shape.K.At(b, key), shape.V.At(b, key), shape.O.At(b, head));
                Heads(
                    shape.OneKeyHead, q + qAt, k + kAt, v + vAt, o + oAt,
                    lse + ((long)b * shape.QueryHeads + head) * shape.Queries,
                    dO + oAt, dq + qAt, dk + kAt, dv + vAt, start == null ? null : start + b,
                    keyVisible == null ? null : keyVisible + (long)b * shape.Keys,
                    keyBias == null ? null : keyBias + (long)b * shape.Keys);
            }
        });
    }

    private static void Heads(
        in AttentionShape s, float* q, float* k, float* v, float* o, float* lse, float* dO, float* dq, float* dk, float* dv,
        int* start, byte* keyVisible, float* keyBias)
    {
        var shape = s;
        var operands = new AttentionOperands(s, k, v, start, keyVisible, values: false, backward: true, keyBias);
        var perHead = (long)operands.WideKeys * operands.WideDim;
        var partial = Scratch.Get(Scratch.Partial, 2 * perHead * s.Batch * s.QueryHeads);
        Pool.Run(s.Batch * s.QueryHeads, task =>
        {
            var sums = partial + 2 * perHead * task;
            Head(operands, task / shape.QueryHeads, task % shape.QueryHeads, q, o, lse, dO, dq, sums, sums + perHead);
        }, operands.Parallel);
        Pool.Run(s.Batch * s.KeyHeads, task =>
        {
            var (b, head) = (task / shape.KeyHeads, task % shape.KeyHeads);
            var sums = partial + 2 * perHead * (b * shape.QueryHeads + head * shape.Group);
            Gather(operands, b, sums, 2 * perHead, dk + b * shape.K.Batch + head * shape.K.Head, shape.K.Row);
            Gather(operands, b, sums + perHead, 2 * perHead, dv + b * shape.V.Batch + head * shape.V.Head, shape.V.Row);
        }, operands.Parallel);
    }

    private static void Head(
        in AttentionOperands operands, int b, int head, float* q, float* o, float* lse, float* dO, float* dq, float* dkSum,
        float* dvSum)
    {
        var s = operands.Shape;
        var (d, wide) = (s.HeadDim, operands.WideDim);
        new Span<float>(dkSum, operands.WideKeys * wide).Clear();
        new Span<float>(dvSum, operands.WideKeys * wide).Clear();
        var block = new BackwardBlock(Scratch.Get(Scratch.Task, BackwardBlock.Floats(d, wide)), operands, b, head);
        var firstQuery = operands.FirstQuery(b);
        for (var i = 0; i < firstQuery; i++)
            new Span<float>(dq + b * s.Q.Batch + head * s.Q.Head + i * s.Q.Row, d).Clear();
        for (var row = firstQuery; row < s.Queries; row += Rows)
        {
            var count = Math.Min(Rows, s.Queries - row);
            block.Load(row, count, q, o, dO, lse);
            var last = s.End(row + count - 1, operands.First(b)) - operands.First(b);
            for (var key = 0; key < last; key += Keys)
                block.Add(key, Math.Min(Keys, last - key), dkSum + (nint)key * wide, dvSum + (nint)key * wide);
            block.StoreQueryGradient(dq + b * s.Q.Batch + head * s.Q.Head + row * s.Q.Row);
        }
    }

    /// <summary>Sums the group's heads (stride apart) into a strided gradient; keys before the item's first get zeros.</summary>
    private static void Gather(in AttentionOperands operands, int b, float* sums, long stride, float* target, long row)
    {
        var s = operands.Shape;
        var first = operands.First(b);
        for (var j = 0; j < s.Keys; j++)
        {
            var to = new Span<float>(target + j * row, s.HeadDim);
            if (j < first)
            {
                to.Clear();
                continue;
            }
            var from = sums + (long)(j - first) * operands.WideDim;
            new ReadOnlySpan<float>(from, s.HeadDim).CopyTo(to);
            for (var h = 1; h < s.Group; h++)
                operands.Set.Map(BinaryFunction.Add, target + j * row, from + h * stride, target + j * row, s.HeadDim);
        }
    }

    /// <summary>One block of query rows against one block of keys after another.</summary>
    private ref struct BackwardBlock
    {
        private readonly AttentionOperands operands;
        private readonly AttentionShape s;
        private readonly GemmTile tile;
        private readonly int b;
        private readonly int head;
        private readonly float* queryPanels;
        private readonly float* gradientPanels;
        private QueryTiles queryTiles;
        private QueryTiles gradientTiles;
        private readonly float* queryRows;
        private readonly float* gradientRows;
        private readonly float* dqSum;
        private readonly float* scores;
        private readonly float* dp;
        private readonly float* rowLse;
        private readonly float* rowDelta;
        private float* q;
        private float* dO;
        private int row;
        private int rows;
        private int tiles;
        private bool fresh;

        public static long Floats(int d, int wide) => Rows * (2L * d + 3L * wide + 2L * Keys + 2);

        public BackwardBlock(float* memory, in AttentionOperands operands, int b, int head)
        {
            (this.operands, s, tile, this.b, this.head) = (operands, operands.Shape, operands.Tile, b, head);
            var (d, wide) = (s.HeadDim, operands.WideDim);
            queryPanels = memory;
            gradientPanels = queryPanels + Rows * d;
            queryRows = gradientPanels + Rows * d;
            gradientRows = queryRows + Rows * wide;
            dqSum = gradientRows + Rows * wide;
            scores = dqSum + Rows * wide;
            dp = scores + Rows * Keys;
            rowLse = dp + Rows * Keys;
            rowDelta = rowLse + Rows;
        }

        public void Load(int row, int rows, float* q, float* o, float* dO, float* lse)
        {
            (this.row, this.rows, tiles, fresh) = (row, rows, GemmBlocked.Divide(rows, tile.Rows), true);
            this.q = q + b * s.Q.Batch + head * s.Q.Head + row * s.Q.Row;
            var oHead = o + b * s.O.Batch + head * s.O.Head + row * s.O.Row;
            this.dO = dO + b * s.O.Batch + head * s.O.Head + row * s.O.Row;
            queryTiles = new QueryTiles(operands, this.q, rows, queryPanels);
            gradientTiles = new QueryTiles(operands, this.dO, rows, gradientPanels, (nint)s.O.Row);
            if (operands.Padded)
            {
                operands.Rows(this.q, (nint)s.Q.Row, rows, queryRows);
                operands.Rows(this.dO, (nint)s.O.Row, rows, gradientRows);
            }
            for (var i = 0; i < rows; i++)
            {
                var logSum = lse[((long)b * s.QueryHeads + head) * s.Queries + row + i];
                rowLse[i] = float.IsNegativeInfinity(logSum) ? float.PositiveInfinity : logSum * Log2E;
            }
            operands.Set.DotRows(this.dO, oHead, (nint)s.O.Row, rows, s.HeadDim, rowDelta);
        }

        /// <summary>Keys [key, key + count) from the item's first on; dk and dv point at the first of them.</summary>
        public void Add(int key, int count, float* dk, float* dv)
        {
            var first = operands.First(b);
            var keyHead = head / s.Group;
            Span<int> tileEnds = stackalloc int[tiles];
            for (var t = 0; t < tiles; t++)
                tileEnds[t] = Math.Min(count, s.End(Math.Min(row + rows, row + (t + 1) * tile.Rows) - 1, first) - first - key);
            for (var t = 0; t < tiles; t++)
            {
                var at = t * tile.Rows;
                operands.Scores(
                    queryTiles.At(at), queryTiles.RowStride(at), queryTiles.ColumnStride(at), operands.KeyPanels(b, keyHead), key,
                    tileEnds[t], scores + at * Keys, Keys);
                operands.Scores(
                    gradientTiles.At(at), gradientTiles.RowStride(at), gradientTiles.ColumnStride(at),
                    operands.ValuePanels(b, keyHead), key, tileEnds[t], dp + at * Keys, Keys);
            }
            var mask = operands.Mask(b) == null ? null : operands.Mask(b) + key;
            var width = GemmBlocked.Divide(GemmBlocked.Divide(count, tile.Rows) * tile.Rows, tile.Columns) * tile.Columns;
            var block = new ScoreRows(
                rows, Keys, s.End(row, first) - first - key, s.Causal ? 1 : 0, count, width, mask, operands.ScoreScale);
            operands.Set.SoftmaxRowsRecompute(scores, dp, block, rowLse, rowDelta);
            AddQueryGradient(key, keyHead, tileEnds);
            AddKeyGradient(scores, operands.Padded ? gradientRows : dO, operands.Padded ? operands.WideDim : (nint)s.O.Row, key,
                count, 1, dv);
            AddKeyGradient(dp, operands.Padded ? queryRows : q, operands.Padded ? operands.WideDim : (nint)s.Q.Row, key, count,
                s.Scale, dk);
            fresh = false;
        }

        /// <summary>dq += dS K.</summary>
        private readonly void AddQueryGradient(int key, int keyHead, ReadOnlySpan<int> tileEnds)
        {
            var keys = operands.KeyRows(b, keyHead) + key * operands.KeyRowStride;
            for (var t = 0; t < tiles; t++)
            {
                for (var column = 0; column < operands.WideDim && tileEnds[t] > 0; column += tile.Columns)
                    tile.Run(tileEnds[t], dp + t * tile.Rows * Keys, Keys, 1, keys + column, operands.KeyRowStride,
                        dqSum + t * tile.Rows * operands.WideDim + column, operands.WideDim, s.Scale, fresh ? 0 : 1, null);
            }
        }

        /// <summary>
        /// target [keys, dim] += factor * weightsᵀ [keys, rows] * source [rows, dim]; rows that cannot see a tile are left out.
        /// </summary>
        private readonly void AddKeyGradient(float* weights, float* source, nint stride, int key, int count, float factor,
            float* target)
        {
            for (var j = 0; j < count; j += tile.Rows)
            {
                var skip = s.Causal ? Math.Max(0, operands.First(b) + key + j - s.Offset - row) : 0;
                for (var column = 0; column < operands.WideDim && skip < rows; column += tile.Columns)
                    tile.Run(rows - skip, weights + skip * Keys + j, 1, Keys, source + skip * stride + column, stride,
                        target + (nint)j * operands.WideDim + column, operands.WideDim, factor, 1, null);
            }
        }

        public readonly void StoreQueryGradient(float* dq)
        {
            for (var i = 0; i < rows; i++)
            {
                if (fresh)
                    new Span<float>(dq + i * s.Q.Row, s.HeadDim).Clear();
                else
                    Elementwise.Copy(dqSum + i * operands.WideDim, dq + i * s.Q.Row, s.HeadDim);
            }
        }
    }
}
