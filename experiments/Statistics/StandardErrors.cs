using MathNet.Numerics.Distributions;

namespace Aim.Experiments.Statistics;

/// <summary>
/// Standard errors of a mean score, and intervals from them, where questions come in clusters: several of one picture or clip are
/// alike, and count for less than as many of different ones (Miller, 'Adding Error Bars to Evals', arXiv 2411.00640).
/// </summary>
public static class StandardErrors
{
    /// <summary>s / sqrt(n), with s the sample's standard deviation (n - 1); 0 of one score.</summary>
    /// <param name="scores">The scores, <c>[samples]</c>.</param>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static double Independent(IReadOnlyList<double> scores)
    {
        double mean = Mean(scores);
        return scores.Count < 2 ? 0 : Math.Sqrt(scores.Sum(s => (s - mean) * (s - mean)) / (scores.Count - 1) / scores.Count);
    }

    /// <summary>
    /// inspect_ai's clustered error: sqrt(sum over clusters of (sum of deviations)^2 * C / (C - 1)) / n, C clusters; 0 of one
    /// cluster, which says nothing about spread.
    /// </summary>
    /// <param name="scores">The scores, <c>[samples]</c>.</param>
    /// <param name="clusters">The cluster of each, <c>[samples]</c>.</param>
    /// <exception cref="ArgumentException">The lists are empty or differ in length.</exception>
    public static double Clustered(IReadOnlyList<double> scores, IReadOnlyList<int> clusters)
    {
        double[] sums = [.. Deviations(scores, clusters).Select(c => c.Sum())];
        double count = sums.Length;
        return count < 2 ? 0 : Math.Sqrt(sums.Sum(s => s * s) * count / (count - 1)) / scores.Count;
    }

    /// <summary>
    /// lmms-eval's clustered error, equation 4 of the paper: <see cref="Independent"/> squared plus the products of deviations
    /// within clusters over n^2. It knows no correction for few clusters and is smaller than <see cref="Clustered"/>.
    /// </summary>
    /// <inheritdoc cref="Clustered" path="/*[not(self::summary)]"/>
    public static double ClusteredWithoutCorrection(IReadOnlyList<double> scores, IReadOnlyList<int> clusters)
    {
        double independent = Independent(scores), n = scores.Count;
        double cross = Deviations(scores, clusters).Sum(c => c.Sum() * c.Sum() - c.Sum(d => d * d));
        return Math.Sqrt(Math.Max(0, independent * independent + cross / (n * n)));
    }

    /// <summary>The t interval of the mean: n - 1 degrees of freedom; with clusters, one less than there are clusters.</summary>
    /// <param name="scores">The scores, <c>[samples]</c>.</param>
    /// <param name="clusters">The cluster of each; null: the scores are independent.</param>
    /// <param name="confidence">Of the interval.</param>
    /// <exception cref="ArgumentException">
    /// The lists are empty or differ in length, or the confidence is outside (0, 1).
    /// </exception>
    public static Interval T(IReadOnlyList<double> scores, IReadOnlyList<int>? clusters = null, double confidence = 0.95)
    {
        double mean = Mean(scores);
        double error = clusters is null ? Independent(scores) : Clustered(scores, clusters);
        int freedom = (clusters is null ? scores.Count : clusters.Distinct().Count()) - 1;
        double half = Quantile(Math.Max(freedom, 1), confidence) * error;
        return new Interval(mean - half, mean + half);
    }

    /// <summary>
    /// Wilson's interval of right/wrong scores in clusters: with as many samples as would have the clustered error if they were
    /// independent (Korn and Graubard, 1998; no more than there are), and the t quantile in place of the normal one.
    /// </summary>
    /// <param name="scores">0 or 1, <c>[samples]</c>.</param>
    /// <param name="clusters">The cluster of each, of at least two.</param>
    /// <param name="confidence">Of the interval.</param>
    /// <exception cref="ArgumentException">
    /// The lists are empty or differ in length, a score is neither 0 nor 1, there is only one cluster, or the confidence is
    /// outside (0, 1).
    /// </exception>
    public static Interval Wilson(IReadOnlyList<double> scores, IReadOnlyList<int> clusters, double confidence = 0.95)
    {
        if (scores.Any(s => s is not (0 or 1)))
            throw new ArgumentException("Wilson's interval is one of a proportion: scores should be 0 or 1");
        int count = clusters.Distinct().Count();
        if (count < 2)
            throw new ArgumentException($"{count} clusters say nothing about their spread; there should be two or more");
        double p = Mean(scores), error = Clustered(scores, clusters), variance = p * (1 - p);
        double effective = error == 0 || variance == 0 ? scores.Count : Math.Min(scores.Count, variance / (error * error));
        return Proportion.Score(p, effective, Quantile(count - 1, confidence));
    }

    /// <summary>
    /// The error of a mean over the questions of several sets from the sets' errors (lmms-eval's pooled_sample_stderr).
    /// </summary>
    /// <param name="errors">Each set's standard error.</param>
    /// <param name="sizes">Each set's number of questions.</param>
    /// <exception cref="ArgumentException">The lists differ in length, or no set has two questions.</exception>
    public static double Pooled(IReadOnlyList<double> errors, IReadOnlyList<int> sizes)
    {
        long all = sizes.Sum(s => (long)s);
        if (errors.Count != sizes.Count || all <= sizes.Count)
            throw new ArgumentException($"{errors.Count} errors of {sizes.Count} sets with {all} questions cannot be pooled");
        double variance = errors.Zip(sizes, (e, n) => (n - 1.0) * n * e * e).Sum() / (all - sizes.Count);
        return Math.Sqrt(variance / all);
    }

    private static double Mean(IReadOnlyList<double> scores)
        => scores.Count > 0 ? scores.Sum() / scores.Count : throw new ArgumentException("no scores have no mean");

    private static List<double[]> Deviations(IReadOnlyList<double> scores, IReadOnlyList<int> clusters)
    {
        if (scores.Count != clusters.Count)
            throw new ArgumentException($"{scores.Count} scores and {clusters.Count} clusters cannot be paired");
        double mean = Mean(scores);
        return [.. scores.Zip(clusters).GroupBy(s => s.Second, s => s.First - mean).Select(c => c.ToArray())];
    }

    private static double Quantile(int freedom, double confidence)
    {
        Proportion.CheckConfidence(confidence);
        return StudentT.InvCDF(0, 1, freedom, 0.5 + confidence / 2);
    }
}
