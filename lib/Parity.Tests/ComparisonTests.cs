namespace Aim.Parity.Tests;

/// <summary>When values match, and what is said of those that do not.</summary>
public sealed class ComparisonTests
{
    private static CaseResult Of(Action<Comparison> compare)
    {
        var comparison = new Comparison();
        compare(comparison);
        return comparison.Result("kind", "name");
    }

    private static CaseStatus Close(float actual, float expected, double absolute = 0, double relative = 0)
        => Of(c => c.Close("x", [actual], [expected], new Tolerance(absolute, relative))).Status;

    [TestCase(1f, 1f, 0, ExpectedResult = CaseStatus.Pass)]
    [TestCase(1.5f, 1f, 0.5, ExpectedResult = CaseStatus.Pass)]
    [TestCase(1.5f, 1f, 0.4, ExpectedResult = CaseStatus.Fail)]
    [TestCase(float.NaN, float.NaN, 0, ExpectedResult = CaseStatus.Pass)]
    [TestCase(float.NaN, 1f, 9, ExpectedResult = CaseStatus.Fail)]
    [TestCase(1f, float.NaN, 9, ExpectedResult = CaseStatus.Fail)]
    [TestCase(float.PositiveInfinity, float.PositiveInfinity, 0, ExpectedResult = CaseStatus.Pass)]
    [TestCase(float.PositiveInfinity, float.NegativeInfinity, 9, ExpectedResult = CaseStatus.Fail)]
    [TestCase(1f, float.PositiveInfinity, 9, ExpectedResult = CaseStatus.Fail)]
    [TestCase(0f, -0f, 0, ExpectedResult = CaseStatus.Pass)]
    public CaseStatus AbsoluteTolerance(float actual, float expected, double tolerance) => Close(actual, expected, tolerance);

    [TestCase(102f, 100f, ExpectedResult = CaseStatus.Pass)]
    [TestCase(-103f, -100f, ExpectedResult = CaseStatus.Fail)]
    public CaseStatus RelativeTolerance(float actual, float expected) => Close(actual, expected, 0, 0.02);

    [Test]
    public void DifferencesAreTheLargestOverAllParts()
    {
        var result = Of(c =>
        {
            c.Close("x", [1f, 0.5f], [1f, 0f], new Tolerance(1));
            c.Close("x", [4f], [3f], new Tolerance(1));
            c.Exact("n", [1, 2], [1, 2]);
        });
        Assert.That(result.Differences, Is.EqualTo((Difference[])[new("x", 1, 1.0 / 3), new("n", 0, 0)]));
        Assert.That((result.Status, result.Reason), Is.EqualTo((CaseStatus.Pass, (string?)null)));
    }

    [Test]
    public void WholeNumbersAreComparedExactly()
    {
        var result = Of(c => c.Exact("n", [(1L << 60) + 1, long.MinValue], [1L << 60, long.MaxValue]));
        Assert.That(result.Reason, Does.StartWith("n[0] is 1152921504606846977, expected 1152921504606846976; 2 of"));
        Assert.That(result.Differences.Single().Abs, Is.EqualTo(Math.Pow(2, 64)));
        Assert.That(Of(c => c.Whole("n", [5], [3], new Tolerance(0, 0.7))).Status, Is.EqualTo(CaseStatus.Pass));
    }

    [Test]
    public void ARuleOfTheCallersDecides()
    {
        static CaseResult By(Func<double, double, bool> fits) => Of(c => c.Close("x", [1.0], [3.0], default, fits));
        Assert.That(By((a, b) => a + 2 == b).Differences, Is.EqualTo((Difference[])[new("x", 2, 2.0 / 3)]));
        Assert.That(By((a, b) => a + 2 == b).Status, Is.EqualTo(CaseStatus.Pass));
        Assert.That(By((_, _) => false).Status, Is.EqualTo(CaseStatus.Fail));
    }

    [Test]
    public void AnotherShapeFails()
    {
        var result = Of(c => c.Incomparable("x", "x: shape [1], expected [2]"));
        Assert.That((result.Status, result.Reason), Is.EqualTo((CaseStatus.Fail, "x: shape [1], expected [2]")));
        Assert.That(result.Differences.Single().Rel, Is.NaN);
    }

    [Test]
    public void PaddingIsSkipped()
        => Assert.That(Of(c => c.Close("x", [9f, 1f], [0f, 1f], default, i => i == 0)).Status, Is.EqualTo(CaseStatus.Pass));

    [Test]
    public void AnotherLengthFails()
    {
        var result = Of(c => c.Close("x", [1f], [1f, 2f], new Tolerance(9)));
        Assert.That((result.Status, result.Reason), Is.EqualTo((CaseStatus.Fail, "x has 1 values, expected 2")));
        Assert.That(result.Differences.Single().Abs, Is.NaN);
    }

    [Test]
    public void NothingComparedIsNoPass() => Assert.That(Of(c => c.LeaveOut("all")).Status, Is.EqualTo(CaseStatus.Fail));

    [Test]
    public void WhatIsLeftOutIsNamed()
    {
        var result = Of(c =>
        {
            c.Holds(true, "");
            c.LeaveOut("offsets");
            c.LeaveOut("offsets");
            c.Note("ties");
        });
        Assert.That(result.Reason, Is.EqualTo("ties; not compared: offsets"));
    }

    [Test]
    public void TextsPartSomewhere()
        => Assert.That(Of(c => c.Same("text", "abcd", "abXd")).Reason, Does.Contain("'abcd'").And.Contain("at character 2"));

    [Test]
    public void InformativeIsNeitherPassNorFailure()
        => Assert.That(
            Of(c =>
            {
                c.Informative = true;
                c.Exact("n", [1], [2]);
            }).Status, Is.EqualTo(CaseStatus.Informative));
}
