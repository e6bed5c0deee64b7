namespace Aim.Reduction.Tests;

public class BudgetTests
{
    [TestCase("flops", "15%", 0.15, "flops 15%")]
    [TestCase("flops", " 12.50 % ", 0.125, "flops 12.5%")]
    [TestCase("flops", "100%", 1, "flops 100%")]
    [TestCase("flops", "0.1%", 0.001, "flops 0.1%")]
    [TestCase("latency", "200ms", 0.2, "latency 200ms")]
    [TestCase("latency", "0.2s", 0.2, "latency 200ms")]
    [TestCase("latency", "1.5s", 1.5, "latency 1.5s")]
    [TestCase("latency", "80us", 80e-6, "latency 80us")]
    [TestCase("memory", "2GB", 2e9, "memory 2GB")]
    [TestCase("memory", "2000MB", 2e9, "memory 2GB")]
    [TestCase("memory", "0.5 KB", 500, "memory 0.5KB")]
    public void AmountsAreReadAndWrittenOneWay(string resource, string amount, double limit, string written)
    {
        var budget = Budget.Parse(resource, amount);
        Assert.That(budget.Limit, Is.EqualTo(limit).Within(1e-15 * limit));
        Assert.That($"{budget}", Is.EqualTo(written));
        Assert.That(Budget.Parse(resource, budget.Amount), Is.EqualTo(budget));
    }

    [TestCase("energy", "3J", "flops, latency, memory")]
    [TestCase("flops", "15", "no unit")]
    [TestCase("flops", "101%", "up to 100%")]
    [TestCase("flops", "0%", "above 0")]
    [TestCase("flops", "-5%", "above 0")]
    [TestCase("flops", "%", "for example 15%")]
    [TestCase("flops", "1e1%", "above 0")]
    [TestCase("latency", "200", "s or ms or us")]
    [TestCase("latency", "nan ms", "for example 200ms")]
    [TestCase("latency", "99999999999999999999999999999999s", "above 0")]
    [TestCase("memory", "2GiB", "no unit")]
    [TestCase("memory", "2gb", "GB or MB or KB")]
    public void WhatIsNoBudgetIsNamed(string resource, string amount, string says)
        => Assert.That(() => Budget.Parse(resource, amount), Throws.ArgumentException.With.Message.Contains(says));

    [Test]
    public void CostsAreDescribedInReadableUnits()
    {
        Assert.That(Budget.Parse("flops", "1%").Describe(0.1479), Is.EqualTo("14.79%"));
        Assert.That(Budget.Parse("latency", "1s").Describe(0.0577), Is.EqualTo("57.7 ms"));
        Assert.That(Budget.Parse("memory", "1GB").Describe(13_126_900_000), Is.EqualTo("13.127 GB"));
        Assert.That(Budget.Parse("memory", "1GB").Describe(12), Is.EqualTo("0.012 KB"));
    }
}
