namespace Aim.Experiments.Statistics;

/// <summary>
/// Holm's correction (1979) for several tests at once: the chance of even one false alarm among them stays below the level,
/// whatever the tests have to do with each other, and it never rejects less than Bonferroni's.
/// </summary>
public static class Holm
{
    /// <summary>
    /// Adjusted p-values in the order given: with the m values sorted, p(i) becomes max over j &lt;= i of min(1, (m - j) p(j)),
    /// j from 0. A test is rejected at a level when its adjusted value is at most the level.
    /// </summary>
    /// <param name="p">The p-values of one family, each in [0, 1].</param>
    /// <exception cref="ArgumentException">A value is not in [0, 1].</exception>
    public static double[] Adjust(IReadOnlyList<double> p)
    {
        foreach (double value in p)
            if (value is not (>= 0 and <= 1))
                throw new ArgumentException(FormattableString.Invariant($"p value {value} should lie in [0, 1]"));
        int[] order = [.. Enumerable.Range(0, p.Count).OrderBy(i => p[i])];
        var adjusted = new double[p.Count];
        double largest = 0;
        for (int i = 0; i < order.Length; i++)
        {
            largest = Math.Max(largest, Math.Min(1, (order.Length - i) * p[order[i]]));
            adjusted[order[i]] = largest;
        }
        return adjusted;
    }
}
