namespace Aim.Reduction.Tests;

public class RetentionTests
{
    [TestCase("1", "1", "100%")]
    [TestCase("1/1", "1", "100%")]
    [TestCase("2/8", "1/4", "25%")]
    [TestCase("0.25", "1/4", "25%")]
    [TestCase(".5", "1/2", "50%")]
    [TestCase(" 25% ", "1/4", "25%")]
    [TestCase("1/8", "1/8", "12.5%")]
    [TestCase("0.0625", "1/16", "6.3%")]
    [TestCase("1/32", "1/32", "3.1%")]
    [TestCase("1/64", "1/64", "1.6%")]
    [TestCase("0.1", "1/10", "10%")]
    [TestCase("1/3", "1/3", "33.3%")]
    public void IsExactAndPrintsAsThePaperDoes(string text, string exact, string label)
    {
        var retention = Retention.Parse(text);
        Assert.That(retention.ToString(), Is.EqualTo(exact));
        Assert.That(retention.Label, Is.EqualTo(label));
        Assert.That(Retention.Parse(exact), Is.EqualTo(retention));
    }

    // 0.1 * 30 is 3.0000000000000004 in double; its ceiling would be 4.
    [TestCase("0.1", 30, 3)]
    [TestCase("1/3", 9, 3)]
    [TestCase("0.29", 100, 29)]
    [TestCase("1/64", 1, 1)]
    public void CeilingIsExact(string text, int n, int expected)
        => Assert.That(Retention.Parse(text).Ceiling(n), Is.EqualTo(expected));

    [TestCase("0")]
    [TestCase("0.0")]
    [TestCase("1.01")]
    [TestCase("5/4")]
    [TestCase("101%")]
    public void OutsideIsRefused(string text)
        => Assert.That(
            () => Retention.Parse(text), Throws.ArgumentException.With.Message.Contains("(0, 1]").And.Message.Contains(text));

    [TestCase("")]
    [TestCase("a quarter")]
    [TestCase("-1/4")]
    [TestCase("1/0")]
    [TestCase("1/2/3")]
    [TestCase("1e-1")]
    [TestCase("٤")]
    [TestCase(".")]
    public void AnythingElseIsRefused(string text)
        => Assert.That(() => Retention.Parse(text), Throws.ArgumentException.With.Message.Contains("is not a number"));

    [Test]
    public void TheDefaultKeepsAll()
    {
        Assert.That(default(Retention).IsAll);
        Assert.That(default(Retention).Ceiling(7), Is.EqualTo(7));
    }
}
