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

    public static void Run(in AttentionCall call)
    {
        var s = call.Shape;
        var bytes = 2L * sizeof(float) * s.Keys * s.HeadDim;
        Pool.Ranges(s.Batch * s.KeyHeads, Math.Max(1, TaskBytes / Math.Max(1, bytes)), call, static (in call, from, to) =>
        {
            for (var i = (int)from; i < to; i++)
                KeyHead(call.KeyHead(i));
        });
    }

    /// <summary>The rows of all query heads that read the one key head of a call.</summary>
    private static void KeyHead(in AttentionCall call)
    {
        var s = call.Shape;
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
        var first = AttentionShape.First(call.Start, 0);
        var keyRow = call.K + (first * s.K.Row);
        var valueRow = call.V + (first * s.V.Row);
        for (int key = 0, count = s.Keys - first; key < count; key += KeyBlock)
        {
            var end = Math.Min(KeyBlock, count - key);
            Scores(call, keyRow + (key * s.K.Row), valueRow + (key * s.V.Row), end, scores);
            var width = GemmBlocked.Divide(end, tile.Columns) * tile.Columns;
            var hides = FillMask(call, first + key, end, mask, width);
            var block = new ScoreRows(rows, KeyBlock, end, 0, end, width, hides ? mask : null, (float)(s.Scale * Log2E));
            set.SoftmaxRowsOnline(scores, block, max, lanes, key == 0 ? null : sums, wide);
            var source = valueRow + (key * s.V.Row);
            if (padded > 0)
                source = Padded(source, (nint)s.V.Row, s.HeadDim, end, wide, values);
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
        set.FinishRows(lanes, sums, wide, call.O, (nint)s.O.Head, rows, d, totals);
        if (call.Lse != null)
            Logs(max, totals, rows, call.Lse);
    }

    /// <summary>Raw scores [rows, end], KeyBlock apart; the values that they will weigh are fetched meanwhile.</summary>
    private static void Scores(in AttentionCall call, float* keys, float* values, int end, float* scores)
    {
        var s = call.Shape;
        var product = new GemmArguments
        {
            M = s.Group,
            N = end,
            K = s.HeadDim,
            Alpha = 1,
            A = call.Q,
            RowA = (nint)s.Q.Head,
            ColumnA = 1,
            B = keys,
            RowB = 1,
            ColumnB = (nint)s.K.Row,
            Beta = 0,
            C = scores,
            RowC = KeyBlock,
            Bias = null,
        };
        var w = new WeightMatrix { Data = (byte*)keys, Type = WeightType.Float32, Rows = end, Columns = s.HeadDim };
        for (var key = 0; key < end; key += FetchKeys)
        {
            var to = Math.Min(end, key + FetchKeys);
            Prefetch.Rows(values + (key * s.V.Row), (nint)s.V.Row, to - key, s.HeadDim);
            KernelSet.Current.DotColumns(product, w, (nint)s.K.Row, key, to);
        }
    }

    /// <summary>What raw scores have added: their bias over the scale, -inf where a key is hidden; false if nothing.</summary>
    private static bool FillMask(in AttentionCall call, int key, int end, float* mask, int width)
    {
        var visible = call.KeyVisible == null ? null : call.KeyVisible + key;
        var bias = call.KeyBias == null ? null : call.KeyBias + key;
        if (visible == null && bias == null)
            return false;
        for (var j = 0; j < width; j++)
        {
            mask[j] = j >= end || (visible != null && visible[j] == 0) ? float.NegativeInfinity
                : bias == null ? 0 : bias[j] / call.Shape.Scale;
        }

        return true;
    }

    /// <summary>Rows of the head dimension as rows of whole tiles, zeros behind.</summary>
    private static float* Padded(float* source, nint step, int dim, int count, int wide, float* target)
    {
        for (var j = 0; j < count; j++)
        {
            var to = new Span<float>(target + (j * wide), wide);
            new ReadOnlySpan<float>(source + (j * step), dim).CopyTo(to);
            to[dim..].Clear();
        }

        return target;
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
