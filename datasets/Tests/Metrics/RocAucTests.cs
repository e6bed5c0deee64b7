namespace Aim.Datasets.Tests.Metrics;

/// <summary>Areas under curves: facts that hold for any labels and scores, and inputs without a meaning.</summary>
public class RocAucTests
{
    /// <summary>Labels with both classes, and scores with many ties.</summary>
    private static (bool[] Labels, double[] Scores) Sample((bool Label, byte Score)[] drawn)
        => ([true, false, .. drawn.Select(d => d.Label)], [2, 3, .. drawn.Select(d => (double)(d.Score % 7))]);

    [FsCheck.NUnit.Property]
    public bool The_area_is_the_share_of_pairs_in_order((bool, byte)[] drawn)
    {
        var (labels, scores) = Sample(drawn);
        var (positives, negatives) = (Of(labels, scores, true), Of(labels, scores, false));
        double wins = positives.Sum(p => negatives.Sum(n => p > n ? 1 : p == n ? 0.5 : 0));
        return Math.Abs(RocAuc.Area(labels, scores) - wins / positives.Length / negatives.Length) < 1e-12;
    }

    [FsCheck.NUnit.Property]
    public bool Only_the_order_of_scores_matters((bool, byte)[] drawn)
    {
        var (labels, scores) = Sample(drawn);
        double[] other = [.. scores.Select(s => Math.Exp(3 * s) - 1000)];
        return RocAuc.Area(labels, scores) == RocAuc.Area(labels, other)
            && RocAuc.AveragePrecision(labels, scores) == RocAuc.AveragePrecision(labels, other);
    }

    [FsCheck.NUnit.Property]
    public bool Scores_upside_down_give_the_rest_of_the_area((bool, byte)[] drawn)
    {
        var (labels, scores) = Sample(drawn);
        double down = RocAuc.Area(labels, [.. scores.Select(s => -s)]);
        return Math.Abs(RocAuc.Area(labels, scores) + down - 1) < 1e-12;
    }

    [FsCheck.NUnit.Property]
    public bool The_curve_rises_from_corner_to_corner((bool, byte)[] drawn)
    {
        var (labels, scores) = Sample(drawn);
        var curve = RocAuc.Curve(labels, scores);
        return curve[0] is { FalsePositiveRate: 0, TruePositiveRate: 0, Threshold: double.PositiveInfinity }
            && curve[^1] is { FalsePositiveRate: 1, TruePositiveRate: 1 }
            && curve.Zip(curve.Skip(1), (a, b) => a.FalsePositiveRate <= b.FalsePositiveRate
                && a.TruePositiveRate <= b.TruePositiveRate && a.Threshold > b.Threshold).All(x => x);
    }

    [TestCase(true)]
    [TestCase(false)]
    public void One_class_alone_has_no_area(bool label)
        => Assert.That(
            () => RocAuc.Area([label, label], [0.1, 0.9]), Throws.ArgumentException.With.Message.Contains("both classes"));

    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    public void Scores_must_be_finite(double score)
    {
        Assert.That(() => RocAuc.Area([true, false], [0.1, score]), Throws.ArgumentException.With.Message.Contains("score 1"));
        Assert.That(() => BinaryScores.AtThreshold([true, false], [score, 0.1]), Throws.ArgumentException);
    }

    [Test]
    public void Lists_must_pair()
    {
        Assert.That(() => RocAuc.Area([true, false], [0.1]), Throws.ArgumentException.With.Message.Contains("paired"));
        Assert.That(() => RocAuc.AveragePrecision([], []), Throws.ArgumentException);
        Assert.That(() => RocAuc.AveragePrecision([false], [0.1]), Throws.ArgumentException.With.Message.Contains("positive"));
    }

    [Test]
    public void A_ratio_of_nothing_is_0()
    {
        var nothing = BinaryScores.Of([]);
        Assert.That((nothing.Precision, nothing.F1, nothing.Accuracy), Is.EqualTo((0.0, 0.0, 0.0)));
    }

    private static double[] Of(bool[] labels, double[] scores, bool label) => [.. scores.Where((_, i) => labels[i] == label)];
}
