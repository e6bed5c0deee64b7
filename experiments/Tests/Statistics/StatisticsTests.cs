using Aim.Experiments.Statistics;

namespace Aim.Experiments.Tests.Statistics;

public class StatisticsTests
{
    [FsCheck.NUnit.Property]
    public bool Intervals_hold_the_estimate_and_stay_in_range(ushort a, ushort b)
    {
        var (k, n) = (Math.Min(a, b), Math.Max(Math.Max(a, b), (ushort)1));
        var p = (double)k / n;
        Interval wilson = Proportion.Wilson(k, n), exact = Proportion.ClopperPearson(k, n);
        return wilson.Low >= 0 && wilson.Low <= p && p <= wilson.High && wilson.High <= 1
            && exact.Low >= 0 && exact.Low <= p && p <= exact.High && exact.High <= 1;
    }

    [FsCheck.NUnit.Property]
    public bool Swapping_the_methods_mirrors_the_comparison(FsCheck.NonEmptyArray<bool> first, bool[] other)
    {
        var second = first.Get.Select((v, i) => i < other.Length ? other[i] : v).ToArray();
        PairedComparison ab = PairedComparison.Of(first.Get, second), ba = PairedComparison.Of(second, first.Get);
        return ab.Difference == -ba.Difference && ab.Interval.Low == -ba.Interval.High && ab.P == ba.P && ab.Wins == ba.Losses
            && ab.McNemarP == ba.McNemarP;
    }

    [Test]
    public void Too_few_pairs_say_nothing()
    {
        var one = PairedComparison.Of([true], [false]);

        Assert.That(one.Interval, Is.EqualTo(new Interval(-1, 1)));
        Assert.That(one.P, Is.Null);
        Assert.That(one.McNemarP, Is.EqualTo(1));
    }

    [Test]
    public void The_same_difference_everywhere_is_certain()
    {
        var paired = PairedComparison.Of([false, false, false], [true, true, true]);

        Assert.That(paired.P, Is.Zero);
        Assert.That(paired.Interval, Is.EqualTo(new Interval(-1, -1)));
    }

    /// <summary>Differences 1, 0, 0, -1, 1, 1 (variance 2/3) and 0, -1, 0, -1 (variance 1/3).</summary>
    [Test]
    public void Two_differences_of_different_samples_add_their_variances()
    {
        var first = PairedComparison.Of([1.0, 0, 0, 0, 1, 1], [0.0, 0, 0, 1, 0, 0]);
        var second = PairedComparison.Of([0.0, 0, 0, 0], [0.0, 1, 0, 1]);
        var more = first.Minus(second);
        double half = 1.959963984540054 * Math.Sqrt((0.6666666666666666 / 6) + (0.3333333333333333 / 4));
        Assert.That((more.Mean, more.Samples), Is.EqualTo((1 / 3.0 + 0.5, 10)));
        Assert.That(more.Interval.Low, Is.EqualTo(more.Mean - half).Within(1e-12));
        Assert.That(more.Interval.High, Is.EqualTo(more.Mean + half).Within(1e-12));
        Assert.That(first.Minus(PairedComparison.Of([true], [false])).Interval, Is.EqualTo(new Interval(-2, 2)));
    }

    [Test]
    public void Impossible_inputs_are_refused()
    {
        Assert.That(() => Proportion.Wilson(3, 2), Throws.ArgumentException);
        Assert.That(() => Proportion.ClopperPearson(1, 2, 95), Throws.ArgumentException.With.Message.Contains("0.95"));
        Assert.That(() => McNemar.Exact(-1, 2), Throws.ArgumentException);
        Assert.That(() => PairedComparison.Of([1.0], [1.0, 0.0]), Throws.ArgumentException);
        Assert.That(() => Loyalty.Of(["a"], ["a", "b"]), Throws.ArgumentException);
        Assert.That(() => Percentile.Of([], 50), Throws.ArgumentException);
    }
}
