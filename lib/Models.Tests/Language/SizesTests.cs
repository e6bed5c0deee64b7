using FsCheck;
using FsCheck.Fluent;

namespace Aim.Models.Tests;

/// <summary>Proportional attention: tokens that count as several.</summary>
public class SizesTests
{
    /// <summary>
    /// In a decoder of one layer a token of size s is s tokens at one position: whoever comes after attends to it alike, in
    /// prefill and in decoding.
    /// </summary>
    [Test]
    public void ASizeIsSoManyTokensAtOnePosition([Values(2, 3, 7)] int size)
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2(1));
        var embeds = decoder.Embeddings(5);
        var repeated = cat(
            [embeds.narrow(1, 0, 2), .. Enumerable.Repeat(embeds.narrow(1, 2, 1), size), embeds.narrow(1, 3, 2)], 1);
        long[] positions = [0, 1, .. Enumerable.Repeat(2L, size), 3, 4];
        var layout = PromptLayout.Span(1, 3, 5) with { Sizes = [1, 1, size, 1, 1] };
        using var sized = decoder.Model.Prefill(embeds, [layout]);
        using var several = decoder.Model.Prefill(
            repeated, [PromptLayout.Span(1, 2 + size, 4 + size)], positions: tensor(positions));
        Assert.That(TensorValues.Difference(sized.Logits, several.Logits), Is.LessThan(1e-5));
        for (int step = 0; step < 20; step++)
        {
            var token = tensor((long[])[step]);
            Assert.That(
                TensorValues.Difference(decoder.Model.Decode(token, sized.Cache), decoder.Model.Decode(token, several.Cache)),
                Is.LessThan(1e-5), $"decoding step {step}");
        }
    }

    /// <summary>Sizes stay with their tokens when others leave, alone or in a batch, removed or hidden.</summary>
    [FsCheck.NUnit.Property(MaxTest = 40)]
    public Property SizesGoWithTheirTokens() => Prop.ForAll(
        Gen.Choose(1, 1_000_000).ToArbitrary(), Gen.ArrayOf(Gen.Choose(1, 9), 16).ToArbitrary(), (seed, sizes) =>
        {
            using var scope = NewDisposeScope();
            using var decoder = new RandomDecoder(RandomDecoder.Qwen2(), (ulong)seed);
            PromptLayout[] layouts =
            [
                PromptLayout.Span(2, 9, 12) with { Sizes = sizes[..12] }, PromptLayout.Span(1, 14, 16) with { Sizes = sizes },
                PromptLayout.Span(1, 5, 7),
            ];
            var random = new Random(seed);
            var survivors = layouts.Select(layout =>
            {
                int[] alive = [.. layout.VisualSlots];
                return Enumerable.Range(0, 4).Select(_ => alive = [.. alive.Where(_ => random.Next(3) > 0)]).ToArray();
            }).ToArray();
            var embeds = layouts.Select(l => decoder.Embeddings(l.Length)).ToArray();
            var together = Enumerable.Range(0, 4).Select(l => (IReadOnlyList<int[]>)[.. survivors.Select(s => s[l])]).ToArray();
            using var batch = decoder.Model.Prefill(LanguageModel.PadLeft(embeds), layouts, new ForcedPruner(together));
            var next = decoder.Model.Decode(tensor((long[])[1, 2, 3]), batch.Cache);
            for (int b = 0; b < layouts.Length; b++)
            {
                var alone = survivors[b].Select(s => (IReadOnlyList<int[]>)[s]).ToArray();
                foreach (var mode in Enum.GetValues<PruneMode>())
                {
                    using var single = decoder.Model.Prefill(embeds[b], [layouts[b]], new ForcedPruner(alone), mode);
                    Assert.That(
                        TensorValues.Difference(batch.Logits.narrow(0, b, 1), single.Logits), Is.LessThan(1e-5), $"{b} {mode}");
                    Assert.That(
                        TensorValues.Difference(
                            next.narrow(0, b, 1), decoder.Model.Decode(tensor((long[])[b + 1]), single.Cache)),
                        Is.LessThan(1e-5), $"decoding {b} {mode}");
                }
            }
        });

    [Test]
    public void OnesChangeNothing()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2());
        var embeds = decoder.Embeddings(6);
        var layout = PromptLayout.Span(1, 4, 6);
        using var plain = decoder.Model.Prefill(embeds, [layout]);
        using var ones = decoder.Model.Prefill(embeds, [layout with { Sizes = [1, 1, 1, 1, 1, 1] }]);
        Assert.That(ones.Logits.Values(), Is.EqualTo(plain.Logits.Values()));
    }

    [Test]
    public void SizesMustFit()
    {
        Assert.That(
            () => PromptLayout.AllText(3) with { Sizes = [1, 1] }, Throws.ArgumentException.With.Message.Contains("3 tokens"));
        Assert.That(() => PromptLayout.AllText(2) with { Sizes = [1, 0] }, Throws.ArgumentException);
    }
}
