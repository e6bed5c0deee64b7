namespace Aim.Parity.Tests;

public sealed class CaseResultTests
{
    [Test]
    public void ResultsOfOneCaseAreEqualByValue() =>
        Assert.That(new CaseResult("ops", "add/1", CaseStatus.NotSupported, [], "no such operation"),
            Is.EqualTo(new CaseResult("ops", "add/1", CaseStatus.NotSupported, [], "no such operation")));
}
