using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Aim.Tensors.Kernels;

/// <summary>
/// Attention of one query row a head, as decoding has it: keys and values are used once, so they are read where they lie, front
/// to back, by all query heads that share them; laying them out as <see cref="AttentionOperands"/> does would take several times
/// as long as reading them. A key head is a task.
/// </summary>
internal static unsafe class AttentionStep
{
    /// <summary>Keys whose scores are computed before their values are summed.</summary>
    private const int KeyBlock = 192;

    /// <summary>Keys whose values are fetched while their scores are computed.</summary>
    private const int FetchKeys = 16;

    /// <summary>Bytes of keys and values that are worth a thread's while.</summary>
    private const long TaskBytes = 64 << 10;

    private const float Ln2 = 0.6931471805599453f;
    private const double Log2E = 1.4426950408889634;

    public static bool Handles(in AttentionShape s) => s.Queries == 1;

    /// <summary>Arguments as those of <see cref="Attention.Forward"/>.</summary>
    public static void Run(
        in AttentionShape s, float* q, float* k, float* v, float* o, float* lse, int* start, byte* keyVisible, float* keyBias)
    {
        var call = new Call
        {
            Shape = s,
            Q = q,
            K = k,
            V = v,
            O = o,
            Lse = lse,
            Start = start,
            KeyVisible = keyVisible,
            KeyBias = keyBias,
        };
        var bytes = 2L * sizeof(float) * s.Keys * s.HeadDim;
        Pool.Ranges(s.Batch * s.KeyHeads, Math.Max(1, TaskBytes / Math.Max(1, bytes)), call, static (in call, from, to) =>
        {
            for (var i = (int)from; i < to; i++)
                call.KeyHead(i / call.Shape.KeyHeads, i % call.Shape.KeyHeads);
        });
    }

    private readonly struct Call
    {
        public required AttentionShape Shape { get; init; }
        public required float* Q { get; init; }
        public required float* K { get; init; }
        public required float* V { get; init; }
        public required float* O { get; init; }
        public required float* Lse { get; init; }
        public required int* Start { get; init; }
        public required byte* KeyVisible { get; init; }
        public required float* KeyBias { get; init; }

        /// <summary>The rows of all query heads that read one key head.</summary>
        public void KeyHead(int b, int head)
        {
            var s = Shape;
            var (set, tile, rows, d) = (KernelSet.Current, KernelSet.Current.Tile, s.Group, s.HeadDim);
            var wide = GemmBlocked.Divide(d, tile.Columns) * tile.Columns;
            var (lane, padded) = (set.Lanes, wide == d ? 0 : KeyBlock * wide);
            var scores = Scratch.Get(Scratch.Task, (rows * (KeyBlock + wide + lane + 2)) + KeyBlock + padded);
            var sums = scores + (rows * KeyBlock);
            var lanes = sums + (rows * wide);
            var mask = lanes + (rows * lane);
            var values = mask + KeyBlock;
            var max = values + padded;
            var totals = max + rows;
            new Span<float>(lanes, rows * lane).Clear();
            new Span<float>(max, rows).Fill(float.NegativeInfinity);

            // Keys count from the item's first, so that left padding changes no bit.
            var first = AttentionShape.First(Start, b);
            var query = Q + s.Q.At(b, head * rows);
            var keyRow = K + s.K.At(b, head) + (first * s.K.Row);
            var valueRow = V + s.V.At(b, head) + (first * s.V.Row);
            for (int key = 0, count = s.Keys - first; key < count; key += KeyBlock)
            {
                var end = Math.Min(KeyBlock, count - key);
                Scores(query, keyRow + (key * s.K.Row), valueRow + (key * s.V.Row), end, scores);
                var width = GemmBlocked.Divide(end, tile.Columns) * tile.Columns;
                var hides = FillMask(b, first + key, end, mask, width);
                var block = new ScoreRows(rows, KeyBlock, end, 0, end, width, hides ? mask : null, (float)(s.Scale * Log2E));
                set.SoftmaxRowsOnline(scores, block, max, lanes, key == 0 ? null : sums, wide);
                var source = valueRow + (key * s.V.Row);
                if (padded > 0)
                    source = Padded(source, (nint)s.V.Row, end, wide, values);
                var step = padded > 0 ? wide : (nint)s.V.Row;
                for (var at = 0; at < rows; at += tile.Rows)
                {
                    var lines = Math.Min(tile.Rows, rows - at);
                    for (var column = 0; column < wide; column += tile.Columns)
                        tile.Run(lines, end, scores + (at * KeyBlock), KeyBlock, 1, source + column, step,
                            sums + (at * wide) + column, wide, 1, key == 0 ? 0 : 1, null);
                }
            }

            if (first >= s.Keys)
                new Span<float>(sums, rows * wide).Clear();
            set.FinishRows(lanes, sums, wide, O + s.O.At(b, head * rows), (nint)s.O.Head, rows, d, totals);
            if (Lse != null)
                Logs(max, totals, rows, Lse + ((long)b * s.QueryHeads) + (head * rows));
        }

        /// <summary>Raw scores [rows, end], KeyBlock apart; the values that they will weigh are fetched meanwhile.</summary>
        private void Scores(float* query, float* keys, float* values, int end, float* scores)
        {
            var product = new GemmArguments
            {
                M = Shape.Group,
                N = end,
                K = Shape.HeadDim,
                Alpha = 1,
                A = query,
                RowA = (nint)Shape.Q.Head,
                ColumnA = 1,
                B = keys,
                RowB = 1,
                ColumnB = (nint)Shape.K.Row,
                Beta = 0,
                C = scores,
                RowC = KeyBlock,
                Bias = null,
            };
            var w = new WeightMatrix { Data = (byte*)keys, Type = WeightType.Float32, Rows = end, Columns = Shape.HeadDim };
            for (var key = 0; key < end; key += FetchKeys)
            {
                var to = Math.Min(end, key + FetchKeys);
                Prefetch.Rows(values + (key * Shape.V.Row), (nint)Shape.V.Row, to - key, Shape.HeadDim);
                KernelSet.Current.DotColumns(product, w, (nint)Shape.K.Row, key, to);
            }
        }

        /// <summary>What raw scores have added: their bias over the scale, -inf where a key is hidden; false if nothing.</summary>
        private bool FillMask(int b, int key, int end, float* mask, int width)
        {
            if (KeyVisible == null && KeyBias == null)
                return false;
            var at = ((long)b * Shape.Keys) + key;
            for (var j = 0; j < width; j++)
            {
                mask[j] = j >= end || (KeyVisible != null && KeyVisible[at + j] == 0) ? float.NegativeInfinity
                    : KeyBias == null ? 0 : KeyBias[at + j] / Shape.Scale;
            }

            return true;
        }

        /// <summary>Rows of the head dimension as rows of whole tiles, zeros behind.</summary>
        private float* Padded(float* source, nint step, int count, int wide, float* target)
        {
            for (var j = 0; j < count; j++)
            {
                var to = new Span<float>(target + (j * wide), wide);
                new ReadOnlySpan<float>(source + (j * step), Shape.HeadDim).CopyTo(to);
                to[Shape.HeadDim..].Clear();
            }

            return target;
        }
    }

    /// <summary>Log-sum-exp of rows from their maxima (in log 2 units) and totals; -inf of a row that sees nothing.</summary>
    public static void Logs(float* max, float* totals, int rows, float* lse)
    {
        var logs = new Span<float>(lse, rows);
        TensorPrimitives.Log2(new ReadOnlySpan<float>(totals, rows), logs);
        for (var i = 0; i < rows; i++)
            logs[i] = Ln2 * (logs[i] + (totals[i] == 0 ? 0 : max[i]));
    }
}
