namespace Aim.Models.Tests;

public class OptionScoresTests
{
    private static readonly int[][][] s_options = [[[3], [4, 5, 6], [3, 9]], [[1, 2, 3, 4, 5]], []];

    // One whole sequence at a time through the forward without a cache.
    [Test]
    public void SumsAreThoseOfTeacherForcing([Values] bool tied)
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2() with { TieWordEmbeddings = tied }, seed: 9);
        int[] lengths = [4, 7, 5];
        var embeds = lengths.Select(decoder.Embeddings).ToArray();
        using var prefill = decoder.Model.Prefill(LanguageModel.PadLeft(embeds), [.. lengths.Select(PromptLayout.AllText)]);
        double[][] scores = OptionScores.LogProbabilities(decoder.Model, prefill, s_options);
        Assert.That(scores.Select(s => s.Length), Is.EqualTo(s_options.Select(o => o.Length)));
        for (int b = 0; b < lengths.Length; b++)
        {
            for (int o = 0; o < s_options[b].Length; o++)
            {
                int[] ids = s_options[b][o];
                var all = cat([embeds[b], decoder.Model.Embed(tensor(Array.ConvertAll(ids, i => (long)i)).unsqueeze(0))], 1);
                var logs = decoder.Model.Logits(decoder.Model.Forward(all)).log_softmax(-1).squeeze(0);
                double expected = ids.Select((id, i) => (double)logs.select(0, lengths[b] - 1 + i).Values()[id]).Sum();
                Assert.That(scores[b][o], Is.EqualTo(expected).Within(1e-4), $"prompt {b}, option {o}");
            }
        }
    }

    // Many options of a long prompt go on in place, a single one on a copy: the sums are the same, and nothing is left behind.
    [Test]
    public void ManyOptionsOfLongPromptsAreNotCopied()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Llama(), seed: 6);
        int[][] options = [.. Enumerable.Range(0, 24).Select(i => (int[])[i % 4, i % 2, i]), [4], [3, 1], [3, 2]];
        int[][][] asked = [options, options[..7], []];
        Tensor[] embeds = [decoder.Embeddings(640), decoder.Embeddings(600), decoder.Embeddings(620)];
        using var prefill = decoder.Model.Prefill(
            LanguageModel.PadLeft(embeds), [.. embeds.Select(e => PromptLayout.AllText((int)e.shape[1]))]);
        double[][] scores = [];
        if (MemoryMeter.PeakOf(() => scores = OptionScores.LogProbabilities(decoder.Model, prefill, asked)) is { } bytes)
            Assert.That(bytes, Is.LessThan(2 * prefill.Cache.Bytes), "room for one more token at most, layer by layer");
        for (int b = 0; b < asked.Length; b++)
        {
            for (int o = 0; o < asked[b].Length; o++)
            {
                int[][][] alone = [.. asked.Select((_, i) => i == b ? (int[][])[asked[b][o]] : [])];
                Assert.That(scores[b][o], Is.EqualTo(OptionScores.LogProbabilities(decoder.Model, prefill, alone)[b][0])
                    .Within(1e-4),
                    $"prompt {b}, option {o}");
            }
        }
    }

    // Layers keep different tokens, samples different numbers of them: each option decodes as if it were alone.
    [TestCase(PruneMode.Remove)]
    [TestCase(PruneMode.Mask)]
    public void PrunedPrefillsAreReadAsTheyAreAndLeftSo(PruneMode mode)
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Llama(), seed: 4);
        int[][] options = [[3, 1, 2], [7], [9, 9]];
        using var both = Pruned(decoder, mode);
        double[][] scores = OptionScores.LogProbabilities(decoder.Model, both, [options, options]);
        using var untouched = Pruned(decoder, mode);
        Assert.That(Generation.Greedy(decoder.Model, both, [], 6),
            Is.EqualTo(Generation.Greedy(decoder.Model, untouched, [], 6)));
        for (int b = 0; b < 2; b++)
        {
            for (int o = 0; o < options.Length; o++)
            {
                using var prefill = Pruned(decoder, mode);
                var logits = prefill.Logits;
                double expected = 0;
                foreach (int id in options[o])
                {
                    expected += logits.select(0, b).log_softmax(-1).Values()[id];
                    logits = decoder.Model.Decode(tensor((long[])[id, id]), prefill.Cache);
                }

                Assert.That(scores[b][o], Is.EqualTo(expected).Within(1e-5), $"prompt {b}, option {o}");
            }
        }
    }

    private static PrefillResult Pruned(RandomDecoder decoder, PruneMode mode)
    {
        using var again = new RandomDecoder(decoder.Config, seed: 21);
        var embeds = LanguageModel.PadLeft([again.Embeddings(9), again.Embeddings(7)]);
        PromptLayout[] layouts = [PromptLayout.Span(2, 7, 9), PromptLayout.Span(1, 5, 7)];
        var pruner = new ForcedPruner([[[2, 4, 5], [1, 3]], [[2, 4, 5], [1, 3]], [[4], []], [[4], []]]);
        return decoder.Model.Prefill(embeds, layouts, pruner, mode);
    }

    // Probabilities of all one-token options add up to one.
    [Test]
    public void ProbabilitiesOfAllTokensAddUpToOne()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2Vl(), seed: 2);
        using var prefill = decoder.Model.Prefill(decoder.Embeddings(5), [PromptLayout.AllText(5)]);
        int[][] all = [.. Enumerable.Range(0, decoder.Config.VocabSize).Select(i => (int[])[4, i])];
        double first = OptionScores.LogProbabilities(decoder.Model, prefill, [[[4]]])[0][0];
        double[] scores = OptionScores.LogProbabilities(decoder.Model, prefill, [all])[0];
        Assert.That(scores.Sum(s => Math.Exp(s - first)), Is.EqualTo(1).Within(1e-5));
    }

    [Test]
    public void WhatDoesNotFitIsRefused()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2());
        using var prefill = decoder.Model.Prefill(decoder.Embeddings(3), [PromptLayout.AllText(3)]);
        Assert.That(() => OptionScores.LogProbabilities(decoder.Model, prefill, []), Throws.ArgumentException);
        Assert.That(() => OptionScores.LogProbabilities(decoder.Model, prefill, [[[]]]),
            Throws.ArgumentException.With.Message.Contains("at least one token"));
        Assert.That(() => OptionScores.LogProbabilities(decoder.Model, prefill, [[[31]]]),
            Throws.ArgumentException.With.Message.Contains("vocabulary of 31"));
    }
}
