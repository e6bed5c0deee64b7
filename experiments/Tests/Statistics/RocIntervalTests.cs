using Aim.Datasets;
using Aim.Experiments.Statistics;

namespace Aim.Experiments.Tests.Statistics;

public class RocIntervalTests
{
    private static (bool[] Labels, double[] One, double[] Other) Draw(int seed, int n, double shift)
    {
        var random = new Random(seed);
        bool[] labels = [.. Enumerable.Range(0, n).Select(i => i % 3 != 0)];
        double[] one = [.. labels.Select(l => Math.Round(random.NextDouble() + (l ? shift : 0), 2))];
        return (labels, one, [.. one.Select((s, i) => s + (0.5 * random.NextDouble()))]);
    }

    [Test]
    public void The_area_is_the_metrics_own([Range(1, 20)] int seed)
    {
        var (labels, scores, _) = Draw(seed, 40, 0.3);
        Assert.That(RocInterval.Of(labels, scores).Area.Mean, Is.EqualTo(RocAuc.Area(labels, scores)).Within(1e-12));
    }

    /// <summary>DeLong's own example is not at hand; the interval must hold the truth as often as it says.</summary>
    [Test]
    public void Nineteen_of_twenty_intervals_hold_the_true_area()
    {
        // Uniform scores shifted by s: a positive lies above a negative with probability 1 - (1 - s)^2 / 2.
        const double Shift = 0.3, True = 1 - ((1 - Shift) * (1 - Shift) / 2);
        int held = Enumerable.Range(0, 400).Count(seed =>
        {
            var (labels, scores, _) = Draw(seed, 120, Shift);
            var area = RocInterval.Of(labels, scores).Area.Interval;
            return area.Low <= True && True <= area.High;
        });
        Assert.That(held / 400.0, Is.InRange(0.92, 0.98));
    }

    [Test]
    public void A_difference_is_that_of_the_areas_and_none_of_the_same_scores()
    {
        var (labels, one, other) = Draw(5, 90, 0.3);
        var (a, b) = (RocInterval.Of(labels, one), RocInterval.Of(labels, other));
        var difference = a.Minus(b);
        Assert.That(difference.Mean, Is.EqualTo(a.Area.Mean - b.Area.Mean).Within(1e-12));
        Assert.That(difference.Interval.High - difference.Interval.Low,
            Is.LessThan(a.Area.Interval.High - a.Area.Interval.Low), "paired");
        Assert.That((a.Minus(a).Mean, a.Minus(a).Interval.High), Is.EqualTo((0.0, 0.0)));
        Assert.That(RocInterval.Mean([a, b]).Area.Mean, Is.EqualTo((a.Area.Mean + b.Area.Mean) / 2).Within(1e-12));
    }

    [Test]
    public void One_class_alone_says_nothing()
    {
        var area = RocInterval.Of([true, true], [1, 2]).Area;
        Assert.That((area.Interval.Low, area.Interval.High, area.Samples), Is.EqualTo((0.0, 1.0, 0)));
    }
}
