namespace Aim.Datasets;

/// <summary>A point of a ROC curve: the rates where every score of at least the threshold counts as positive.</summary>
/// <param name="FalsePositiveRate">Of the negatives, the share at or above the threshold.</param>
/// <param name="TruePositiveRate">Of the positives, the share at or above the threshold.</param>
/// <param name="Threshold">A score that occurs; infinity for the first point.</param>
public readonly record struct RocPoint(double FalsePositiveRate, double TruePositiveRate, double Threshold);

/// <summary>
/// How well scores rank positives above negatives, whatever the threshold (sklearn's roc_curve without drop_intermediate,
/// roc_auc_score and average_precision_score). Only the order of the scores matters, so they may be probabilities, logits or
/// differences of log-likelihoods.
/// </summary>
public static class RocAuc
{
    /// <summary>
    /// The chance that a positive drawn at random scores above a negative drawn at random; a tie counts a half.
    /// </summary>
    /// <param name="labels">True for a positive, <c>[samples]</c>.</param>
    /// <param name="scores">Higher for what looks positive, <c>[samples]</c>.</param>
    /// <exception cref="ArgumentException">
    /// The lists differ in length, a score is not finite, or only one class is present, where the area is not defined (0.5 would
    /// read as a result).
    /// </exception>
    public static double Area(IReadOnlyList<bool> labels, IReadOnlyList<double> scores)
    {
        var steps = Steps(labels, scores);
        var (positives, negatives, _) = BothClasses(steps);
        double twice = 0;
        for (int i = 1; i < steps.Count; i++)
            twice += (double)(steps[i].Negatives - steps[i - 1].Negatives) * (steps[i].Positives + steps[i - 1].Positives);
        return twice / 2 / positives / negatives;
    }

    /// <summary>The curve from (0, 0) to (1, 1), one point for each score that occurs, from high to low.</summary>
    /// <inheritdoc cref="Area" path="/*[not(self::summary)]"/>
    public static IReadOnlyList<RocPoint> Curve(IReadOnlyList<bool> labels, IReadOnlyList<double> scores)
    {
        var steps = Steps(labels, scores);
        var (positives, negatives, _) = BothClasses(steps);
        double Share(int part, int whole) => (double)part / whole;
        return [.. steps.Select(s => new RocPoint(Share(s.Negatives, negatives), Share(s.Positives, positives), s.Threshold))];
    }

    /// <summary>
    /// Area under precision over recall as a sum of steps: each threshold's precision, weighted by the recall that it adds.
    /// </summary>
    /// <inheritdoc cref="Area" path="/param"/>
    /// <exception cref="ArgumentException">
    /// The lists differ in length, a score is not finite, or nothing is positive.
    /// </exception>
    public static double AveragePrecision(IReadOnlyList<bool> labels, IReadOnlyList<double> scores)
    {
        var steps = Steps(labels, scores);
        int positives = steps[^1].Positives;
        if (positives == 0)
            throw new ArgumentException("average precision needs a positive; all labels are negative");
        double sum = 0;
        for (int i = 1; i < steps.Count; i++)
        {
            int found = steps[i].Positives;
            sum += (double)(found - steps[i - 1].Positives) / positives * found / (found + steps[i].Negatives);
        }

        return sum;
    }

    private static Step BothClasses(IReadOnlyList<Step> steps) => steps[^1] switch
    {
        { Positives: 0 } => throw new ArgumentException("ROC-AUC needs both classes; all labels are negative"),
        { Negatives: 0 } => throw new ArgumentException("ROC-AUC needs both classes; all labels are positive"),
        var last => last,
    };

    /// <summary>What lies at or above each score that occurs, from high to low, after a first step with nothing.</summary>
    private static List<Step> Steps(IReadOnlyList<bool> labels, IReadOnlyList<double> scores)
    {
        Paired.Check(labels, scores);
        var steps = new List<Step> { new(0, 0, double.PositiveInfinity) };
        foreach (int i in Enumerable.Range(0, scores.Count).OrderByDescending(i => scores[i]))
        {
            var last = steps[^1];
            var next = new Step(last.Positives + (labels[i] ? 1 : 0), last.Negatives + (labels[i] ? 0 : 1), scores[i]);
            if (last.Threshold == scores[i])
                steps[^1] = next;
            else
                steps.Add(next);
        }

        return steps;
    }

    private readonly record struct Step(int Positives, int Negatives, double Threshold);
}
