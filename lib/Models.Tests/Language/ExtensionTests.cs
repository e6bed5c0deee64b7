namespace Aim.Models.Tests;

/// <summary>Going on from a cache, against one prefill of the whole.</summary>
public class ExtensionTests
{
    private const int First = 9, Rest = 5;

    private static IEnumerable<TextConfig> Families => RandomDecoder.Families;

    [TestCaseSource(nameof(Families))]
    public void What_follows_a_cached_beginning_is_computed_as_in_one_prefill(TextConfig config)
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(config);
        var model = decoder.Model;
        var embeds = decoder.Embeddings(First + Rest);
        var (whole, beginning, end) = (PromptLayout.Span(2, 12, First + Rest), PromptLayout.Span(2, First, First),
            PromptLayout.Span(0, 3, Rest));
        using var expected = model.Prefill(embeds, [whole]);
        using var prefix = model.Prefill(embeds.narrow(1, 0, First), [beginning]);
        var mark = prefix.Cache.Mark();
        long bytes = prefix.Cache.Bytes;
        var logits = model.Extend(embeds.narrow(1, First, Rest), [end], prefix.Cache);
        Close(logits, expected.Logits);
        Assert.That(prefix.Cache.NextPosition, Is.EqualTo(expected.Cache.NextPosition));
        Assert.That(prefix.Cache.Length(1), Is.EqualTo(First + Rest));
        Assert.That(prefix.Cache.Bytes, Is.EqualTo(expected.Cache.Bytes));
        Assert.That(prefix.Cache.Visual(1), Is.EqualTo(expected.Cache.Visual(1)));
        var token = tensor(new long[] { 3 });
        Close(model.Decode(token, prefix.Cache), model.Decode(token, expected.Cache));

        prefix.Cache.Rewind(mark);
        Assert.That(prefix.Cache.Bytes, Is.EqualTo(bytes));
        var again = model.Extend(embeds.narrow(1, First, Rest), [end], prefix.Cache);
        Assert.That(again.data<float>().ToArray(), Is.EqualTo(logits.data<float>().ToArray()), "the same beginning serves again");
    }

    [Test]
    public void Positions_in_a_grid_go_on_from_the_beginning()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2Vl());
        var embeds = decoder.Embeddings(First + Rest);
        int[][] positions = [[0, 1, 2, 2, 2, 2, 4, 5, 6, 7, 7, 7, 7, 9], [0, 1, 2, 2, 3, 3, 4, 5, 6, 7, 7, 8, 8, 9],
            [0, 1, 2, 3, 2, 3, 4, 5, 6, 7, 8, 7, 8, 9]];
        PromptLayout Layout(int from, int count) => PromptLayout.AllText(count) with
        {
            Positions = [.. positions.Select(axis => axis[from..(from + count)].Select(p => p - (from == 0 ? 0 : 7)).ToArray())],
        };
        using var expected = decoder.Model.Prefill(embeds, [Layout(0, First + Rest)]);
        using var prefix = decoder.Model.Prefill(embeds.narrow(1, 0, First), [Layout(0, First)]);
        Close(decoder.Model.Extend(embeds.narrow(1, First, Rest), [Layout(First, Rest)], prefix.Cache), expected.Logits);
        Assert.That(prefix.Cache.NextPosition, Is.EqualTo(expected.Cache.NextPosition));
    }

    [Test]
    public void Samples_of_unequal_length_go_on_side_by_side()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2());
        Tensor[] firsts = [decoder.Embeddings(First)[0], decoder.Embeddings(First - 4)[0]],
            rests = [decoder.Embeddings(Rest)[0], decoder.Embeddings(Rest)[0]];
        PromptLayout[] layouts = [.. firsts.Select(f => PromptLayout.AllText((int)f.shape[0]))];
        using var prefix = decoder.Model.Prefill(LanguageModel.PadLeft(firsts), layouts);
        var logits = decoder.Model.Extend(stack(rests, 0), [PromptLayout.AllText(Rest), PromptLayout.AllText(Rest)],
            prefix.Cache);
        for (int i = 0; i < 2; i++)
        {
            var whole = cat([firsts[i], rests[i]], 0).unsqueeze(0);
            using var expected = decoder.Model.Prefill(whole, [PromptLayout.AllText((int)whole.shape[1])]);
            Close(logits.narrow(0, i, 1), expected.Logits);
        }
    }

    [Test]
    public void Misfits_are_refused()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2());
        using var prefix = decoder.Model.Prefill(decoder.Embeddings(First), [PromptLayout.AllText(First)]);
        using var shorter = decoder.Model.Prefill(decoder.Embeddings(3), [PromptLayout.AllText(3)]);
        Assert.That(() => decoder.Model.Extend(decoder.Embeddings(2), [PromptLayout.AllText(3)], prefix.Cache),
            Throws.ArgumentException);
        Assert.That(() => decoder.Model.Extend(zeros([2, 3, 16]), [PromptLayout.AllText(3)], prefix.Cache),
            Throws.ArgumentException);
        Assert.That(() => shorter.Cache.Rewind(prefix.Cache.Mark()), Throws.ArgumentException);
    }

    /// <summary>The last token's attention to every slot: sums to 1, and over visual slots to the recorded share.</summary>
    [Test]
    public void The_last_row_holds_all_of_the_last_tokens_attention()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2());
        PromptLayout[] layouts = [PromptLayout.Span(2, 9, 13), PromptLayout.Span(0, 3, 7)];
        var embeds = LanguageModel.PadLeft([decoder.Embeddings(13)[0], decoder.Embeddings(7)[0]]);
        using var prefill = decoder.Model.Prefill(embeds, layouts, record: PrefillRecording.LastRow | PrefillRecording.Attention);
        Assert.That(prefill.LastRow, Has.Count.EqualTo(decoder.Config.NumHiddenLayers));
        for (int l = 0; l < prefill.LastRow!.Count; l++)
        {
            for (int b = 0; b < layouts.Length; b++)
            {
                float[] row = prefill.LastRow[l][b];
                Assert.That(row, Has.Length.EqualTo(layouts[b].Length));
                Assert.That(row.Sum(), Is.EqualTo(1).Within(1e-5));
                Assert.That(layouts[b].VisualSlots.Sum(s => row[s]), Is.EqualTo(prefill.Attention![l][b].Last).Within(1e-5));
            }
        }
    }

    private static void Close(Tensor actual, Tensor expected)
        => Assert.That(actual.data<float>().ToArray(), Is.EqualTo(expected.data<float>().ToArray()).Within(1e-4));
}
