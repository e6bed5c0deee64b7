namespace Aim.Models.Tests.Language;

/// <summary>
/// Positions in time, height and width; whole prompts of the usual kind are compared in <see cref="FixtureTests"/>.
/// </summary>
public sealed class VisualPositionsTests
{
    private static bool[] Slots(string prompt) => [.. prompt.Select(c => c == 'v')];

    [Test]
    public void Text_goes_on_behind_the_larger_side()
    {
        int[][] positions = VisualPositions.OfPrompt(Slots("ttvvvvvvt"), [VisualPositions.Of(new VisionGrid(1, 2, 3))]);
        Assert.That(positions[0], Is.EqualTo((int[])[0, 1, 2, 2, 2, 2, 2, 2, 5]));
        Assert.That(positions[1], Is.EqualTo((int[])[0, 1, 2, 2, 2, 3, 3, 3, 5]));
        Assert.That(positions[2], Is.EqualTo((int[])[0, 1, 2, 3, 4, 2, 3, 4, 5]));
    }

    // Upstream leaves time out, so that a long video's frames stand beside the text that follows.
    [Test]
    public void A_long_videos_time_runs_past_the_text()
    {
        int[][] positions = VisualPositions.OfPrompt(Slots("tvvvvtt"), [VisualPositions.Of(new VisionGrid(4, 1, 1))]);
        Assert.That(positions[0], Is.EqualTo((int[])[0, 1, 2, 3, 4, 2, 3]));
        Assert.That(positions[1], Is.EqualTo((int[])[0, 1, 1, 1, 1, 2, 3]));
    }

    [Test]
    public void Pictures_may_follow_each_other_and_begin_or_end_a_prompt()
    {
        var one = VisualPositions.Of(new VisionGrid(1, 1, 2));
        int[][] positions = VisualPositions.OfPrompt(Slots("vvvvtvv"), [one, one, one]);
        Assert.That(positions[1], Is.EqualTo((int[])[0, 0, 2, 2, 4, 5, 5]));
        Assert.That(positions[2], Is.EqualTo((int[])[0, 1, 2, 3, 4, 5, 6]));
    }

    [Test]
    public void Chosen_tokens_stay_where_they_are()
    {
        var chosen = VisualPositions.Of(new VisionGrid(2, 2, 2)).Select([7, 0]);
        Assert.That(chosen.Cells, Is.EqualTo(new[] { (1, 1, 1), (0, 0, 0) }));
        Assert.That(chosen.Extent, Is.EqualTo(2));
    }

    [TestCase("tvt")]
    [TestCase("tvvvt")]
    public void Cells_and_slots_must_agree(string prompt)
        => Assert.That(
            () => VisualPositions.OfPrompt(Slots(prompt), [VisualPositions.Of(new VisionGrid(1, 1, 2))]),
            Throws.ArgumentException);

    [Test]
    public void A_layouts_positions_are_checked_and_used()
    {
        using var scope = NewDisposeScope();
        using var decoder = new RandomDecoder(RandomDecoder.Qwen2Vl());
        Assert.That(() => new PromptLayout(new bool[3]) { Positions = [[0, 1, 2], [0, 1]] }, Throws.ArgumentException);
        var embeds = decoder.Embeddings(3);
        var wrong = new PromptLayout(new bool[3]) { Positions = [[0, 1, 2]] };
        Assert.That(() => decoder.Model.Prefill(embeds, [wrong]), Throws.ArgumentException.With.Message.Contains("1 axes"));

        // The longer prompt pads the shorter; each has its own positions, and goes on behind its own largest.
        var first = new PromptLayout(new bool[3]) { Positions = [[0, 4, 5], [0, 3, 5], [0, 2, 5]] };
        using var alone = decoder.Model.Prefill(embeds, [first]);
        using var given = decoder.Model.Prefill(
            embeds, [PromptLayout.AllText(3)], positions: tensor((long[])[0, 4, 5, 0, 3, 5, 0, 2, 5], [3, 3]));
        Assert.That(alone.Logits.data<float>().ToArray(), Is.EqualTo(given.Logits.data<float>().ToArray()));
        using var batch = decoder.Model.Prefill(
            LanguageModel.PadLeft([embeds, decoder.Embeddings(5)]), [first, PromptLayout.AllText(5)]);
        Assert.That(batch.Cache.NextPosition, Is.EqualTo((int[])[6, 5]));
        Assert.That(batch.Logits[0].data<float>().ToArray(), Is.EqualTo(alone.Logits[0].data<float>().ToArray()).Within(1e-5f));
    }
}
