using Aim.Experiments.Statistics;
using Aim.Reports.Records;

namespace Aim.Experiments.Scoring;

/// <summary>One answer as it is scored.</summary>
/// <param name="Kind">The question's kind.</param>
/// <param name="Right">Whether it is right.</param>
/// <param name="UnreducedRight">Whether the unreduced model's is.</param>
/// <param name="Answer">The answer.</param>
/// <param name="Unreduced">The unreduced model's.</param>
internal sealed record Score(string Kind, bool Right, bool UnreducedRight, string Answer, string Unreduced);

/// <summary>Accuracy, paired difference and loyalty of some answers.</summary>
internal static class CellFigures
{
    /// <param name="scores">The answers.</param>
    /// <param name="isBaseline">Whether they are the unreduced model's own: nothing is compared then.</param>
    public static CountedRecord Of(IReadOnlyList<Score> scores, bool isBaseline)
    {
        int correct = scores.Count(s => s.Right);
        bool compare = !isBaseline && scores.Count > 0;
        return new CountedRecord
        {
            Samples = scores.Count,
            Correct = correct,
            Accuracy = Share(correct, scores.Count),
            Wilson = Wilson(correct, scores.Count),
            Paired = compare ? Paired([.. scores.Select(s => s.Right)], [.. scores.Select(s => s.UnreducedRight)]) : null,
            Loyalty = compare ? Loyalty.Of([.. scores.Select(s => s.Answer)], [.. scores.Select(s => s.Unreduced)]) : null,
        };
    }

    /// <summary>Two methods on the same samples.</summary>
    public static PairedRecord Paired(IReadOnlyList<bool> first, IReadOnlyList<bool> second)
    {
        var paired = PairedComparison.Of(first, second);
        return new PairedRecord
        {
            Samples = paired.Samples,
            Difference = paired.Difference,
            Interval = new IntervalRecord(paired.Interval.Low, paired.Interval.High),
            TP = paired.P,
            McNemarP = paired.McNemarP,
            Wins = paired.Wins,
            Losses = paired.Losses,
        };
    }

    public static KindScoreRecord KindScore(string kind, int samples, int correct) =>
        new(kind, samples, correct, Share(correct, samples), Wilson(correct, samples));

    public static double Share(int correct, int samples) => samples == 0 ? 0 : (double)correct / samples;

    public static IntervalRecord Wilson(int correct, int samples)
    {
        var interval = Proportion.Wilson(correct, samples);
        return new IntervalRecord(interval.Low, interval.High);
    }
}
