using Aim.Models;
using Aim.Parity;

namespace Aim.Reduction.Tests;

/// <summary>What the pruned forwards' cases do not say: removing where the reference only masks.</summary>
public class PruneForwardFixtureTests
{
    // Choosing freely, masking matches its own keep sets; removing from edge cases must at least keep the counts.
    [TestCase("edge-all-text")]
    [TestCase("edge-one-visual")]
    [TestCase("edge-no-prefix-text")]
    [TestCase("aim-llava-ov-video-3f")]
    [TestCase("qwen2vl-28-2x12x16")]
    public void RemovalKeepsTheReferencesCounts(string name)
    {
        using var scope = NewDisposeScope();
        using var fixture = Read(name);
        using var run = new PruneForwardRun(fixture, new Comparison());
        using var prefill = run.Prefill(PruneMode.Remove);
        Assert.That(prefill.Alive.Select(a => a[0].Length), Is.EqualTo(fixture.Expected.NeedInts("keep_counts")));
        Assert.That(prefill.Logits.data<float>().ToArray(), Is.All.Matches<float>(float.IsFinite));
    }

    [Test]
    public void ALastTokenThatWouldBeRemovedIsRefused()
    {
        using var scope = NewDisposeScope();
        using var fixture = Read("edge-visual-at-end");
        using var run = new PruneForwardRun(fixture, new Comparison());
        Assert.That(() => run.Prefill(PruneMode.Remove), Throws.ArgumentException.With.Message.Contains("last token"));
    }

    private static CaseFile Read(string name)
        => CaseFile.Read(Path.Combine(AppContext.BaseDirectory, "Fixtures", "prune-forward", name, CaseFileKind.FileName));
}
