using Aim.Models;
using Aim.Models.Tests;

namespace Aim.Reduction.Tests.Inside;

public class DyCokeDecodingTests
{
    private static readonly PromptLayout[] s_layouts = [PromptLayout.Span(2, 30, 36), PromptLayout.Span(1, 12, 15)];

    [Test]
    public void WhatIsAskedIsTheNewestTokensAttentionInTheLayerBefore()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2(), 3);
        var embeds = s_layouts.Select(l => decoder.Embeddings(l.Length)).ToArray();
        using var prefill = decoder.Model.Prefill(LanguageModel.PadLeft(embeds), s_layouts);
        var asked = new Fixed(2, null);
        decoder.Model.Decode(tensor((long[])[7, 8]), prefill.Cache, asked);
        for (int b = 0; b < 2; b++)
        {
            // The same as the last token of a prompt that is one longer pays in layer 1.
            var longer = cat([embeds[b], decoder.Model.Embed(tensor((long[])[7 + b])).unsqueeze(0)], 1);
            var layout = new PromptLayout([.. s_layouts[b].IsVisual, false]);
            var looker = new Looker();
            decoder.Model.Prefill(longer, [layout], looker).Dispose();
            Assert.That(asked.Attention[b], Is.EqualTo(looker.Attention).Within(1e-6f));
        }
    }

    [Test]
    public void HidingDependsOnTheSampleNotOnItsBatch()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2(), 3);
        var embeds = s_layouts.Select(l => decoder.Embeddings(l.Length)).ToArray();
        Tensor[] Steps(Tensor prompt, PromptLayout[] layouts, long[][] ids, Func<IDecodePruner?> make)
        {
            using var prefill = decoder.Model.Prefill(prompt, layouts);
            var pruner = make();
            return [.. ids.Select(step => decoder.Model.Decode(tensor(step), prefill.Cache, pruner))];
        }

        long[][] ids = [[1, 2], [3, 4], [5, 6]];
        var together = Steps(LanguageModel.PadLeft(embeds), s_layouts, ids, () => new DyCokeDecoding(2));
        var seen = Steps(LanguageModel.PadLeft(embeds), s_layouts, ids, () => new DyCokeDecoding(2, p: 0));
        var plain = Steps(LanguageModel.PadLeft(embeds), s_layouts, ids, () => null);
        Assert.That(TensorValues.Difference(seen[2], plain[2]), Is.LessThan(1e-6), "nothing is hidden with p = 0");
        Assert.That(TensorValues.Difference(together[0], plain[0]), Is.GreaterThan(1e-4), "something is with 0.7");
        for (int b = 0; b < 2; b++)
        {
            var alone = Steps(embeds[b], [s_layouts[b]], [.. ids.Select(i => (long[])[i[b]])], () => new DyCokeDecoding(2));
            for (int step = 0; step < 3; step++)
                Assert.That(TensorValues.Difference(together[step].narrow(0, b, 1), alone[step]), Is.LessThan(1e-5));
        }
    }

    [Test]
    public void TokensAreHiddenOrPrunedNotBoth()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2(), 3);
        using var prefill = decoder.Model.Prefill(decoder.Embeddings(36), [s_layouts[0]], new FastVPruner(2, _ => 5));
        Assert.That(
            () => decoder.Model.Decode(tensor((long[])[1]), prefill.Cache, new DyCokeDecoding(2)),
            Throws.ArgumentException.With.Message.Contains("not both"));
        Assert.That(
            () => decoder.Model.Decode(tensor((long[])[1]), prefill.Cache, new DyCokeDecoding(4)),
            Throws.ArgumentException.With.Message.Contains("1 to 3"));
    }

    private sealed class Fixed(int layer, int[]? visible) : IDecodePruner
    {
        public float[][] Attention { get; private set; } = [];

        public int Layer => layer;

        public int[]?[] Visible(float[][] attention)
        {
            Attention = attention;
            return [.. attention.Select(_ => visible)];
        }
    }

    private sealed class Looker : ITokenPruner
    {
        public float[] Attention { get; private set; } = [];

        public int Kept(int layer, int visual, int text) => layer < 1 ? visual : visual - 1;

        public int[][] Select(LayerContext context, int[] keep)
        {
            if (context.Layer == 1)
                Attention = context.LastTokenAttention()[0];
            return [.. keep.Select(k => Enumerable.Range(0, k).ToArray())];
        }
    }
}
