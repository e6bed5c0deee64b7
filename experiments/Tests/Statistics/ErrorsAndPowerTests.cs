using Aim.Experiments.Statistics;

namespace Aim.Experiments.Tests.Statistics;

/// <summary>Errors of clustered scores, correlations, repeated answers and the questions a comparison needs.</summary>
public class ErrorsAndPowerTests
{
    private static double[] Scores(byte[] drawn) => [1, 0, .. drawn.Select(d => d % 5 / 4.0)];

    [FsCheck.NUnit.Property]
    public bool Clusters_of_one_are_independent(byte[] drawn)
    {
        double[] scores = Scores(drawn);
        int[] clusters = [.. Enumerable.Range(0, scores.Length)];
        double independent = StandardErrors.Independent(scores);
        return Math.Abs(StandardErrors.Clustered(scores, clusters) - independent) < 1e-12
            && Math.Abs(StandardErrors.ClusteredWithoutCorrection(scores, clusters) - independent) < 1e-12;
    }

    [FsCheck.NUnit.Property]
    public bool Repeating_every_score_in_its_cluster_adds_nothing(byte[] drawn)
    {
        double[] scores = Scores(drawn);
        int[] once = [.. Enumerable.Range(0, scores.Length)];
        double doubled = StandardErrors.Clustered([.. scores, .. scores], [.. once, .. once]);
        return Math.Abs(doubled - StandardErrors.Clustered(scores, once)) < 1e-12;
    }

    [FsCheck.NUnit.Property]
    public bool Tails_overlap_in_the_observed_outcome_alone(byte a, byte b, byte chance)
    {
        int n = Math.Max(Math.Max(a, b), (byte)1), k = Math.Min(a, b);
        double p = chance / 255.0;
        double less = BinomialTest.Less(k, n, p), greater = BinomialTest.Greater(k, n, p);
        double observed = MathNet.Numerics.Distributions.Binomial.PMF(p, n, k);
        return Math.Abs(less + greater - 1 - observed) < 1e-9 && BinomialTest.TwoSided(k, n, p) is >= 0 and <= 1
            && BinomialTest.TwoSided(k, n, p) >= Math.Min(less, greater) - 1e-9;
    }

    [FsCheck.NUnit.Property]
    public bool A_fair_coin_has_two_equal_sides(byte a, byte b)
    {
        int n = Math.Max(a, b), k = Math.Min(a, b);
        return Math.Abs(BinomialTest.TwoSided(k, n, 0.5) - BinomialTest.TwoSided(n - k, n, 0.5)) < 1e-9
            && Math.Abs(BinomialTest.TwoSided(k, n, 0.5) - McNemar.Exact(k, n - k)) < 1e-9;
    }

    [FsCheck.NUnit.Property]
    public bool Rank_correlations_see_only_order((byte, byte)[] drawn)
    {
        double[] x = [0, 1, .. drawn.Select(d => (double)d.Item1)], y = [1, 0, .. drawn.Select(d => (double)d.Item2)];
        double[] stretched = [.. x.Select(v => v * v * v)];
        return Correlation.Spearman(x, y) == Correlation.Spearman(stretched, y)
            && Correlation.KendallTauB(x, y) == Correlation.KendallTauB(stretched, y)
            && Math.Abs(Correlation.Spearman(x, y) - Correlation.Spearman(y, x)) < 1e-12
            && Math.Abs(Correlation.KendallTauB(x, y)) <= 1 + 1e-12;
    }

    [Test]
    public void Raters_who_always_agree_have_kappa_1()
        => Assert.That(Correlation.CohenKappa([0, 1, 2, 1], [0, 1, 2, 1]), Is.EqualTo(1));

    [Test]
    public void The_smallest_difference_is_found_with_the_power_asked_for()
    {
        var power = new PairedPower(0.5, 0.4, correlation: 0.7, level: 0.05, power: 0.9);
        double difference = power.Difference(500);
        Assert.That(power.Power(difference, 500), Is.EqualTo(0.9).Within(1e-9));
        Assert.That(power.Questions(difference * (1 + 1e-9)), Is.EqualTo(500));
    }

    [Test]
    public void Meaningless_inputs_are_refused()
    {
        Assert.That(() => StandardErrors.Independent([]), Throws.ArgumentException);
        Assert.That(() => StandardErrors.Clustered([1, 0], [1]), Throws.ArgumentException.With.Message.Contains("2 scores"));
        Assert.That(() => StandardErrors.Wilson([1, 0.5], [1, 2]), Throws.ArgumentException.With.Message.Contains("0 or 1"));
        Assert.That(() => StandardErrors.Wilson([1, 0], [1, 1]), Throws.ArgumentException.With.Message.Contains("two or more"));
        Assert.That(() => StandardErrors.T([1, 0], confidence: 95), Throws.ArgumentException.With.Message.Contains("0.95"));
        Assert.That(() => StandardErrors.Pooled([0.1], [1]), Throws.ArgumentException);
        Assert.That(() => BinomialTest.Less(3, 2, 0.5), Throws.ArgumentException);
        Assert.That(() => BinomialTest.TwoSided(1, 2, 1.5), Throws.ArgumentException.With.Message.Contains("1.5"));
        Assert.That(() => Correlation.Pearson([1], [1]), Throws.ArgumentException);
        Assert.That(() => RepeatedSamples.Of([[1], []]), Throws.ArgumentException);
        Assert.That(() => new PairedPower(-1, 0.5), Throws.ArgumentException);
        Assert.That(() => new PairedPower(0.5, 0.5).Questions(0), Throws.ArgumentException);
    }
}
