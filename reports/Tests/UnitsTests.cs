using Aim.Reports.Records;

namespace Aim.Reports.Tests;

public class UnitsTests
{
    [TestCase(Unit.Count, 1234, "1,234", "1,234")]
    [TestCase(Unit.Number, 1.234, "1.23", "1.23")]
    [TestCase(Unit.Percent, 0.841, "84.1%", "84.1%")]
    [TestCase(Unit.Points, -0.004, "\u22120.4", "\u22120.4 points")]
    [TestCase(Unit.Flop, 1.5e9, "1.50 G", "1.50 GFLOP")]
    [TestCase(Unit.Teraflop, 99.627, "99.63", "99.63 TFLOP")]
    [TestCase(Unit.Gigaflop, 88.252, "88.25", "88.25 GFLOP")]
    [TestCase(Unit.Milliseconds, 439.5782, "439.58", "439.58 ms")]
    [TestCase(Unit.Seconds, 0.0967, "96.7 ms", "96.7 ms")]
    [TestCase(Unit.Bytes, 2.0e9, "2.00 G", "2.00 GB")]
    [TestCase(Unit.Ratio, 6.7514, "6.75×", "6.75×")]
    [TestCase(Unit.P, 0.0004, "<0.001", "p <0.001")]
    [TestCase(Unit.YesNo, 1, "yes", "yes")]
    [TestCase(Unit.YesNo, 0, "no", "no")]
    public void Values_are_printed_in_their_unit(Unit unit, double value, string cell, string text) => Assert.Multiple(() =>
    {
        Assert.That(Units.Cell(unit, value), Is.EqualTo(cell));
        Assert.That(Units.Text(unit, value), Is.EqualTo(text));
    });

    [Test]
    public void Columns_may_ask_for_other_digits()
    {
        Assert.That(Units.Cell(Unit.Milliseconds, 439.5782, 4), Is.EqualTo("439.5782"));
        Assert.That(Units.Cell(Unit.Percent, 0.06314, 2), Is.EqualTo("6.31%"));
        Assert.That(Units.Cell(Unit.Ratio, 6.7514, 3), Is.EqualTo("6.751×"));
    }
}
