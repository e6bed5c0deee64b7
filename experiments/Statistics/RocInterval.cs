namespace Aim.Experiments.Statistics;

/// <summary>
/// The area under a ROC curve with its 95 % interval, and the paired difference of two, by DeLong's placements (DeLong, DeLong
/// and Clarke-Pearson, 1988): of each positive the share of negatives that it scores above (a tie counts a half), of each
/// negative the share of positives that score above it. The area is the mean of either; its variance adds both.
/// </summary>
/// <param name="Positives">Of each positive, in order.</param>
/// <param name="Negatives">Of each negative, in order.</param>
internal sealed record RocInterval(IReadOnlyList<double> Positives, IReadOnlyList<double> Negatives)
{
    /// <summary>Placements of some scores.</summary>
    /// <param name="labels">True for a positive.</param>
    /// <param name="scores">Higher for what looks positive.</param>
    public static RocInterval Of(IReadOnlyList<bool> labels, IReadOnlyList<double> scores)
    {
        double[] positive = [.. scores.Where((_, i) => labels[i])], negative = [.. scores.Where((_, i) => !labels[i])];
        static double Above(double a, double b) => a > b ? 1 : a == b ? 0.5 : 0;
        return negative.Length == 0 || positive.Length == 0
            ? new RocInterval([], [])
            : new RocInterval([.. positive.Select(p => negative.Average(n => Above(p, n)))],
                [.. negative.Select(n => positive.Average(p => Above(p, n)))]);
    }

    /// <summary>The mean of several scorings of the same samples.</summary>
    public static RocInterval Mean(IReadOnlyList<RocInterval> all) => new(
        [.. Enumerable.Range(0, all[0].Positives.Count).Select(i => all.Average(a => a.Positives[i]))],
        [.. Enumerable.Range(0, all[0].Negatives.Count).Select(i => all.Average(a => a.Negatives[i]))]);

    /// <summary>The area; samples of one class alone say nothing, so that it may be anything between 0 and 1.</summary>
    public MeanOf Area => Positives.Count == 0 ? new MeanOf(0.5, new Interval(0, 1), 0) : Interval(this);

    /// <summary>This area minus another's of the same samples.</summary>
    public MeanOf Minus(RocInterval other) => Positives.Count == 0
        ? new MeanOf(0, new Interval(-1, 1), 0)
        : Interval(new RocInterval(
            [.. Positives.Zip(other.Positives, (a, b) => a - b)], [.. Negatives.Zip(other.Negatives, (a, b) => a - b)]));

    private static MeanOf Interval(RocInterval placements)
    {
        double mean = placements.Positives.Average();
        double error = Math.Sqrt(Variance(placements.Positives) + Variance(placements.Negatives));
        return new MeanOf(
            mean, Statistics.Interval.Normal(mean, error), placements.Positives.Count + placements.Negatives.Count);
    }

    // Of the mean; of one value nothing is known, and it is the other class that decides.
    private static double Variance(IReadOnlyList<double> values)
    {
        double mean = values.Average();
        return values.Count < 2 ? 0 : values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1) / values.Count;
    }
}
