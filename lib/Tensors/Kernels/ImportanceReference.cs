namespace Aim.Tensors.Kernels;

/// <summary>Page Rank importance as its definition (adaptive inference paper, section 2.2), in double.</summary>
internal static unsafe class ImportanceReference
{
    public static void PageRank(
        in AttentionShape s, float* q, float* k, float* result, int* start, byte* keyVisible, double tau, int iterations,
        double damping, HeadAggregation heads = HeadAggregation.RootMeanSquare, float* keyBias = null)
    {
        var n = s.Keys;
        var matrix = new double[(long)n * n];
        for (var b = 0; b < s.Batch; b++)
        {
            var first = AttentionShape.First(start, b);
            var sums = new double[n];
            for (var h = 0; h < s.QueryHeads; h++)
            {
                Transition(s, b, h, q, k, first, keyVisible, keyBias, tau, matrix);
                var mass = new double[n];
                Array.Fill(mass, 1.0 / (n - first), first, n - first);
                for (var step = 0; step < iterations; step++)
                {
                    var next = new double[n];
                    for (var j = first; j < n; j++)
                    {
                        double sum = 0;
                        for (var i = first; i < n; i++)
                            sum += mass[i] * matrix[(long)i * n + j];
                        next[j] = (1 - damping) * sum + damping / (n - first);
                    }
                    mass = next;
                }
                for (var j = first; j < n; j++)
                {
                    sums[j] = heads switch
                    {
                        HeadAggregation.Mean => sums[j] + mass[j],
                        HeadAggregation.Max => Math.Max(sums[j], mass[j]),
                        _ => sums[j] + mass[j] * mass[j],
                    };
                }
            }
            for (var j = 0; j < n; j++)
            {
                result[(long)b * n + j] = (float)(heads switch
                {
                    HeadAggregation.Mean => sums[j] / s.QueryHeads,
                    HeadAggregation.Max => sums[j],
                    _ => Math.Sqrt(sums[j] / s.QueryHeads),
                });
            }
        }
    }

    /// <summary>
    /// M = softmax over the visible keys of (logits / tau); a row that sees no key is zero: it passes nothing on.
    /// </summary>
    private static void Transition(
        in AttentionShape s, int b, int h, float* q, float* k, int first, byte* keyVisible, float* keyBias, double tau,
        double[] matrix)
    {
        var n = s.Keys;
        Array.Clear(matrix);
        for (var i = first; i < n; i++)
        {
            var row = matrix.AsSpan(i * n, n);
            var max = double.NegativeInfinity;
            var end = s.End(i, first);
            for (var j = first; j < end; j++)
            {
                double dot = 0;
                for (var d = 0; d < s.HeadDim; d++)
                    dot += (double)q[b * s.Q.Batch + h * s.Q.Head + i * s.Q.Row + d]
                        * k[b * s.K.Batch + h / s.Group * s.K.Head + j * s.K.Row + d];
                row[j] = (dot * s.Scale + (keyBias == null ? 0 : keyBias[(long)b * n + j])) / tau;
                if (keyVisible != null && keyVisible[(long)b * n + j] == 0)
                    row[j] = double.NegativeInfinity;
                max = Math.Max(max, row[j]);
            }
            double sum = 0;
            for (var j = first; j < end; j++)
                sum += row[j] = double.IsNegativeInfinity(max) ? 0 : Math.Exp(row[j] - max);
            for (var j = first; j < end && sum > 0; j++)
                row[j] /= sum;
        }
    }
}
