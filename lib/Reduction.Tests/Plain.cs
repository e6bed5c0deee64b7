namespace Aim.Reduction.Tests;

/// <summary>Merging and ranking as one would write them down, in double, a token at a time.</summary>
internal static class Plain
{
    /// <summary>A token: its value, how many original ones it stands for, and their weights in it.</summary>
    public sealed record Token(double[] Value, int Size, SortedDictionary<int, double> Weights)
    {
        public static Token Original(int slot, ReadOnlySpan<float> value)
            => new([.. value.ToArray().Select(v => (double)v)], 1, new SortedDictionary<int, double> { [slot] = 1 });
    }

    /// <summary>One iteration.</summary>
    public static List<Token> Merge(List<Token> tokens, int r, bool sizeWeighted, bool positionOrder)
    {
        int sources = (tokens.Count + 1) / 2, destinations = tokens.Count / 2;
        var best = new (double Similarity, int At)[sources];
        for (int a = 0; a < sources; a++)
        {
            best[a] = (double.NegativeInfinity, 0);
            for (int b = 0; b < destinations; b++)
            {
                double similarity = Cosine(tokens[2 * a].Value, tokens[2 * b + 1].Value);
                // Float cosines decide ties of tests with one dimension, where all are 1 or -1.
                if ((float)similarity > (float)best[a].Similarity)
                    best[a] = (similarity, b);
            }
        }

        int[] order = [.. Enumerable.Range(0, sources).OrderByDescending(a => (float)best[a].Similarity)];
        var groups = Enumerable.Range(0, destinations).Select(b => new List<Token> { tokens[2 * b + 1] }).ToArray();
        foreach (int a in order[..r])
            groups[best[a].At].Add(tokens[2 * a]);
        var stay = order[r..].Select(a => (Slot: 2 * a, Token: tokens[2 * a]));
        var all = stay.Concat(groups.Select((g, b) => (Slot: 2 * b + 1, Token: Mean(g, sizeWeighted))));
        return [.. (positionOrder ? all.OrderBy(t => t.Slot) : all).Select(t => t.Token)];
    }

    /// <summary>Page Rank importance of one prompt's tokens.</summary>
    /// <param name="query">[1, hq, n, d].</param>
    /// <param name="key">[1, hk, n, d].</param>
    /// <param name="sizes">Original tokens in each; null: one.</param>
    /// <param name="options">The constants.</param>
    public static double[] Importance(Tensor query, Tensor key, IReadOnlyList<int>? sizes, AimOptions options)
    {
        var (heads, n, d) = ((int)query.shape[1], (int)query.shape[2], (int)query.shape[3]);
        int group = heads / (int)key.shape[1];
        float[] q = query.contiguous().data<float>().ToArray(), k = key.contiguous().data<float>().ToArray();
        var perHead = new double[heads][];
        for (int h = 0; h < heads; h++)
        {
            double[] mass = [.. Enumerable.Repeat(1.0 / n, n)];
            for (int step = 0; step < options.Steps; step++)
            {
                var next = new double[n];
                for (int i = 0; i < n; i++)
                {
                    double[] row = [.. Enumerable.Range(0, i + 1).Select(j =>
                    {
                        double dot = 0;
                        for (int c = 0; c < d; c++)
                            dot += (double)q[(h * n + i) * d + c] * k[(h / group * n + j) * d + c];
                        return (dot / Math.Sqrt(d) + Math.Log(sizes?[j] ?? 1)) / options.Tau;
                    })];
                    double max = row.Max(), sum = row.Sum(x => Math.Exp(x - max));
                    for (int j = 0; j <= i; j++)
                        next[j] += mass[i] * Math.Exp(row[j] - max) / sum;
                }

                mass = [.. next.Select(m => (1 - options.Damping) * m + options.Damping / n)];
            }

            perHead[h] = mass;
        }

        return [.. Enumerable.Range(0, n).Select(i => options.Heads switch
        {
            HeadAggregation.Mean => perHead.Average(m => m[i]),
            HeadAggregation.Max => perHead.Max(m => m[i]),
            _ => Math.Sqrt(perHead.Average(m => m[i] * m[i])),
        })];
    }

    private static Token Mean(List<Token> group, bool sizeWeighted)
    {
        int size = group.Sum(t => t.Size);
        double Share(Token t) => sizeWeighted ? (double)t.Size / size : 1.0 / group.Count;
        var value = new double[group[0].Value.Length];
        var weights = new SortedDictionary<int, double>();
        foreach (var token in group)
        {
            for (int i = 0; i < value.Length; i++)
                value[i] += Share(token) * token.Value[i];
            foreach (var (slot, weight) in token.Weights)
                weights[slot] = Share(token) * weight;
        }

        return new Token(value, size, weights);
    }

    private static double Cosine(double[] a, double[] b)
    {
        double Norm(double[] x) => Math.Sqrt(x.Sum(v => v * v));
        return a.Zip(b, (x, y) => x * y).Sum() / (Norm(a) * Norm(b));
    }
}
