namespace Aim.Tensors.Kernels;

/// <summary>Token importance by Page Rank on attention (adaptive inference paper, section 2.2).</summary>
internal static unsafe class Importance
{
    /// <summary>
    /// For every head M = softmax(scale * q kᵀ / tau) over visible keys, mass = 1/n for every token, <paramref
    /// name="iterations"/> times mass = (1 - damping) * mass M + damping / n; <paramref name="result"/> [b, n] = root mean square
    /// over heads. Tokens before start[b] do not exist: they count neither in n nor in the mass, and get 0. keyVisible hides keys
    /// only, the rows of hidden tokens pass their mass on; a row that sees no key passes nothing on. Queries must equal Keys.
    /// </summary>
    public static void PageRank(
        in AttentionShape s, float* q, float* k, float* result, int* start, byte* keyVisible,
        double tau = 0.1, int iterations = 5, double damping = 0)
    {
        if (s.Queries != s.Keys)
            throw new ArgumentException($"Page Rank needs as many queries as keys, but there are {s.Queries} and {s.Keys}");
        FlopCounter.AddOverhead((2L * s.HeadDim + 2L * iterations) * s.QueryHeads * s.Pairs(start, keyVisible));
        var operands = new AttentionOperands(s, k, null, start, keyVisible, values: false, backward: false);
        var n = s.Keys;
        var memory = Scratch.Get(Scratch.Partial, PageRankHead.Floats(n, operands.WideKeys));
        var head = new PageRankHead(operands, memory, (float)(operands.ScoreScale / tau));
        for (var b = 0; b < s.Batch; b++)
        {
            var first = operands.First(b);
            var row = result + (long)b * n;
            new Span<float>(row, n).Clear();
            for (var h = 0; h < s.QueryHeads && first < n; h++)
                KernelSet.Current.AddSquares(head.Run(b, h, q, iterations, (float)damping), row + first, n - first);
            for (var j = first; j < n; j++)
                row[j] = MathF.Sqrt(row[j] / s.QueryHeads);
        }
    }

    /// <summary>Page Rank of one head after another, on one scratch matrix [n, n].</summary>
    private sealed class PageRankHead(AttentionOperands operands, float* memory, float scoreScale)
    {
        /// <summary>Columns of a task of the vector-matrix product; divides the scratch's row length.</summary>
        private const int ColumnChunk = 64;

        /// <summary>Below this many pairs of tokens all runs on the caller.</summary>
        private const long ParallelPairs = 100_000;

        private float* Matrix => memory;

        private float* RowSum => memory + (long)(operands.Shape.Keys + AttentionOperands.QueryBlock) * operands.WideKeys;

        /// <summary>The matrix with room for a last block of rows, row sums, weights and masses.</summary>
        public static long Floats(int keys, int wide) => (long)(keys + AttentionOperands.QueryBlock) * wide + 2L * keys + wide;

        /// <summary>Mass of the tokens from the item's first on, [n - first] (rounded up to whole chunks).</summary>
        public float* Run(int b, int h, float* q, int iterations, float damping)
        {
            var count = operands.Shape.Keys - operands.First(b);
            var (weights, mass) = ((nint)(RowSum + operands.Shape.Keys), (nint)(RowSum + 2 * operands.Shape.Keys));
            var parallel = (long)count * count >= ParallelPairs;
            var rowTasks = GemmBlocked.Divide(count, AttentionOperands.QueryBlock);
            Pool.Run(rowTasks, task => Rows(b, h, (rowTasks - 1 - task) * AttentionOperands.QueryBlock, q), parallel);
            new Span<float>((float*)mass, count).Fill(1f / count);
            for (var step = 0; step < iterations; step++)
            {
                // a row's probabilities are not divided by their sum: its mass is, once
                for (var i = 0; i < count; i++)
                    ((float*)weights)[i] = RowSum[i] > 0 ? ((float*)mass)[i] / RowSum[i] : 0;
                Pool.Run(GemmBlocked.Divide(count, ColumnChunk), task =>
                {
                    var column = task * ColumnChunk;
                    var from = operands.Shape.Causal ? column : 0; // earlier rows do not see these columns
                    KernelSet.Current.WeightedColumnSums(
                        Matrix + (nint)from * operands.WideKeys + column, operands.WideKeys, (float*)weights + from, count - from,
                        ColumnChunk, 1 - damping, damping / count, (float*)mass + column);
                }, parallel);
            }
            return (float*)mass;
        }

        /// <summary>2^(score - row maximum) of a block of rows, zeros to the end of the chunk; their sums to RowSum.</summary>
        private void Rows(int b, int h, int from, float* q)
        {
            var s = operands.Shape;
            var tile = operands.Tile;
            var first = operands.First(b);
            var wide = operands.WideKeys;
            var row0 = first + from;
            var rows = Math.Min(AttentionOperands.QueryBlock, s.Queries - row0);
            var memory = Scratch.Get(Scratch.Task, AttentionOperands.QueryBlock * (s.HeadDim + operands.Set.Lanes + 1));
            var queries = new QueryTiles(operands, q + b * s.Q.Batch + h * s.Q.Head + row0 * s.Q.Row, rows, memory);
            var lanes = memory + AttentionOperands.QueryBlock * s.HeadDim;
            var max = lanes + AttentionOperands.QueryBlock * operands.Set.Lanes;
            new Span<float>(lanes, rows * operands.Set.Lanes).Clear();
            new Span<float>(max, rows).Fill(float.NegativeInfinity);
            for (var at = 0; at < rows; at += tile.Rows)
            {
                var lines = Math.Min(tile.Rows, rows - at);
                var scores = Matrix + (nint)(from + at) * wide;
                var end = s.End(row0 + at + lines - 1, first) - first;
                operands.Scores(
                    queries.At(at), queries.RowStride(at), queries.ColumnStride(at), operands.KeyPanels(b, h / s.Group), 0, end, scores,
                    wide);
                var block = new ScoreRows(
                    lines, wide, s.End(row0 + at, first) - first, s.Causal ? 1 : 0, end,
                    GemmBlocked.Divide(end, ColumnChunk) * ColumnChunk, operands.Mask(b), scoreScale);
                operands.Set.SoftmaxRowsOnline(scores, block, max + at, lanes + at * operands.Set.Lanes, null, 0);
            }
            operands.Set.FinishRows(lanes, null, 0, null, 0, rows, 0, RowSum + from);
        }
    }
}
