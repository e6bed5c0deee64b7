using Aim.Models;

using FsCheck;
using FsCheck.Fluent;

namespace Aim.Reduction.Tests;

public class RetentionPlanTests
{
    [TestCase("1/2", 98)]
    [TestCase("37.5%", 74)]
    [TestCase("0.25", 49)]
    [TestCase("1/8", 25)]
    [TestCase("1/16", 13)]
    [TestCase("3.1%", 7)]
    [TestCase("1/64", 4)]
    public void TheReferencesVideoCountsComeOut(string retention, int kept)
        => Assert.That(RetentionPlan.For(196, Retention.Parse(retention)).Kept, Is.EqualTo(kept));

    [TestCase(196, "1/64", new[] { 98, 49, 24, 12, 6, 3 })]
    [TestCase(196, "37.5%", new[] { 98, 24 })]
    [TestCase(576, "0.4375", new[] { 288, 36 })]
    [TestCase(576, "1/8", new[] { 288, 144, 72 })]
    [TestCase(36, "1/64", new[] { 18, 9, 4, 2, 1, 1 })]
    [TestCase(7, "1/7", new[] { 3, 1, 1, 1 })]
    [TestCase(36, "1", new int[0])]
    [TestCase(1, "1/64", new int[0])]
    [TestCase(0, "1/2", new int[0])]
    public void StepsAreTheReferences(int tokens, string retention, int[] steps)
        => Assert.That(RetentionPlan.For(tokens, Retention.Parse(retention)).Steps, Is.EqualTo(steps));

    [FsCheck.NUnit.Property(MaxTest = 2000)]
    public Property ReachesTheCeilingInStepsOfAtMostHalf()
    {
        var cases =
            from tokens in Gen.Choose(1, 3000)
            from denominator in Gen.Choose(1, 3000)
            from numerator in Gen.Choose(1, denominator)
            select (tokens, numerator, denominator);
        return Prop.ForAll(cases.ToArbitrary(), c =>
        {
            var plan = RetentionPlan.For(c.tokens, new Retention(c.numerator, c.denominator));
            long target = ((long)c.tokens * c.numerator + c.denominator - 1) / c.denominator;
            Assert.That(plan.Kept, Is.EqualTo(target));
            for (int i = 0; i < plan.Steps.Count; i++)
                Assert.That(plan.Steps[i], Is.InRange(1, plan.Counts[i] / 2));
            // Halvings of the original count first; what they leave takes one partial step, or more that each remove all they
            // may.
            int halvings = plan.Steps.TakeWhile((r, i) => r == c.tokens >> (i + 1)).Count();
            for (int i = halvings; i < plan.Steps.Count - 1; i++)
                Assert.That(plan.Steps[i], Is.EqualTo(plan.Counts[i] / 2), $"{c}: {string.Join(' ', plan.Steps)}");
        });
    }

    [TestCase("video-50%", 196, 98)]
    [TestCase("video-37.5%", 196, 74)]
    [TestCase("video-25%", 196, 49)]
    [TestCase("video-12.5%", 196, 25)]
    [TestCase("video-6.3%", 196, 13)]
    [TestCase("video-3.1%", 196, 7)]
    [TestCase("video-1.6%", 196, 4)]
    [TestCase("image-43.75%", 576, 252)]
    [TestCase("image-12.5%", 576, 72)]
    public void PresetsHaveTheReferencesCounts(string name, int tokens, int kept)
        => Assert.That(RetentionPlan.Preset(name, tokens).Kept, Is.EqualTo(kept));

    [Test]
    public void EveryPresetIsKnown()
        => Assert.That(RetentionPlan.Presets.Select(p => RetentionPlan.Preset(p, 576).Tokens), Is.All.EqualTo(576));

    [Test]
    public void AnUnknownPresetNamesTheKnownOnes()
        => Assert.That(() => RetentionPlan.Preset("video-99%", 196), Throws.ArgumentException.With.Message.Contains("video-25%"));

    [TestCase(14, 14, new[] { 98, 49 }, 49)]
    [TestCase(9, 15, new[] { 67, 33, 7 }, 28)]
    [TestCase(5, 7, new[] { 17, 8, 4 }, 6)]
    [TestCase(3, 3, new[] { 4, 2, 1, 1 }, 1)]
    public void Qwen2VlReachesTheHalvedGrid(int height, int width, int[] steps, int kept)
    {
        var plan = RetentionPlan.Qwen2Vl(height, width);
        Assert.That(plan.Steps, Is.EqualTo(steps));
        Assert.That(plan.Kept, Is.EqualTo(kept));
    }

    // Halving takes two rows and two columns; a strip is merged to its share.
    [TestCase(5, 7, "1/4", 6)]
    [TestCase(5, 7, "1/2", 18)]
    [TestCase(1, 7, "1/4", 2)]
    [TestCase(7, 1, "1/4", 2)]
    public void AGridsQuarterIsTheHalvedGrid(int rows, int columns, string retention, int kept)
        => Assert.That(RetentionPlan.For(new VisionGrid(2, rows, columns), Retention.Parse(retention)).Kept, Is.EqualTo(kept));
}
