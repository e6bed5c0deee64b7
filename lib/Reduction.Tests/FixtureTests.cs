using Aim.Parity;

namespace Aim.Reduction.Tests;

/// <summary>
/// Merging, importance and pruned forwards against what the reference program computed: the cases that <c>aim parity</c> runs.
/// </summary>
public class FixtureTests
{
    private static IEnumerable<TestCaseData> Cases()
        => ParityWalker.Find(Path.Combine(AppContext.BaseDirectory, "Fixtures"), ParityKinds.All)
            .Select(c => new TestCaseData(c).SetName($"{{m}}({c.Kind}/{c.Name})"));

    [TestCaseSource(nameof(Cases))]
    public void MatchesTheReference(IParityCase fixture)
    {
        var result = fixture.Run();
        TestContext.Out.WriteLine(CaseReport.Line(result));
        Assert.That(result.Status, Is.EqualTo(CaseStatus.Pass), CaseReport.Line(result));
    }

    [Test]
    public void EveryKindIsThere()
        => Assert.That(
            Cases().Select(c => ((IParityCase)c.Arguments[0]!).Kind).CountBy(k => k).ToDictionary(k => k.Key, k => k.Value),
            Is.EqualTo(
                new Dictionary<string, int> { ["importance"] = 17, ["merge"] = 23, ["method"] = 36, ["prune-forward"] = 14 }));
}
