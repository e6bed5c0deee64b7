namespace Aim.Datasets;

/// <summary>
/// Counts of a yes/no decision and what follows from them. A ratio whose denominator is 0 is 0, as in sklearn (zero_division=0)
/// and lmms-eval.
/// </summary>
/// <param name="TruePositives">Positives that are called positive.</param>
/// <param name="FalsePositives">Negatives that are called positive.</param>
/// <param name="TrueNegatives">Negatives that are called negative.</param>
/// <param name="FalseNegatives">Positives that are called negative.</param>
public readonly record struct BinaryScores(int TruePositives, int FalsePositives, int TrueNegatives, int FalseNegatives)
{
    /// <summary>Decisions in all.</summary>
    public int Count => TruePositives + FalsePositives + TrueNegatives + FalseNegatives;

    /// <summary>Share of right decisions.</summary>
    public double Accuracy => Ratio(TruePositives + TrueNegatives, Count);

    /// <summary>Of what is called positive, the share that is.</summary>
    public double Precision => Ratio(TruePositives, TruePositives + FalsePositives);

    /// <summary>Of the positives, the share that is called positive.</summary>
    public double Recall => Ratio(TruePositives, TruePositives + FalseNegatives);

    /// <summary>Harmonic mean of precision and recall.</summary>
    public double F1 => Ratio(2 * TruePositives, 2 * TruePositives + FalsePositives + FalseNegatives);

    /// <summary>Share that is called positive: far from the true share, it shows a habit of saying yes (or no).</summary>
    public double YesRatio => Ratio(TruePositives + FalsePositives, Count);

    /// <summary>Counts decisions, given as (truly positive, called positive).</summary>
    public static BinaryScores Of(IEnumerable<(bool Label, bool Decision)> decisions)
    {
        int tp = 0, fp = 0, tn = 0, fn = 0;
        foreach (var decision in decisions)
        {
            _ = decision switch
            {
                (true, true) => tp++,
                (false, true) => fp++,
                (false, false) => tn++,
                (true, false) => fn++,
            };
        }

        return new BinaryScores(tp, fp, tn, fn);
    }

    /// <summary>Counts the decisions 'score is at least the threshold'.</summary>
    /// <exception cref="ArgumentException">
    /// The lists differ in length or are empty, or a score is not finite.
    /// </exception>
    public static BinaryScores AtThreshold(IReadOnlyList<bool> labels, IReadOnlyList<double> scores, double threshold = 0.5)
    {
        Paired.Check(labels, scores);
        return Of(labels.Zip(scores, (label, score) => (label, score >= threshold)));
    }

    private static double Ratio(int part, int whole) => whole == 0 ? 0 : (double)part / whole;
}
