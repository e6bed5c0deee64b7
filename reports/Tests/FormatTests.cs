using System.Globalization;

namespace Aim.Reports.Tests;

public class FormatTests
{
    [Test]
    public void Numbers_are_printed_the_same_in_every_culture()
    {
        var culture = CultureInfo.CurrentCulture;
        try
        {
            // a culture with everything different, made here because the build knows only the invariant one
            var odd = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            odd.NumberFormat = new NumberFormatInfo
            {
                NumberDecimalSeparator = ",",
                NumberGroupSeparator = ".",
                NegativeSign = "~",
                PercentSymbol = "pc"
            };
            CultureInfo.CurrentCulture = odd;
            Assert.Multiple(() =>
            {
                Assert.That(Format.Percent(0.8412), Is.EqualTo("84.1%"));
                Assert.That(Format.Count(1234567), Is.EqualTo("1,234,567"));
                Assert.That(Format.Points(-0.0123), Is.EqualTo("\u22121.2"));
                Assert.That(Format.Si(99.627e12), Is.EqualTo("99.6 T"));
                Assert.That(ReportWriter.Render(SampleRecord.Create(), null), Does.Contain("78.1").Or.Contain("79.6"));
            });
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [TestCase(0.0123, "+1.2")]
    [TestCase(-0.0004, "0.0")]
    [TestCase(0.0004, "0.0")]
    [TestCase(0, "0.0")]
    [TestCase(-0.182, "\u221218.2")]
    public void Points(double difference, string expected) => Assert.That(Format.Points(difference), Is.EqualTo(expected));

    [TestCase(-0.0004, 2, "\u22120.04")]
    [TestCase(-0.00004, 2, "0.00")]
    [TestCase(0.00125, 3, "+0.125")]
    public void Points_to_other_digits(double difference, int decimals, string expected) =>
        Assert.That(Format.Points(difference, decimals), Is.EqualTo(expected));

    [TestCase(-0.003, 2, "0.00")]
    [TestCase(-0.03, 2, "\u22120.03")]
    [TestCase(0, 1, "0.0")]
    public void What_rounds_to_zero_has_no_sign(double value, int decimals, string expected) =>
        Assert.That(Format.Number(value, decimals), Is.EqualTo(expected));

    [TestCase(0.0312, "0.031")]
    [TestCase(0.00099, "<0.001")]
    [TestCase(1, "1.000")]
    public void P(double p, string expected) => Assert.That(Format.P(p), Is.EqualTo(expected));

    [TestCase(6.4159, "6.42×")]
    [TestCase(64.159, "64.2×")]
    [TestCase(641.59, "642×")]
    public void Ratio(double ratio, string expected) => Assert.That(Format.Ratio(ratio), Is.EqualTo(expected));

    [TestCase(1.234e9, "1.23 G")]
    [TestCase(999.9e6, "1.00 G")]
    [TestCase(12.34e6, "12.3 M")]
    [TestCase(802e3, "802 k")]
    [TestCase(12, "12.0 ")]
    public void Si(double value, string expected) => Assert.That(Format.Si(value), Is.EqualTo(expected));

    [TestCase(0.000012, "12.0 µs")]
    [TestCase(0.0967, "96.7 ms")]
    [TestCase(5.25, "5.25 s")]
    [TestCase(512, "8.53 min")]
    [TestCase(8000, "2.22 h")]
    public void Time(double seconds, string expected) => Assert.That(Format.Time(seconds), Is.EqualTo(expected));

    [Test]
    public void A_range_names_its_unit_once()
    {
        Assert.That(Format.TimeRange(0.0919, 0.106), Is.EqualTo("91.9 to 106 ms"));
        Assert.That(Format.TimeRange(0.0009, 0.0012), Is.EqualTo("900 µs to 1.20 ms"));
    }
}
