using Aim.Parity.Ops;

namespace Aim.Parity.Tests.Ops;

/// <summary>Every operator case of torch's: those that this build knows pass.</summary>
public sealed class OpsKindTests
{
    /// <summary>Operations that neither the engine has nor the project calls.</summary>
    private static readonly HashSet<string> TierB =
    [
        "adaptive_avg_pool1d", "avg_pool1d", "bincount", "binary_cross_entropy_with_logits", "cdist", "conv1d", "conv3d",
        "cosine_similarity", "dropout", "einsum", "elu", "group_norm", "hardswish", "hardtanh", "kl_div", "leaky_relu",
        "logsigmoid", "lr_scheduler.CosineAnnealingLR", "lr_scheduler.LinearLR", "lr_scheduler.StepLR",
        "lr_scheduler.WarmupCosine", "max_pool2d", "meshgrid", "mish", "optim.Adam", "optim.SGD", "pixel_shuffle",
        "pixel_unshuffle", "quantile", "relu6", "rot90", "searchsorted", "smooth_l1_loss", "softplus", "tril_indices",
        "triu_indices", "unique", "unique_consecutive",
    ];

    private static IReadOnlyList<IParityCase> All { get; } = [.. new OpsKind().Find(OpsFixtures.Path)];

    public static IEnumerable<TestCaseData> Cases => All.Select(c => new TestCaseData(c).SetName(c.Name));

    [TestCaseSource(nameof(Cases))]
    public void MatchesTorch(IParityCase c)
    {
        var result = c.Run();
        var operation = c.Name[..c.Name.LastIndexOf('/')];
        var known = !TierB.Contains(operation);
        Assert.That(result.Status, Is.EqualTo(known ? CaseStatus.Pass : CaseStatus.NotSupported), result.Reason);
        Assert.That(result.Differences, known ? Is.Not.Empty : Is.Empty);
    }

    [Test]
    public void AllCasesOfTheFixtureAreFound() => Assert.That(All, Has.Count.EqualTo(1390));

    [Test]
    public void AFolderWithoutDescriptionHasNoCases() =>
        Assert.That(new OpsKind().Find(TestContext.CurrentContext.TestDirectory), Is.Empty);

    [TestCase("", "ops.json")]
    [TestCase("[]", "a JSON object is expected")]
    [TestCase("""{"cases": 3}""", "cases")]
    [TestCase("""{"cases": [7]}""", "cases")]
    public void ADescriptionThatCannotBeReadIsOneFailingCase(string text, string named)
    {
        var directory = OpsFixtures.With("ops.json", text);
        var result = new OpsKind().Find(directory).Single().Run();
        Directory.Delete(directory, true);
        Assert.That(result.Status, Is.EqualTo(CaseStatus.Fail));
        Assert.That(result.Reason, Does.Contain(named));
    }

    [TestCase("""{"op": "torch.add"}""", "the field id")]
    [TestCase("""{"id": "x"}""", "the field op")]
    [TestCase("""{"id": "x", "op": "torch.add", "args": []}""", "the field args")]
    [TestCase("""{"id": "x", "op": "torch.add", "inputs": [null]}""", "the field inputs")]
    [TestCase("""{"id": "x", "op": "torch.add", "inputs": ["t0"]}""", "ops.safetensors")]
    [TestCase("""{"id": "x", "op": "torch.add", "views": {"t0": [[]]}}""", "the field views")]
    [TestCase("""{"id": "x", "op": "torch.add", "tolerance": 1}""", "the field abs")]
    [TestCase("""{"id": "x", "op": "torch.cat", "inputs_are_a_list": true, "args": {"dim": "zero"}}""", "'dim'")]
    [TestCase("""{"id": "x", "op": "optim.AdamW", "args": {"groups": [{}], "steps": 9}}""", "parameter")]
    public void ABrokenCaseFailsWithItsReason(string json, string named)
    {
        var directory = OpsFixtures.With("ops.json", $$"""{"cases": [{{json}}]}""");
        var result = new OpsKind().Find(directory).Single().Run();
        Directory.Delete(directory, true);
        Assert.That(result.Status, Is.EqualTo(CaseStatus.Fail));
        Assert.That(result.Reason, Does.Contain(named));
    }

    [TestCase(7, "bytes")]
    [TestCase(20, "header")]
    [TestCase(2_000_000, "")]
    public void ATruncatedTensorFileFailsItsCases(int length, string named)
    {
        var directory = OpsFixtures.With("ops.json", File.ReadAllText(Path.Combine(OpsFixtures.Path, "ops.json")));
        var tensors = File.ReadAllBytes(Path.Combine(OpsFixtures.Path, "ops.safetensors"));
        File.WriteAllBytes(Path.Combine(directory, "ops.safetensors"), tensors[..length]);
        var result = new OpsKind().Find(directory).First().Run();
        Directory.Delete(directory, true);
        Assert.That(result.Status, Is.EqualTo(CaseStatus.Fail));
        Assert.That(result.Reason, Does.Contain("ops.safetensors").And.Contain(named));
    }

    [Test]
    public void WhatTierBLacksIsNotSupportedAndWhatTierALacksFails()
    {
        var directory = OpsFixtures.With("ops.json", """
            {"cases": [{"id": "b", "op": "torch.fft"}, {"id": "a", "op": "torch.zeros", "args": {"size": [2], "device": "cuda"}}]}
            """);
        var results = new OpsKind().Find(directory).Select(c => c.Run()).ToArray();
        Directory.Delete(directory, true);
        Assert.That(TierA.Names, Does.Contain("torch.zeros"));
        Assert.That(results.Select(r => r.Status), Is.EqualTo(new[] { CaseStatus.NotSupported, CaseStatus.Fail }));
        Assert.That(results[1].Reason, Does.Contain("cuda"));
    }
}
