namespace Aim.Tensors.Kernels;

/// <summary>
/// Page Rank under a causal mask in one pass over the scores. Mass flows from a token to earlier ones only, so the last rows'
/// mass is known at every iteration before anything is known of the rows above them: tiles of rows are taken from the last to the
/// first, each with all iterations at once, and no row's probabilities are needed twice or kept.
/// </summary>
internal static unsafe class CausalPageRank
{
    /// <summary>Every head's mass after the iterations; heads are the tasks.</summary>
    /// <param name="masses">[query heads, WideKeys], of which tokens from the item's first on are written.</param>
    /// <param name="scoreScale">Factor from raw scores to log 2 units, temperature included.</param>
    public static void Run(
        in AttentionOperands operands, int b, float* q, float* masses, float scoreScale, int iterations, float damping)
    {
        var work = new Work
        {
            Operands = operands,
            Item = b,
            Q = q,
            Masses = masses,
            ScoreScale = scoreScale,
            Iterations = iterations,
            Damping = damping,
        };
        Pool.Run(operands.Shape.QueryHeads, work, static (in work, head) => work.Head(head), operands.Parallel);
    }

    private readonly struct Work
    {
        public required AttentionOperands Operands { get; init; }
        public required int Item { get; init; }
        public required float* Q { get; init; }
        public required float* Masses { get; init; }
        public required float ScoreScale { get; init; }
        public required int Iterations { get; init; }
        public required float Damping { get; init; }

        /// <summary>One head's mass.</summary>
        public void Head(int head)
        {
            var (s, tile, wide, first) = (Operands.Shape, Operands.Tile, Operands.WideKeys, Operands.First(Item));
            var count = s.Keys - first;
            var mass = Masses + (long)head * wide;

            // sums: what rows from a tile on pass to each earlier token, [iterations, wide]; weights [iterations, tile rows].
            long sumFloats = (long)Iterations * wide, weightFloats = (long)Iterations * tile.Rows;
            var memory = Scratch.Get(
                Scratch.Task,
                tile.Rows * (s.HeadDim + 1L + wide) + Importance.ProbabilityFloats(Operands) + sumFloats + weightFloats);
            var panel = memory;
            var softmax = panel + tile.Rows * s.HeadDim;
            var rowSum = softmax + Importance.ProbabilityFloats(Operands);
            var weights = rowSum + tile.Rows;
            var sums = weights + weightFloats;
            var scores = sums + sumFloats;
            new Span<float>(sums, checked((int)sumFloats)).Clear();
            for (var at = (count - 1) / tile.Rows * tile.Rows; at >= 0; at -= tile.Rows)
            {
                var lines = Math.Min(tile.Rows, count - at);
                var source = Q + s.Q.At(Item, head) + (first + at) * s.Q.Row;
                Importance.Probabilities(
                    Operands, new QueryTiles(Operands, source, lines, panel), Item, head / s.Group, at, lines, at + lines, scores,
                    ScoreScale, softmax, rowSum);
                Within(at, lines, count, scores, rowSum, weights, sums, mass);
                for (var step = 0; step < Iterations; step += tile.Rows)
                {
                    for (var column = 0; column < at; column += tile.Columns)
                        tile.Run(Math.Min(tile.Rows, Iterations - step), lines, weights + step * tile.Rows, tile.Rows, 1,
                            scores + column, wide, sums + (long)step * wide + column, wide, 1, 1, null);
                }
            }
        }

        /// <summary>
        /// The tile's own tokens, from the last on: their masses at every iteration, as weights of their rows, and what they pass
        /// on to each other. That part of their rows is then cleared: it has been spent.
        /// </summary>
        private void Within(
            int at, int lines, int count, float* scores, float* rowSum, float* weights, float* sums, float* mass)
        {
            var (wide, stride, even) = (Operands.WideKeys, Operands.Tile.Rows, Damping / count);
            for (var i = lines - 1; i >= 0; i--)
            {
                var row = scores + (nint)i * wide + at;
                var inverse = rowSum[i] > 0 ? 1 / rowSum[i] : 0;
                var now = 1f / count;
                for (var step = 0; step < Iterations; step++)
                {
                    var weight = now * inverse;
                    var passed = sums + (long)step * wide + at;
                    weights[step * stride + i] = weight;
                    for (var j = 0; j < i; j++)
                        passed[j] += weight * row[j];
                    now = (1 - Damping) * (passed[i] + weight * row[i]) + even;
                }
                mass[at + i] = now;
                new Span<float>(row, lines).Clear();
            }
        }
    }
}
