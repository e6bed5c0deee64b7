using Aim.Experiments.Planning;

namespace Aim.Experiments.Tests.Planning;

public class RetentionTests
{
    [TestCase("1", "1", "100%")]
    [TestCase("1/2", "1/2", "50%")]
    [TestCase("0.25", "1/4", "25%")]
    [TestCase("12.5%", "1/8", "12.5%")]
    [TestCase("1/16", "1/16", "6.3%")]
    [TestCase("1/32", "1/32", "3.1%")]
    [TestCase("1/64", "1/64", "1.6%")]
    [TestCase("0.015625", "1/64", "1.6%")]
    [TestCase("2/6", "1/3", "33.3%")]
    public void Is_exact_and_printed_as_the_paper_prints_it(string text, string exact, string printed)
    {
        Assert.That(Retention.TryParse(text, out var retention), Is.True);
        Assert.That((retention.ToString(), retention.Printed), Is.EqualTo((exact, printed)));
    }

    [TestCase("0")]
    [TestCase("-0.5")]
    [TestCase("1.0001")]
    [TestCase("101%")]
    [TestCase("1/0")]
    [TestCase("3/2")]
    [TestCase("NaN")]
    [TestCase("1/2/3")]
    [TestCase("")]
    [TestCase("1e-9")]
    public void Refuses_what_is_not_in_zero_to_one(string text) => Assert.That(Retention.TryParse(text, out _), Is.False);

    [FsCheck.NUnit.Property]
    public bool Reads_what_it_prints(FsCheck.PositiveInt a, FsCheck.PositiveInt b) =>
        Retention.TryParse($"{Math.Min(a.Get, b.Get)}/{Math.Max(a.Get, b.Get)}", out var retention)
        && Retention.TryParse(retention.ToString(), out var again) && again == retention
        && retention.Value == (decimal)Math.Min(a.Get, b.Get) / Math.Max(a.Get, b.Get);
}
