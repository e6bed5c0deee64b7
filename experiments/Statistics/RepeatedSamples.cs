namespace Aim.Experiments.Statistics;

/// <summary>
/// Questions that were each answered several times (as lmms-eval sums them up): not how good the answers are alone, but how
/// steady.
/// </summary>
/// <param name="ExpectedAccuracy">Share of right answers among all.</param>
/// <param name="ConsensusAccuracy">Share of questions with more right answers than wrong ones.</param>
/// <param name="InternalVariance">
/// Mean over questions of their scores' variance (n - 1); questions with one answer are left out, and NaN if all are.
/// </param>
/// <param name="ConsistencyRate">Share of questions whose answers are all right or all wrong.</param>
public sealed record RepeatedSamples(
    double ExpectedAccuracy, double ConsensusAccuracy, double InternalVariance, double ConsistencyRate)
{
    /// <summary>Sums up.</summary>
    /// <param name="scores">0 or 1 for each answer of each question.</param>
    /// <exception cref="ArgumentException">There is no question, or one has no answer.</exception>
    public static RepeatedSamples Of(IReadOnlyList<IReadOnlyList<int>> scores)
    {
        if (scores.Count == 0 || scores.Any(s => s.Count == 0))
            throw new ArgumentException("there should be questions, each with an answer or more");
        return new RepeatedSamples(
            scores.SelectMany(s => s).Average(),
            scores.Average(s => 2 * s.Sum() > s.Count ? 1.0 : 0),
            scores.Where(s => s.Count > 1).Select(Variance).DefaultIfEmpty(double.NaN).Average(),
            scores.Average(s => s.Distinct().Count() == 1 ? 1.0 : 0));
    }

    private static double Variance(IReadOnlyList<int> scores)
    {
        double mean = scores.Average();
        return scores.Sum(s => (s - mean) * (s - mean)) / (scores.Count - 1);
    }
}
