using Aim.Experiments.Scoring;
using Aim.Reports.Records;

namespace Aim.Experiments.Tests.Scoring;

public class SignedFiguresTests
{
    [TestCase(0.0123, 1, "+1.2")]
    [TestCase(-0.0123, 2, "-1.23")]
    [TestCase(-0.0004, 1, "0.0")]
    [TestCase(0, 1, "0.0")]
    [TestCase(-0.1095, 1, "-10.9")]
    [TestCase(-0.1285, 1, "-12.8")]
    public void Points_have_a_sign_and_the_digits_of_a_report(double difference, int decimals, string text) =>
        Assert.That(SignedFigures.Points(difference, decimals), Is.EqualTo(text));

    [TestCase(Unit.Points, "-1.6")]
    [TestCase(Unit.Number, "-0.016")]
    public void A_unit_decides_the_digits(Unit unit, string text) => Assert.That(unit.Signed(-0.016), Is.EqualTo(text));
}
