using Aim.Experiments.Parity;
using Aim.Experiments.Statistics;
using Aim.Parity;

namespace Aim.Experiments.Tests.Statistics;

/// <summary>
/// Against values computed by SciPy, statsmodels, inspect_ai and lmms-eval (Fixtures/metrics/statistics.json): the cases that
/// <c>aim parity</c> runs.
/// </summary>
public class StatisticsFixtureTests
{
    private static readonly string[] Blocks =
    [
        "proportion_intervals", "binomial_test", "mcnemar", "standard_errors", "paired", "multiple_testing", "rank_correlation",
        "agreement", "repeated_samples", "pooled_stderr", "power_analysis", "quantiles", "percentiles",
    ];

    private static IEnumerable<TestCaseData> Cases() =>
        new StatisticsKind().Find(Path.Combine(AppContext.BaseDirectory, "Fixtures", "metrics"))
            .Select(c => new TestCaseData(c).SetName($"{{m}}({c.Name})"));

    [TestCaseSource(nameof(Cases))]
    public void Equals_upstream(IParityCase fixture)
    {
        var result = fixture.Run();
        Assert.That(result.Status, Is.EqualTo(CaseStatus.Pass), CaseReport.Line(result));
    }

    [Test]
    public void Every_block_is_there() =>
        Assert.That(Cases().Select(c => ((IParityCase)c.Arguments[0]!).Name.Split('/')[1]).Distinct(), Is.EquivalentTo(Blocks));

    [Test]
    public void Answers_and_scores_compare_alike() =>
        Assert.That(
            PairedComparison.Of([true, false, true], [true, true, false]),
            Is.EqualTo(PairedComparison.Of([1.0, 0.0, 1.0], [1.0, 1.0, 0.0])));

    [Test]
    public void The_median_is_a_percentile() =>
        Assert.That(Percentile.Median([3, 1, 2, 5]), Is.EqualTo(Percentile.Of([3, 1, 2, 5], 50)));
}
