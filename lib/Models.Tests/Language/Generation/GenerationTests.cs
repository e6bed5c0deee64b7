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
        Assert.That(
            Greedy(decoder, embeds, layouts, ends, 8), Is.EqualTo(free.Select(f => f.TakeWhile(id => !ends.Contains(id)))));
    }

    [Test]
    public void RowsEndOnTheirOwnAndGoOnWithPadding()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2(), seed: 5);
        int[] lengths = [3, 6, 5];
        var embeds = lengths.Select(decoder.Embeddings).ToArray();
        var layouts = lengths.Select(PromptLayout.AllText).ToArray();
        int[][] free = Greedy(decoder, embeds, layouts, [], 8);

        // The second row ends with its third token at the latest; the others there, too, or at a limit.
        using var prefill = decoder.Model.Prefill(LanguageModel.PadLeft(embeds), layouts);
        const int Most = 5, Context = 9, Pad = 30;
        int end = free[1][2];
        int[][] expected =
        [
            .. free.Select((ids, b) =>
            {
                int[] row = ids[..Math.Min(Most, Context - lengths[b])];
                int at = Array.IndexOf(row, end);
                return at < 0 ? row : row[..(at + 1)];
            }),
        ];
        int steps = expected.Max(e => e.Length);
        var settings = new GenerationSettings { MaxNewTokens = Most, EndIds = [end], PadId = Pad, ContextLimit = Context };
        var told = new List<GeneratedToken>();
        var result = Generation.Run(decoder.Model, prefill, settings, onToken: told.Add);
        FinishReason Of(int[] row) => row[^1] == end ? FinishReason.End : FinishReason.Length;
        Assert.That(result.Finish, Is.EqualTo(expected.Select(Of)));
        Assert.That(result.Finish, Does.Contain(FinishReason.End).And.Contain(FinishReason.Length), "the example is a good one");
        Assert.That(expected.Select(e => e.Length).Distinct().Count(), Is.GreaterThan(1), "the example is a good one");
        Assert.That(result.Answers, Is.EqualTo(expected.Select(row => row.TakeWhile(id => id != end))));
        Assert.That(result.Sequences, Is.EqualTo(expected.Select(row => row.Concat(Enumerable.Repeat(Pad, steps - row.Length)))));
        for (int b = 0; b < expected.Length; b++)
        {
            int[] row = expected[b];
            int own = b;
            Assert.That(told.Where(t => t.Row == own), Is.EqualTo(row.Select((id, i) =>
                new GeneratedToken(own, i, id, i == row.Length - 1 ? Of(row) : FinishReason.None))));
        }
    }

    [Test]
    public void TokensAreComputedWhenTheyAreAskedFor()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Llama(), seed: 3);
        var embeds = decoder.Embeddings(4);
        int[] whole = Greedy(decoder, [embeds], [PromptLayout.AllText(4)], [], 6)[0];
        using var prefill = decoder.Model.Prefill(embeds, [PromptLayout.AllText(4)]);
        using var cancel = new CancellationTokenSource();
        var stream = Generation.Stream(decoder.Model, prefill, new() { MaxNewTokens = 6 }, cancel: cancel.Token);
        using var tokens = stream.GetEnumerator();
        for (int i = 0; i < 3; i++)
        {
            Assert.That(prefill.Cache.Length(0), Is.EqualTo(4 + Math.Max(i - 1, 0)));

            // Scopes that the reader opens and closes between tokens are its own.
            using var own = NewDisposeScope();
            Assert.That(tokens.MoveNext(), Is.True);
            Assert.That(tokens.Current, Is.EqualTo(new GeneratedToken(0, i, whole[i], FinishReason.None)));
        }

        cancel.Cancel();
        Assert.That(tokens.MoveNext, Throws.InstanceOf<OperationCanceledException>());
        using var second = decoder.Model.Prefill(embeds, [PromptLayout.AllText(4)]);
        Assert.That(
            () => Generation.Run(decoder.Model, second, new() { MaxNewTokens = 6 }, cancel: cancel.Token),
            Throws.InstanceOf<OperationCanceledException>());
    }

    // Whatever the other rows are, how they were pruned and when they end.
    [Test]
    public void ASampledRowIsTheSameInAnyBatch([Values] bool pruned)
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2(), seed: 8);
        int[] lengths = [9, 7, 8];
        var embeds = lengths.Select(decoder.Embeddings).ToArray();
        PromptLayout[] layouts = [.. lengths.Select(n => PromptLayout.Span(1, 6, n))];
        int[][][] kept = [[[1, 2, 4, 5], [2, 4], [3]], [[1, 2, 4, 5], [2, 4], [3]], [[5], [4], []], [[5], [4], []]];
        var settings = new GenerationSettings
        {
            MaxNewTokens = 12,
            EndIds = [7, 13],
            RepetitionPenalty = 1.2,
            Sampling = new() { Temperature = 1.5, TopK = 20, TopP = 0.95 },
        };
        int[][] prompts = [[1, 2], [3, 99], [4]];
        ulong[] seeds = [11, 12, 13];
        int[][] Run(params int[] rows)
        {
            var pruner = pruned ? new ForcedPruner([.. kept.Select(layer => rows.Select(r => layer[r]).ToArray())]) : null;
            using var prefill = decoder.Model.Prefill(
                LanguageModel.PadLeft([.. rows.Select(r => embeds[r])]), [.. rows.Select(r => layouts[r])], pruner);
            return Generation.Run(decoder.Model, prefill, settings, new()
            {
                Prompts = [.. rows.Select(r => prompts[r])],
                Seeds = [.. rows.Select(r => seeds[r])],
            }).Answers;
        }

        int[][] together = Run(0, 1, 2);
        Assert.That(Run(0, 1, 2), Is.EqualTo(together), "same seeds, same answers");
        for (int row = 0; row < 3; row++)
            Assert.That(Run(row)[0], Is.EqualTo(together[row]), $"row {row}");
        seeds = [21, 22, 23];
        Assert.That(Run(0, 1, 2), Is.Not.EqualTo(together));
    }

    // Over seeds, first tokens come as often as their probabilities say.
    [Test]
    public void FirstTokensFollowTheLogits()
    {
        const int Draws = 4000;
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2(1), seed: 8);
        using var prefill = decoder.Model.Prefill(decoder.Embeddings(3), [PromptLayout.AllText(3)]);
        var sampling = new Sampling { TopK = 6 };
        float[] probabilities = sampling.Probabilities(prefill.Logits.Values());
        var counts = new int[probabilities.Length];
        for (int i = 0; i < Draws; i++)
        {
            var settings = new GenerationSettings { MaxNewTokens = 1, Sampling = sampling with { Seed = (ulong)i } };
            counts[Generation.Run(decoder.Model, prefill, settings).Answers[0][0]]++;
        }

        // Five standard deviations.
        for (int id = 0; id < counts.Length; id++)
        {
            double p = probabilities[id];
            Assert.That(counts[id], Is.EqualTo(Draws * p).Within((5 * Math.Sqrt(Draws * p * (1 - p))) + 1e-9), $"token {id}");
        }
    }

    // Logits are penalised by hand, the sequence run anew for every token.
    [Test]
    public void ThePenaltyIsUpstreams()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Llama(), seed: 6);
        var embeds = decoder.Embeddings(4);
        int[] prompt = [5, 17, 28, 1000];
        const float Penalty = 1.7f;
        var seen = prompt.ToHashSet();
        var expected = new List<int>();
        while (expected.Count < 8)
        {
            var all = expected.Count == 0 ? embeds
                : cat([embeds, decoder.Model.Embed(tensor(expected.Select(i => (long)i).ToArray()).unsqueeze(0))], 1);
            float[] logits = decoder.Model.Logits(decoder.Model.Forward(all)).select(1, 3 + expected.Count).Values();
            float[] penalised = [.. logits.Select((l, i) => !seen.Contains(i) ? l : l < 0 ? l * Penalty : l / Penalty)];
            expected.Add(Array.IndexOf(penalised, penalised.Max()));
            seen.Add(expected[^1]);
        }

        using var prefill = decoder.Model.Prefill(embeds, [PromptLayout.AllText(4)]);
        var settings = new GenerationSettings { MaxNewTokens = 8, RepetitionPenalty = Penalty };
        var result = Generation.Run(decoder.Model, prefill, settings, new() { Prompts = [prompt] });
        Assert.That(result.Answers[0], Is.EqualTo(expected));
        Assert.That(expected, Is.Not.EqualTo(StepByStep(decoder, embeds, PromptLayout.AllText(4), 8)), "it changes something");
        Assert.That(
            () => Generation.Run(decoder.Model, prefill, settings),
            Throws.ArgumentException.With.Message.Contains("ids of all 1 prompts"));
        Assert.That(
            () => Generation.Run(decoder.Model, prefill, new() { MaxNewTokens = 1 }, new() { Seeds = [1, 2] }),
            Throws.ArgumentException.With.Message.Contains("2 seeds are given for 1 prompts"));
    }

    [Test]
    public void TextComesInWholeCharacters()
    {
        string path = Path.Combine(Fixture.PathOf("models", "tiny-llava-onevision"), "tokenizer.json");
        var tokenizer = BpeTokenizer.Load(path);
        int[] ids = tokenizer.Encode("Où est-il ? 你好 🐈!"), other = tokenizer.Encode("no");
        IEnumerable<GeneratedToken> tokens =
        [
            .. ids.SelectMany(
                (id, i) => (GeneratedToken[])[new(0, i, id, FinishReason.None), new(1, i, other[0], FinishReason.None)]),
            new(0, ids.Length, other[0], FinishReason.End),
        ];
        string[] pieces = [.. Generation.Text(tokens, tokenizer)];
        Assert.That(string.Concat(pieces), Is.EqualTo("Où est-il ? 你好 🐈!"));
        Assert.That(pieces, Has.None.Contain("\uFFFD").And.None.Empty);

        // An answer cut within a character says so.
        int bytes = ids.Length - tokenizer.Encode("!").Length - 1;
        var cut = tokens.Where(t => t.Row == 0).Take(bytes);
        Assert.That(string.Concat(Generation.Text(cut, tokenizer)), Is.EqualTo(tokenizer.Decode(ids[..bytes])));
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
            var all = ids.Count == 0
                ? embeds
                : cat([embeds, decoder.Model.Embed(tensor(ids.Select(i => (long)i).ToArray()).unsqueeze(0))], 1);
            float[] last = decoder.Model.Logits(decoder.Model.Forward(all)).select(1, layout.Length + ids.Count - 1).Values();
            ids.Add(Array.IndexOf(last, last.Max()));
        }

        return [.. ids];
    }
}
