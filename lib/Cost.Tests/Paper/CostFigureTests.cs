namespace Aim.Cost.Tests;

public class CostFigureTests
{
    [TestCase("14.76", 14.7566, FigureStatus.Exact)]
    [TestCase("14.76", 14.7549, FigureStatus.Different)]
    [TestCase("14757", 14756.6, FigureStatus.Exact)]
    [TestCase("14757", 14756.4, FigureStatus.Different)]
    public void Every_printed_digit_counts(string printed, double computed, FigureStatus status) =>
        Assert.That(CostFigure.Of(printed, computed).Status, Is.EqualTo(status));

    [Test]
    public void A_reason_excuses_a_difference_and_nothing_else()
    {
        var off = CostFigure.Of("36.76", 36.7877, "no setting");
        var on = CostFigure.Of("36.79", 36.7877, "no setting");

        Assert.That((off.Status, off.Difference, off.Reason), Is.EqualTo((FigureStatus.NotReproducible, 0.03m, "no setting")));
        Assert.That((on.Status, on.Reason), Is.EqualTo((FigureStatus.Exact, (string?)null)));
    }

    [Test]
    public void Nothing_computed_is_not_equal()
    {
        Assert.That(CostFigure.Of("24.22", null, "not stated").Status, Is.EqualTo(FigureStatus.NotReproducible));
        Assert.That(CostFigure.Of("24.22", null).Status, Is.EqualTo(FigureStatus.Different));
        Assert.That(CostFigure.Of("24.22", null, "not stated").Difference, Is.Null);
    }

    [Test]
    public void Rounding_twice_is_a_named_quirk()
    {
        Assert.That(CostFigure.Of("21.24", 21.23495001).Status, Is.EqualTo(FigureStatus.Different));
        Assert.That(CostFigure.Of("21.24", 21.23495001, twice: true).Status, Is.EqualTo(FigureStatus.Exact));
        Assert.That(CostFigure.Of("21.24", 21.23494, twice: true).Status, Is.EqualTo(FigureStatus.Different));
    }

    [Test]
    public void Quirks_have_names_and_are_found_by_them()
    {
        var all = Enum.GetValues<Quirk>().Where(q => q != Quirk.None).ToList();

        Assert.That(Quirks.All.Select(q => q.Quirk), Is.EqualTo(all));
        Assert.That(Quirks.All.Select(q => Quirks.Parse(q.Name.ToUpperInvariant())), Is.EqualTo(all));
        Assert.That(Quirks.Names(Quirk.SkipMlpBias | Quirk.SlopeTypo), Is.EqualTo((string[])["slope-0.0125", "skip-mlp-bias"]));
        Assert.That(
            () => Quirks.Parse("bias"),
            Throws.ArgumentException.With.Message.Contains("'bias'").And.Message.Contains("no-newline"));
    }
}
