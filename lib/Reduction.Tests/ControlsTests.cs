using Aim.Models;
using Aim.Models.Tests;

namespace Aim.Reduction.Tests;

public class ControlsTests
{
    // Token i of frame f holds 100 f + i in both features.
    private static Tensor Numbered(int frames, int tokens)
        => tensor(
            Enumerable.Range(0, frames * tokens * 2).Select(i => (float)(100 * (i / 2 / tokens) + i / 2 % tokens)).ToArray(),
            [frames, tokens, 2]);

    private static MergeInput Input(Tensor features, string id = "a") => new() { Features = features, SampleId = id };

    [Test]
    public void RandomMergingDrawsSlotsInOrder()
    {
        using var scope = NewDisposeScope();
        static RetentionPlan Plan(int tokens) => RetentionPlan.For(tokens, Retention.Parse("1/4"));
        float[] Draw(ulong seed, string id)
            => new RandomMerger(Plan, seed).Merge(Input(Numbered(4, 36), id)).Tokens.select(1, 0).Values();
        float[] drawn = Draw(5, "a");
        for (int f = 0; f < 4; f++)
        {
            float[] frame = drawn[(9 * f)..(9 * f + 9)];
            Assert.That(frame, Is.Ordered.Ascending.And.Unique);
            Assert.That(frame, Is.All.InRange(100 * f, 100 * f + 35));
        }

        Assert.That(Draw(5, "a"), Is.EqualTo(drawn));
        Assert.That(Draw(5, "b"), Is.Not.EqualTo(drawn));
        Assert.That(Draw(6, "a"), Is.Not.EqualTo(drawn));
        Assert.That(drawn[..9], Is.Not.EqualTo(drawn[9..18].Select(v => v - 100)), "frames draw apart");
    }

    [Test]
    public void RandomPruningDependsOnTheSampleNotOnItsBatch()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2());
        var schedule = new PruneSchedule(0, 4, 4);
        var layouts = (PromptLayout[])[PromptLayout.Span(1, 30, 33), PromptLayout.Span(2, 12, 15)];
        var embeds = layouts.Select(l => decoder.Embeddings(l.Length)).ToArray();
        using var both = decoder.Model.Prefill(LanguageModel.PadLeft(embeds), layouts, new RandomPruner(schedule, 9, ["a", "b"]));
        using var second = decoder.Model.Prefill(embeds[1], [layouts[1]], new RandomPruner(schedule, 9, ["b"]));
        using var other = decoder.Model.Prefill(embeds[1], [layouts[1]], new RandomPruner(schedule, 9, ["c"]));
        Assert.That(both.Alive.Select(a => a[1]), Is.EqualTo(second.Alive.Select(a => a[0])));
        Assert.That(both.Alive[0][1], Is.Not.EqualTo(other.Alive[0][0]));
        Assert.That(
            () => decoder.Model.Prefill(embeds[1], [layouts[1]], new RandomPruner(schedule, 9, ["a", "b"])),
            Throws.ArgumentException);
    }

    [TestCase(4, 2, new[] { 2.5f, 4.5f, 10.5f, 12.5f })]
    [TestCase(3, 2, new[] { 2f, 3f, 5f, 6f })]
    [TestCase(3, 1, new[] { 4f })]
    [TestCase(2, 2, new[] { 0f, 1f, 2f, 3f })]
    [TestCase(2, 3, new[] { 0f, 1f, 2f, 3f })]
    public void DownsamplingIsAdaptiveAveragePooling(int from, int to, float[] expected)
    {
        using var scope = NewDisposeScope();
        var merger = new DownsampleMerger(to);
        var merged = merger.Merge(Input(Numbered(2, from * from)));
        float[] pooled = merged.Tokens.select(1, 1).Values();
        Assert.That(merger.Kept(2, from * from), Is.EqualTo(2 * expected.Length));
        Assert.That(
            merged.Origin.Apply(Numbered(2, from * from).flatten(0, 1)).select(1, 1).Values(), Is.EqualTo(pooled).Within(1e-4f));
        Assert.That(pooled, Is.EqualTo((float[])[.. expected, .. expected.Select(v => v + 100)]).Within(1e-4f));
    }

    [TestCase(360.0, 6, 360.0, true)]
    [TestCase(359.0, 5, 250.0, true)]
    [TestCase(45.0, 2, 40.0, true)]
    [TestCase(3.0, 1, 10.0, false)]
    public void TheLargestGridWithinTheTargetIsFound(double target, int side, double achieved, bool within)
    {
        var method = Methods.Get("downsample");
        var found = TargetSearch.Find(
            method, new DownsampleMethod.Options(null), Hosts.Small(), new PromptShape(2, 36, 1, 5, 4), target,
            m => 10.0 * m.Merger.Kept(1, 36));
        Assert.That(found, Is.EqualTo(new FoundSettings(new DownsampleMethod.Options(side), achieved, within)));
    }

    [Test]
    public void DownsamplingNeedsASquare()
        => Assert.That(() => new DownsampleMerger(2).Kept(1, 35), Throws.ArgumentException.With.Message.Contains("35"));
}
