using FsCheck;
using FsCheck.Fluent;

namespace Aim.Models.Tests;

public class PruningTests
{
    [FsCheck.NUnit.Property(MaxTest = 60)]
    public Property RemovingWhatMaskingHidesGivesItsLogits()
    {
        var cases =
            from family in Gen.Elements(RandomDecoder.Families.ToArray())
            from seed in Gen.Choose(1, 1_000_000)
            from first in Gen.Choose(1, 5)
            from visual in Gen.Choose(0, 14)
            from last in Gen.Choose(1, 5)
            from keeps in Gen.ArrayOf(Gen.Choose(0, 99), family.NumHiddenLayers)
            select (family, seed, first, visual, last, keeps);
        return Prop.ForAll(cases.ToArbitrary(), c =>
        {
            using var scope = NewDisposeScope();
            using var decoder = new RandomDecoder(c.family, (ulong)c.seed);
            int n = c.first + c.visual + c.last;
            var layout = PromptLayout.Span(c.first, c.first + c.visual, n);
            var survivors = Survivors(decoder, layout, c.keeps);
            var forced = survivors.Select(s => (IReadOnlyList<int[]>)[s]).ToArray();
            var embeds = decoder.Embeddings(n);
            using var masked = decoder.Model.Prefill(embeds, [layout], new ForcedPruner(forced), PruneMode.Mask);
            using var removed = decoder.Model.Prefill(embeds, [layout], new ForcedPruner(forced), PruneMode.Remove);
            Assert.That(removed.Alive[^1], Is.EqualTo(masked.Alive[^1]));
            Assert.That(TensorValues.Difference(masked.Logits, removed.Logits), Is.LessThan(1e-5));
            for (int step = 0; step < 3; step++)
            {
                var token = tensor((long[])[step + 1]);
                Assert.That(
                    TensorValues.Difference(
                        decoder.Model.Decode(token, masked.Cache), decoder.Model.Decode(token, removed.Cache)),
                    Is.LessThan(1e-5), $"decoding step {step}");
            }
        });
    }

    [TestCase(PruneMode.Remove)]
    [TestCase(PruneMode.Mask)]
    public void ABatchThatKeepsUnequallyEqualsEachAlone(PruneMode mode)
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2());
        PromptLayout[] layouts =
            [PromptLayout.Span(2, 9, 12), PromptLayout.Span(3, 5, 7), PromptLayout.Span(1, 16, 18), PromptLayout.AllText(4)];
        int[][] keeps = [[50, 40, 10, 0], [99, 60, 60, 60], [30, 30, 5, 0], [0, 0, 0, 0]];
        var survivors = layouts.Select((layout, b) => Survivors(decoder, layout, keeps[b])).ToArray();
        var embeds = layouts.Select(l => decoder.Embeddings(l.Length)).ToArray();
        var together = Enumerable.Range(0, 4).Select(l => (IReadOnlyList<int[]>)[.. survivors.Select(s => s[l])]).ToArray();
        using var batch = decoder.Model.Prefill(LanguageModel.PadLeft(embeds), layouts, new ForcedPruner(together), mode);
        var next = decoder.Model.Decode(tensor((long[])[1, 2, 3, 4]), batch.Cache);
        for (int b = 0; b < layouts.Length; b++)
        {
            var alone = survivors[b].Select(s => (IReadOnlyList<int[]>)[s]).ToArray();
            using var single = decoder.Model.Prefill(embeds[b], [layouts[b]], new ForcedPruner(alone), mode);
            Assert.That(TensorValues.Difference(batch.Logits.narrow(0, b, 1), single.Logits), Is.LessThan(1e-5));
            Assert.That(
                TensorValues.Difference(next.narrow(0, b, 1), decoder.Model.Decode(tensor((long[])[b + 1]), single.Cache)),
                Is.LessThan(1e-5));
            Assert.That(batch.TokensPerLayer[b], Is.EqualTo(single.TokensPerLayer[0]));
            Assert.That(batch.Alive.Select(a => a[b]), Is.EqualTo(single.Alive.Select(a => a[0])));
            Assert.That(
                Enumerable.Range(0, 4).Select(l => batch.Cache.Count(l, b)),
                Is.EqualTo(Enumerable.Range(0, 4).Select(l => single.Cache.Count(l, 0))));
        }
    }

    [Test]
    public void APrunerIsHeldToItsCounts()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2(2));
        var layout = PromptLayout.Span(1, 5, 7);
        var embeds = decoder.Embeddings(7);
        Assert.That(
            () => decoder.Model.Prefill(embeds, [layout], new Liar(3, [0, 1])),
            Throws.InvalidOperationException.With.Message.Contains("announced 3"));
        Assert.That(() => decoder.Model.Prefill(embeds, [layout], new Liar(3, [0, 1, 1])), Throws.InvalidOperationException);
        Assert.That(
            () => decoder.Model.Prefill(embeds, [layout], new Liar(5, [0])),
            Throws.InvalidOperationException.With.Message.Contains("4 are left"));
    }

    [Test]
    public void LayoutsMustFitTheEmbeddings()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2(2));
        Assert.That(() => decoder.Model.Prefill(decoder.Embeddings(7), [PromptLayout.AllText(6)]), Throws.ArgumentException);
        Assert.That(
            () => decoder.Model.Prefill(decoder.Embeddings(7), [PromptLayout.AllText(7), PromptLayout.AllText(7)]),
            Throws.ArgumentException);
    }

    [Test]
    public void SamplesMayRunSideBySide()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2());
        var layout = PromptLayout.Span(2, 40, 45);
        float[][] embeds = [.. Enumerable.Range(0, 16).Select(_ => decoder.Values(45 * decoder.Config.HiddenSize, 1))];
        float[] Answer(int i)
        {
            using var inner = NewDisposeScope();
            var survivors = Enumerable.Range(0, 4)
                .Select(l => (IReadOnlyList<int[]>)[[.. Enumerable.Range(2 + i, 20 - 5 * l)]]).ToArray();
            using var prefill = decoder.Model.Prefill(
                tensor(embeds[i], [1, 45, decoder.Config.HiddenSize]), [layout], new ForcedPruner(survivors));
            return decoder.Model.Decode(tensor((long[])[i]), prefill.Cache).Values();
        }

        var alone = Enumerable.Range(0, 16).Select(Answer).ToArray();
        var together = new float[16][];
        Parallel.For(0, 16, i => together[i] = Answer(i));
        Assert.That(together, Is.EqualTo(alone), "to the last bit");
    }

    [Test]
    public void RecordingShowsEveryLayersInput()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2());
        var embeds = decoder.Embeddings(6);
        using var prefill = decoder.Model.Prefill(
            embeds, [PromptLayout.AllText(6)], record: PrefillRecording.Hidden | PrefillRecording.Importance);
        Assert.That(prefill.Hidden, Has.Count.EqualTo(5));
        Assert.That(TensorValues.Difference(prefill.Hidden![0], embeds), Is.Zero);
        Assert.That(TensorValues.Difference(prefill.Hidden[^1], decoder.Model.Forward(embeds)), Is.LessThan(1e-5));
        // Page Rank mass: the root mean square over heads of distributions cannot exceed 1, and a causal chain keeps all of its
        // mass.
        Assert.That(prefill.Importance, Has.Count.EqualTo(4));
        Assert.That(prefill.Importance!.Select(layer => layer[0].Sum()), Is.All.InRange(0.99, 2.0));
    }

    // Nested visual survivors after each layer, drawn by the decoder's own generator; keeps are percentages of the prompt's
    // visual tokens.
    private static int[][] Survivors(RandomDecoder decoder, PromptLayout layout, int[] keeps)
    {
        int[] alive = [.. layout.VisualSlots];
        return [.. keeps.Select(keep =>
        {
            float[] order = decoder.Values(alive.Length, 1);
            int count = Math.Min(alive.Length, layout.Visual * keep / 99);
            alive = [.. alive.Zip(order).OrderBy(a => a.Second).Take(count).Select(a => a.First).Order()];
            return alive;
        })];
    }

    private sealed class Liar(int announced, int[] chosen) : ITokenPruner
    {
        public int Kept(int layer, int visual, int text) => announced;

        public int[][] Select(LayerContext context, int[] keep) => [chosen];
    }
}
