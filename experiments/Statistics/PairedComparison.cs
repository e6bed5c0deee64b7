using MathNet.Numerics.Distributions;

namespace Aim.Experiments.Statistics;

/// <summary>
/// Two methods on the same samples: the first's scores minus the second's. Pairing removes the spread between easy and hard
/// questions, which both methods share, so that the interval of the difference is far narrower than the two accuracies' own
/// intervals suggest.
/// </summary>
/// <remarks>
/// The interval is Student's t on the per-sample differences (n - 1 degrees of freedom): with hundreds of pairs the mean of the
/// differences is close to normal, and the interval answers 'how large', which a margin needs. The p value to quote for
/// right/wrong scores is <see cref="McNemar.Exact"/>: it assumes nothing about the shape.
/// </remarks>
public sealed record PairedComparison
{
    /// <summary>Pairs, n.</summary>
    public required int Samples { get; init; }

    /// <summary>Mean of first - second.</summary>
    public required double Difference { get; init; }

    /// <summary>Standard error of <see cref="Difference"/>; 0 with fewer than two pairs.</summary>
    public required double StandardError { get; init; }

    /// <summary>
    /// The t interval of <see cref="Difference"/>; with fewer than two pairs, which say nothing about spread, [-1, 1].
    /// </summary>
    public required Interval Interval { get; init; }

    /// <summary>
    /// Two-sided p of the paired t test: 1 without any difference, 0 where all differences are the same and not zero; null with
    /// fewer than two pairs.
    /// </summary>
    public required double? P { get; init; }

    /// <summary>Samples on which the first scores higher.</summary>
    public required int Wins { get; init; }

    /// <summary>Samples on which the second scores higher.</summary>
    public required int Losses { get; init; }

    /// <summary>Samples on which both score the same.</summary>
    public int Ties => Samples - Wins - Losses;

    /// <summary>Two-sided exact McNemar p (the exact sign test, where scores are not 0 or 1).</summary>
    public double McNemarP => McNemar.Exact(Wins, Losses);

    /// <summary>
    /// This difference minus that of other samples, with its 95 % interval: the two are independent, so that their variances add.
    /// With fewer than two pairs on either side, which say nothing about spread, it is [-2, 2].
    /// </summary>
    public MeanOf Minus(PairedComparison other)
    {
        double difference = Difference - other.Difference;
        double error = Math.Sqrt((StandardError * StandardError) + (other.StandardError * other.StandardError));
        var interval = Samples < 2 || other.Samples < 2 ? new Interval(-2, 2) : Interval.Normal(difference, error);
        return new MeanOf(difference, interval, Samples + other.Samples);
    }

    /// <summary>Compares right/wrong answers, sample by sample.</summary>
    /// <inheritdoc cref="Of(IReadOnlyList{double}, IReadOnlyList{double}, double)"/>
    public static PairedComparison Of(IReadOnlyList<bool> first, IReadOnlyList<bool> second, double confidence = 0.95) =>
        Of(first.Select(Score).ToArray(), second.Select(Score).ToArray(), confidence);

    /// <summary>Compares scores, sample by sample.</summary>
    /// <param name="first">Scores of the method in question, <c>[samples]</c>.</param>
    /// <param name="second">Scores of the method that it is compared with, in the same order.</param>
    /// <param name="confidence">Of the interval.</param>
    /// <exception cref="ArgumentException">
    /// The lists differ in length, are empty, or the confidence is outside (0, 1).
    /// </exception>
    public static PairedComparison Of(IReadOnlyList<double> first, IReadOnlyList<double> second, double confidence = 0.95)
    {
        if (first.Count != second.Count || first.Count == 0)
            throw new ArgumentException($"{first.Count} and {second.Count} scores cannot be paired");
        if (confidence is not (> 0 and < 1))
            throw new ArgumentException(
                FormattableString.Invariant($"confidence {confidence} should lie between 0 and 1, for example 0.95"));

        var differences = first.Zip(second, (a, b) => a - b).ToArray();
        var n = differences.Length;
        var mean = differences.Sum() / n;
        var error = n < 2 ? 0 : Math.Sqrt(differences.Sum(d => (d - mean) * (d - mean)) / (n - 1) / n);
        return new PairedComparison
        {
            Samples = n,
            Difference = mean,
            StandardError = error,
            Interval = IntervalOf(mean, error, n, confidence),
            P = n < 2 ? null : PValue(mean, error, n),
            Wins = differences.Count(d => d > 0),
            Losses = differences.Count(d => d < 0),
        };
    }

    private static Interval IntervalOf(double mean, double error, int n, double confidence)
    {
        if (n < 2)
            return new Interval(-1, 1);
        var half = StudentT.InvCDF(0, 1, n - 1, 0.5 + confidence / 2) * error;
        return new Interval(mean - half, mean + half);
    }

    private static double PValue(double mean, double error, int n)
    {
        if (error == 0)
            return mean == 0 ? 1 : 0;
        return 2 * StudentT.CDF(0, 1, n - 1, -Math.Abs(mean / error));
    }

    private static double Score(bool right) => right ? 1 : 0;
}
