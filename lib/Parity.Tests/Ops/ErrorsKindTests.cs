namespace Aim.Parity.Tests.Ops;

/// <summary>Calls that torch rejects are rejected here, with torch's facts; what passes or is broken is told apart.</summary>
public sealed class ErrorsKindTests
{
    private static readonly HashSet<string> TierB =
    [
        "range/26", "range/27", "range/28", "nn/4", "nn/28", "nn/32", "nn/33", "nn/34", "nn/35", "nn/36", "nn/37", "autograd/9",
        "factory/7", "factory/8", "optim/3", "optim/5",
    ];

    private static IReadOnlyList<IParityCase> All { get; } = [.. new ErrorsKind().Find(OpsFixtures.Path)];

    public static IEnumerable<TestCaseData> Cases => All.Select(c => new TestCaseData(c).SetName(c.Name));

    [TestCaseSource(nameof(Cases))]
    public void IsRejectedAsByTorch(IParityCase c)
    {
        var result = c.Run();
        Assert.That(result.Status, Is.EqualTo(TierB.Contains(c.Name) ? CaseStatus.NotSupported : CaseStatus.Pass), result.Reason);
    }

    [Test]
    public void AllCasesOfTheFixtureAreFound() => Assert.That(All, Has.Count.EqualTo(179));

    [TestCase("torch.add(Z(2), Z(2))", "", "not rejected", TestName = "ACallThatIsNotRejectedFails")]
    [TestCase("torch.add(Z(2), Z(3)); torch.add(Z(2), Z(2))", "", "before the last", TestName = "AnEarlierRejectionFails")]
    [TestCase("torch.add(Z(2), Z(3))", "got 17", "17", TestName = "AMessageWithoutTheFactsFails")]
    public void Fails(string code, string message, string named)
    {
        var result = OpsFixtures.Reject(code, message);
        Assert.That(result.Status, Is.EqualTo(CaseStatus.Fail));
        Assert.That(result.Reason, Does.Contain(named));
    }

    [TestCase("torch.einsum('ij->i', Z(2))")]
    [TestCase("import os")]
    [TestCase("x = (1 +")]
    [TestCase("x = 'unended")]
    [TestCase("lambda: 0")]
    [TestCase("x = 9 ** 9 ** 9")]
    [TestCase("nobody(3)")]
    public void WhatIsNotUnderstoodIsNotSupported(string code) =>
        Assert.That(OpsFixtures.Reject(code).Status, Is.EqualTo(CaseStatus.NotSupported));

    [TestCase("(", 4000)]
    [TestCase("[", 4000)]
    [TestCase("-", 4000)]
    [TestCase("not ", 4000)]
    [TestCase("x**", 4000)]
    [TestCase("1+", 9000)]
    [TestCase("a.", 9000)]
    [TestCase("1 if 1 else ", 1500)]
    [TestCase("f(", 4000)]
    [TestCase("{'a':", 3000)]
    public void EndlessNestingIsNotSupported(string part, int times) => Assert.That(
        OpsFixtures.Reject(string.Concat(Enumerable.Repeat(part, times)) + "1").Status, Is.EqualTo(CaseStatus.NotSupported));

    [Test]
    public void LoopsOfCodeAreBounded() => Assert.That(
        OpsFixtures.Reject("[i for i in range(1000000000000)]").Status, Is.EqualTo(CaseStatus.NotSupported));

    [Test]
    public void GradientModesEndWithTheCase()
    {
        OpsFixtures.Reject("torch.set_grad_enabled(False); torch.add(Z(2), Z(3))");
        Assert.That(is_grad_enabled(), Is.True);
    }
}
