namespace Aim.Reduction.Tests;

public class PruneScheduleTests
{
    [TestCase(28, null, 14, 22)]
    [TestCase(12, "llava_onevision", 6, 9)]
    [TestCase(24, "llava_onevision", 12, 19)]
    [TestCase(32, "llava", 13, 21)]
    [TestCase(40, "llava_next", 16, 26)]
    [TestCase(1, null, 0, 1)]
    [TestCase(2, null, 1, 2)]
    public void DefaultsFollowThePaper(int layers, string? modelType, int l1, int l2)
    {
        var schedule = PruneSchedule.Default(layers, modelType);
        Assert.That((schedule.L1, schedule.L2), Is.EqualTo((l1, l2)));
    }

    [Test]
    public void TheReferencesRatesComeOut()
        => Assert.That(
            Enumerable.Range(0, 28).Select(new PruneSchedule(14, 22, 28).Rate),
            Is.EqualTo(
                (double[])[.. Enumerable.Repeat(1.0, 14), 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125, 0, 0, 0, 0, 0, 0, 0]));

    // The paper's price list of (14, 22) is one layer early; this is what the code does: layer 14 still sees everything, layer 22
    // nothing.
    [Test]
    public void TokensPerLayerAreTheReferences()
        => Assert.That(
            new PruneSchedule(14, 22, 28).VisualPerLayer(1568, 100),
            Is.EqualTo((int[])[.. Enumerable.Repeat(1568, 15), 1372, 1176, 980, 784, 588, 392, 196, .. Enumerable.Repeat(0, 6)]));

    [Test]
    public void CountsAreTruncated()
        => Assert.That(
            Enumerable.Range(14, 8).Select(l => new PruneSchedule(14, 22, 28).KeptVisual(l, 29, 14)),
            Is.EqualTo((int[])[25, 21, 18, 14, 10, 7, 3, 0]));

    [Test]
    public void TheEndMayLieBeyondTheLastLayer()
        => Assert.That(
            new PruneSchedule(7, 29, 28).VisualPerLayer(1568, 100)[^1],
            Is.EqualTo((int)(1568 * (1 - 20 * (1.0 / 22)) + 100) - 100));

    [TestCase(9, 6)]
    [TestCase(6, 6)]
    public void TheEndMustFollowTheBeginning(int l1, int l2)
        => Assert.That(
            () => new PruneSchedule(l1, l2, 12),
            Throws.ArgumentException.With.Message.Contains($"l1 = {l1}").And.Message.Contains("(6, 9)"));

    [Test]
    public void TheBeginningIsNotNegative() => Assert.That(() => new PruneSchedule(-1, 6, 12), Throws.ArgumentException);
}
