using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Aim.Tensors.Kernels;

/// <summary>Token importance by Page Rank on attention (adaptive inference paper, section 2.2).</summary>
internal static unsafe class Importance
{
    /// <summary>
    /// For every head M = softmax((scale * q kᵀ + bias) / tau) over visible keys, mass = 1/n for every token,
    /// <paramref name="iterations"/> times mass = (1 - damping) * mass M + damping / n; <paramref name="result"/> [b, n] = root
    /// mean square, mean or maximum over heads. Tokens before start[b] do not exist: they count neither in n nor in the mass,
    /// and get 0. keyVisible hides keys only, the rows of hidden tokens pass their mass on; a row that sees no key passes
    /// nothing on. Queries must equal Keys.
    /// </summary>
    /// <remarks>A causal mask lets all iterations share one pass over the scores (<see cref="CausalPageRank"/>).</remarks>
    /// <param name="streaming">
    /// Without a causal mask: compute the scores anew for every iteration, in memory of O(n), instead of keeping one head's: the
    /// same bits.
    /// </param>
    public static void PageRank(
        in AttentionShape s, float* q, float* k, float* result, int* start, byte* keyVisible,
        double tau = 0.1, int iterations = 5, double damping = 0, bool streaming = false,
        HeadAggregation heads = HeadAggregation.RootMeanSquare, float* keyBias = null)
    {
        if (s.Queries != s.Keys)
            throw new ArgumentException($"Page Rank needs as many queries as keys, but there are {s.Queries} and {s.Keys}");
        FlopCounter.AddOverhead((2L * s.HeadDim + 2L * iterations) * s.QueryHeads * s.Pairs(start, keyVisible));
        var operands = new AttentionOperands(s, k, null, start, keyVisible, values: false, backward: false, keyBias);
        var n = s.Keys;
        var memory = Scratch.Get(Scratch.Partial, ScratchFloats(s, operands.Tile, streaming));
        var head = new PageRankHead(operands, memory, (float)(operands.ScoreScale / tau), streaming);
        for (var b = 0; b < s.Batch; b++)
        {
            var first = operands.First(b);
            var row = result + (long)b * n;
            new Span<float>(row, n).Clear();
            if (s.Causal && first < n)
                CausalPageRank.Run(operands, b, q, memory, (float)(operands.ScoreScale / tau), iterations, (float)damping);
            for (var h = 0; h < s.QueryHeads && first < n; h++)
            {
                var mass = s.Causal ? memory + (long)h * operands.WideKeys : head.Run(b, h, q, iterations, (float)damping);
                Add(operands.Set, heads, mass, row + first, n - first);
            }
            Finish(heads, s.QueryHeads, new Span<float>(row + first, n - first));
        }
    }

    /// <summary>Takes one head's mass into the sums (or maxima; masses are not negative) of those before.</summary>
    private static void Add(KernelSet set, HeadAggregation heads, float* mass, float* sums, int count)
    {
        if (heads == HeadAggregation.RootMeanSquare)
        {
            set.AddSquares(mass, sums, count);
            return;
        }
        var from = new ReadOnlySpan<float>(mass, count);
        var to = new Span<float>(sums, count);
        if (heads == HeadAggregation.Mean)
            TensorPrimitives.Add(to, from, to);
        else
            TensorPrimitives.Max(to, from, to);
    }

    private static void Finish(HeadAggregation heads, int count, Span<float> sums)
    {
        for (var j = 0; j < sums.Length && heads != HeadAggregation.Max; j++)
            sums[j] = heads == HeadAggregation.Mean ? sums[j] / count : MathF.Sqrt(sums[j] / count);
    }

    /// <summary>
    /// Working memory of a call beside the laid out keys (and, streaming, a tile's rows of scores a thread), in floats.
    /// </summary>
    public static long ScratchFloats(in AttentionShape s, GemmTile tile, bool streaming)
    {
        var wide = (long)GemmBlocked.Divide(s.Keys, AttentionOperands.KeyBlock) * AttentionOperands.KeyBlock;
        return s.Causal
            ? s.QueryHeads * wide
            : (PageRankHead.MaxTasks + 2) * wide + (streaming ? 0 : (s.Keys + tile.Rows) * wide);
    }

    /// <summary>
    /// 2^(score - row maximum) of a tile of rows from row <paramref name="at"/> (counted from the item's first) on, zeros to the
    /// end of the last panel, and their sums. Memory holds <see cref="ProbabilityFloats"/>.
    /// </summary>
    internal static void Probabilities(
        in AttentionOperands operands, in QueryTiles queries, int b, int keyHead, int at, int lines, int end, float* scores,
        float scoreScale, float* memory, float* rowSum)
    {
        var s = operands.Shape;
        var first = operands.First(b);
        var max = memory + operands.Tile.Rows;
        var lanes = max + operands.Tile.Rows;
        new Span<float>(lanes, lines * operands.Set.Lanes).Clear();
        new Span<float>(max, lines).Fill(float.NegativeInfinity);
        operands.Scores(
            queries.At(0), queries.RowStride(0), queries.ColumnStride(0), operands.KeyPanels(b, keyHead), 0, end,
            scores, operands.WideKeys);
        var block = new ScoreRows(
            lines, operands.WideKeys, s.End(first + at, first) - first, s.Causal ? 1 : 0, end, Panels(operands, end),
            operands.Mask(b), scoreScale);
        operands.Set.SoftmaxRowsOnline(scores, block, max, lanes, null, 0);
        operands.Set.FinishRows(lanes, null, 0, null, 0, lines, 0, rowSum);
    }

    /// <summary>Working memory of <see cref="Probabilities"/>; the first tile.Rows floats are the caller's.</summary>
    internal static int ProbabilityFloats(in AttentionOperands operands) => (operands.Set.Lanes + 2) * operands.Tile.Rows;

    /// <summary>Columns up to whole panels, which the scores' rows have room for.</summary>
    internal static int Panels(in AttentionOperands operands, int columns) =>
        GemmBlocked.Divide(columns, operands.Tile.Columns) * operands.Tile.Columns;

    /// <summary>Page Rank of one head after another, on the same scratch.</summary>
    private sealed class PageRankHead(AttentionOperands operands, float* memory, float scoreScale, bool streaming)
    {
        /// <summary>Parts that a head's rows are cut into; each has a sum of its own.</summary>
        public const int MaxTasks = 16;

        /// <summary>Below this many pairs of tokens all runs on the caller.</summary>
        private const long ParallelPairs = 100_000;

        private readonly int wide = operands.WideKeys;
        private readonly int tileRows = operands.Tile.Rows;

        private float* Mass => memory;

        private float* RowSum => memory + wide;

        private float* Partial(int task) => memory + (2L + task) * wide;

        private float* Matrix => Partial(MaxTasks);

        /// <summary>Mass of the tokens from the item's first on, [n - first].</summary>
        public float* Run(int b, int h, float* q, int iterations, float damping)
        {
            var count = operands.Shape.Keys - operands.First(b);
            var parallel = (long)count * count >= ParallelPairs;
            var rows = GemmBlocked.Divide(GemmBlocked.Divide(count, MaxTasks), tileRows) * tileRows;
            var tasks = GemmBlocked.Divide(count, rows);
            new Span<float>(Mass, count).Fill(1f / count);
            for (var step = 0; step < iterations; step++)
            {
                var fresh = streaming || step == 0;
                Pool.Run(tasks, task =>
                {
                    var part = tasks - 1 - task; // under a causal mask the last rows have most to do
                    Rows(b, h, part * rows, Math.Min(rows, count - part * rows), q, fresh, Partial(part));
                }, parallel);
                new Span<float>(Mass, count).Fill(damping / count);
                for (var part = 0; part < tasks; part++)
                    operands.Set.Axpy(1 - damping, Partial(part), Mass, End(b, part * rows, Math.Min(rows, count - part * rows)));
            }
            return Mass;
        }

        /// <summary>Keys that the last of these rows sees.</summary>
        private int End(int b, int from, int rows)
        {
            var first = operands.First(b);
            return operands.Shape.End(first + from + rows - 1, first) - first;
        }

        /// <summary>
        /// What rows [from, from + rows) pass on, to sums. Their probabilities are not divided by its sum: its mass is, once.
        /// </summary>
        private void Rows(int b, int h, int from, int rows, float* q, bool fresh, float* sums)
        {
            var s = operands.Shape;
            var first = operands.First(b);
            var memory = Scratch.Get(Scratch.Task, (s.HeadDim + operands.Set.Lanes + 2L + (streaming ? wide : 0)) * tileRows);
            var weights = memory + tileRows * s.HeadDim;
            new Span<float>(sums, Math.Min(wide, Round(End(b, from, rows)))).Clear();
            for (var at = from; at < from + rows; at += tileRows)
            {
                var lines = Math.Min(tileRows, from + rows - at);
                var end = End(b, at, lines);
                var scores = streaming ? weights + (operands.Set.Lanes + 2L) * tileRows : Matrix + (long)at * wide;
                if (fresh)
                {
                    var head = q + s.Q.At(b, h) + (first + at) * s.Q.Row;
                    Probabilities(operands, new QueryTiles(operands, head, lines, memory), b, h / s.Group, at, lines, end, scores,
                        scoreScale, weights, RowSum + at);
                }
                for (var i = 0; i < lines; i++)
                    weights[i] = RowSum[at + i] > 0 ? Mass[at + i] / RowSum[at + i] : 0;
                operands.Set.AddWeightedRows(scores, wide, weights, lines, Round(end), sums);
            }
        }

        private int Round(int columns) => Panels(operands, columns);
    }
}
