using Aim.Experiments.Parity;
using Aim.Experiments.Statistics;
using Aim.Parity;

namespace Aim.Experiments.Tests.Statistics;

/// <summary>
/// Against values computed by SciPy and statsmodels (Fixtures/metrics/statistics.json): the cases that <c>aim parity</c> runs.
/// </summary>
public class StatisticsFixtureTests
{
    private static readonly string[] Blocks = ["proportion_intervals", "mcnemar", "paired", "percentiles", "multiple_testing"];

    private static IEnumerable<TestCaseData> Cases() =>
        new StatisticsKind().Find(Path.Combine(AppContext.BaseDirectory, "Fixtures", "metrics"))
            .Select(c => new TestCaseData(c).SetName($"{{m}}({c.Name})"));

    [TestCaseSource(nameof(Cases))]
    public void Matches_what_is_implemented(IParityCase fixture)
    {
        bool known = Blocks.Contains(fixture.Name.Split('/')[1]);
        var result = fixture.Run();
        Assert.That(result.Status, Is.EqualTo(known ? CaseStatus.Pass : CaseStatus.NotSupported), CaseReport.Line(result));
    }

    [Test]
    public void Every_block_is_there() =>
        Assert.That(Cases().Select(c => ((IParityCase)c.Arguments[0]!).Name.Split('/')[1]), Is.SupersetOf(Blocks));

    [Test]
    public void Answers_and_scores_compare_alike() =>
        Assert.That(
            PairedComparison.Of([true, false, true], [true, true, false]),
            Is.EqualTo(PairedComparison.Of([1.0, 0.0, 1.0], [1.0, 1.0, 0.0])));

    [Test]
    public void The_median_is_a_percentile() =>
        Assert.That(Percentile.Median([3, 1, 2, 5]), Is.EqualTo(Percentile.Of([3, 1, 2, 5], 50)));
}
