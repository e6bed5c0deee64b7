using FsCheck;
using FsCheck.Fluent;

namespace Aim.Reduction.Tests;

public class BudgetChoiceTests
{
    private static readonly Budget s_half = Budget.Parse("flops", "50%");

    private static readonly Gen<FrontPoint[]> s_points = Gen.NonEmptyListOf(
        from k in Gen.Choose(1, 36)
        from l1 in Gen.Choose(-1, 5)
        from correct in Gen.Choose(0, 20)
        from flops in Gen.Choose(1, 12)
        select Point(k, l1, correct, flops)).Select(list => list.ToArray());

    [FsCheck.NUnit.Property(MaxTest = 300)]
    public Property TheFrontIsWhatNothingBeats() => Prop.ForAll(s_points.ToArbitrary(), points =>
    {
        var front = Front.Of(points);
        bool Beats(FrontPoint a, FrontPoint b)
            => a.Flops <= b.Flops && a.Correct >= b.Correct && (a.Flops < b.Flops || a.Correct > b.Correct);
        foreach (var point in front)
            Assert.That(points.Any(other => Beats(other, point)), Is.False, $"{point} is beaten");
        foreach (var point in points.Where(p => !points.Any(other => Beats(other, p))))
            Assert.That(front.Any(f => (f.Flops, f.Correct) == (point.Flops, point.Correct)), Is.True, $"{point} is missing");
        Assert.That(front.Select(p => p.Flops), Is.Ordered);
        Assert.That(front.Select(p => p.Correct).Distinct().Count(), Is.EqualTo(front.Count));
        Assert.That(Front.Of(front), Is.EqualTo(front));
        Assert.That(
            Front.Of(points.Reverse()).Select(p => (p.Flops, p.Correct)), Is.EqualTo(front.Select(p => (p.Flops, p.Correct))));
    });

    [FsCheck.NUnit.Property(MaxTest = 300)]
    public Property TheBestThatFitsIsChosen() => Prop.ForAll(
        s_points.ToArbitrary(), Gen.Choose(1, 100).ToArbitrary(), Gen.Choose(1, 3).ToArbitrary(), (points, percent, samples) =>
        {
            var budget = Budget.Parse("flops", $"{percent}%");
            double Cost(FrontPoint p, int sample) => p.Flops / 12 * (1 + sample) / 3;
            var fitting = points.Where(p => Enumerable.Range(0, samples).All(i => Cost(p, i) <= budget.Limit + 1e-12)).ToArray();
            if (fitting.Length == 0)
            {
                double least = points.Min(p => Cost(p, samples - 1));
                Assert.That(
                    () => BudgetChoice.ForAll(points, budget, samples, Cost),
                    Throws.TypeOf<BudgetException>().With.Message.Contains(budget.Describe(least))
                        .And.Message.Contains($"{budget}"));
                return;
            }

            var chosen = BudgetChoice.ForAll(points, budget, samples, Cost);
            Assert.That(fitting, Does.Contain(chosen.Point));
            Assert.That(chosen.Point.Correct, Is.EqualTo(fitting.Max(p => p.Correct)));
            Assert.That(chosen.Point.Flops, Is.EqualTo(fitting.Where(p => p.Correct == chosen.Point.Correct).Min(p => p.Flops)));
            Assert.That(chosen.Most, Is.EqualTo(Cost(chosen.Point, samples - 1)));
            Assert.That(chosen.Cost, Is.EqualTo(Enumerable.Range(0, samples).Average(i => Cost(chosen.Point, i))).Within(1e-12));
            if (samples == 1)
                Assert.That(BudgetChoice.ForOne(points, budget, p => Cost(p, 0)), Is.EqualTo(chosen));
        });

    /// <summary>Each sample its own setting is never worse on the validation split than one for all.</summary>
    [FsCheck.NUnit.Property(MaxTest = 200)]
    public Property ChoosingPerSampleIsNeverWorseThanFixed() => Prop.ForAll(s_points.ToArbitrary(), points =>
    {
        double Cost(FrontPoint p, int sample) => p.Flops / 24 * (1 + sample);
        FrontPoint? one = null;
        try
        {
            one = BudgetChoice.ForAll(points, s_half, 3, Cost).Point;
        }
        catch (BudgetException)
        {
        }

        for (int i = 0; i < 3 && one is not null; i++)
        {
            Assert.That(
                BudgetChoice.ForOne(points, s_half, p => Cost(p, i)).Point.Accuracy, Is.GreaterThanOrEqualTo(one.Accuracy));
        }
    });

    [FsCheck.NUnit.Property(MaxTest = 200)]
    public Property AtAMeanCostTheBestOfNoMoreIsTaken() => Prop.ForAll(
        s_points.ToArbitrary(), Gen.Choose(1, 12).ToArbitrary(), (points, mean) =>
        {
            double Cost(FrontPoint p, int sample) => p.Flops * (sample == 0 ? 0.5 : 1.5);
            var chosen = BudgetChoice.AtMean(points, mean, 2, Cost);
            var fitting = points.Where(p => p.Flops <= mean).ToArray();
            Assert.That(chosen.Cost, Is.EqualTo(chosen.Point.Flops).Within(1e-12));
            if (fitting.Length == 0)
                Assert.That(chosen.Point.Flops, Is.EqualTo(points.Min(p => p.Flops)));
            else
                Assert.That((chosen.Point.Correct, chosen.Cost <= mean), Is.EqualTo((fitting.Max(p => p.Correct), true)));
        });

    [Test]
    public void ALimitMetButForRoundingIsKept()
        => Assert.That(
            BudgetChoice.ForOne([Point(36, -1, 1, 1)], Budget.Parse("flops", "100%"), _ => 1 + 1e-12).Point.Retention,
            Is.EqualTo(Retention.All));

    [Test]
    public void OnlyEquallyManySamplesCompare()
        => Assert.That(() => Front.Of([Point(1, 0, 1, 1), Point(1, 0, 1, 2) with { Samples = 30 }]), Throws.ArgumentException);

    [Test]
    public void ACostThatIsNoNumberIsRefused()
        => Assert.That(() => BudgetChoice.ForOne([Point(1, 0, 1, 1)], s_half, _ => double.NaN), Throws.ArgumentException);

    [Test]
    public void APointIsASettingOfAim()
    {
        Assert.That(Point(9, -1, 1, 1).Settings.Canonical, Is.EqualTo("retention=1/4 schedule=none"));
        Assert.That(Point(9, 4, 1, 1).Settings.Canonical, Is.EqualTo("retention=1/4 schedule=4,6"));
        Assert.That($"{Point(9, 4, 1, 1)}", Is.EqualTo("1/4 (4, 6)"));
        Assert.That($"{Point(9, -1, 1, 1)}", Is.EqualTo("1/4"));
    }

    private static FrontPoint Point(int k, int l1, int correct, double flops)
        => new(new Retention(k, 36), l1 < 0 ? ScheduleChoice.None : new ScheduleChoice(l1, l1 + 2), correct, 20, flops);
}
