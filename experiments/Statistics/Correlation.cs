namespace Aim.Experiments.Statistics;

/// <summary>How two lists of values go together, and how far two raters agree.</summary>
public static class Correlation
{
    /// <summary>Pearson's r; NaN where one list does not vary.</summary>
    /// <exception cref="ArgumentException">The lists differ in length or have fewer than two values.</exception>
    public static double Pearson(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        Check(x.Count, y.Count);
        double meanX = x.Average(), meanY = y.Average();
        double Product(IEnumerable<double> a, IEnumerable<double> b) => a.Zip(b, (u, v) => u * v).Sum();
        double[] dx = [.. x.Select(v => v - meanX)], dy = [.. y.Select(v => v - meanY)];
        return Product(dx, dy) / Math.Sqrt(Product(dx, dx) * Product(dy, dy));
    }

    /// <summary>Spearman's rho: <see cref="Pearson"/> of the ranks, equal values sharing their mean rank.</summary>
    /// <inheritdoc cref="Pearson" path="/exception"/>
    public static double Spearman(IReadOnlyList<double> x, IReadOnlyList<double> y) => Pearson(Ranks(x), Ranks(y));

    /// <summary>
    /// Kendall's tau-b: concordant less discordant pairs over the root of the pairs that are untied in x times those in y. NaN
    /// where one list does not vary. Takes time n^2.
    /// </summary>
    /// <inheritdoc cref="Pearson" path="/exception"/>
    public static double KendallTauB(IReadOnlyList<double> x, IReadOnlyList<double> y)
    {
        Check(x.Count, y.Count);
        long balance = 0, untiedX = 0, untiedY = 0;
        for (int i = 0; i < x.Count; i++)
        {
            for (int j = 0; j < i; j++)
            {
                int a = x[i].CompareTo(x[j]), b = y[i].CompareTo(y[j]);
                balance += Math.Sign(a) * Math.Sign(b);
                untiedX += a == 0 ? 0 : 1;
                untiedY += b == 0 ? 0 : 1;
            }
        }

        return balance / (Math.Sqrt(untiedX) * Math.Sqrt(untiedY));
    }

    /// <summary>
    /// Cohen's kappa: agreement beyond what two raters with these habits would reach by chance. NaN where chance alone would
    /// agree on everything.
    /// </summary>
    /// <exception cref="ArgumentException">The lists differ in length or have fewer than two values.</exception>
    public static double CohenKappa(IReadOnlyList<int> a, IReadOnlyList<int> b)
    {
        Check(a.Count, b.Count);
        double n = a.Count;
        double observed = Loyalty.Of(a, b);
        var ofB = b.CountBy(v => v).ToDictionary();
        double chance = a.CountBy(v => v).Sum(v => v.Value / n * ofB.GetValueOrDefault(v.Key) / n);
        return (observed - chance) / (1 - chance);
    }

    private static double[] Ranks(IReadOnlyList<double> values)
    {
        var ranks = new double[values.Count];
        double before = 0;
        foreach (var tied in Enumerable.Range(0, values.Count).GroupBy(i => values[i]).OrderBy(g => g.Key))
        {
            int count = tied.Count();
            foreach (int i in tied)
                ranks[i] = before + (count + 1) / 2.0;
            before += count;
        }

        return ranks;
    }

    private static void Check(int first, int second)
    {
        if (first != second || first < 2)
            throw new ArgumentException($"{first} and {second} values cannot be compared: as many are needed, two or more");
    }
}
