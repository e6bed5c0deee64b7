namespace Aim.Models.Tests;

public class GenerationTests
{
    [Test]
    public void TakesTheMostProbableTokenUntilAnEndOrTheLimit()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2(), seed: 5);
        int[] lengths = [3, 6, 5];
        var embeds = lengths.Select(decoder.Embeddings).ToArray();
        var layouts = lengths.Select(PromptLayout.AllText).ToArray();
        int[][] free = [.. embeds.Select((e, b) => StepByStep(decoder, e, layouts[b], 8))];
        Assert.That(Greedy(decoder, embeds, layouts, [], 8), Is.EqualTo(free));
        Assert.That(Greedy(decoder, embeds, layouts, [], 3), Is.EqualTo(free.Select(f => f[..3])));
        Assert.That(Greedy(decoder, embeds, layouts, [], 0), Is.EqualTo(free.Select(f => f[..0])));

        // Several end ids; each answer stops before the first of them, whatever the others do.
        int[] ends = [free[0][0], free[1][2]];
        Assert.That(Greedy(decoder, embeds, layouts, ends, 8), Is.EqualTo(free.Select(f => f.TakeWhile(id => !ends.Contains(id)))));
    }

    private static int[][] Greedy(RandomDecoder decoder, Tensor[] embeds, PromptLayout[] layouts, int[] ends, int limit)
    {
        using var prefill = decoder.Model.Prefill(LanguageModel.PadLeft(embeds), layouts);
        return Generation.Greedy(decoder.Model, prefill, ends, limit);
    }

    private static int[] StepByStep(RandomDecoder decoder, Tensor embeds, PromptLayout layout, int count)
    {
        var ids = new List<int>();
        while (ids.Count < count)
        {
            var all = ids.Count == 0 ? embeds : cat([embeds, decoder.Model.Embed(tensor(ids.Select(i => (long)i).ToArray()).unsqueeze(0))], 1);
            float[] last = decoder.Model.Logits(decoder.Model.Forward(all)).select(1, layout.Length + ids.Count - 1).Values();
            ids.Add(Array.IndexOf(last, last.Max()));
        }

        return [.. ids];
    }
}
