namespace Aim.Datasets.Tests.Lab;

public class LabDocumentTests
{
    private static IEnumerable<LabDocument> Documents()
    {
        var stream = new LabStream(7);
        for (int i = 0; i < 300; i++)
        {
            yield return stream.Text(3, i);
            yield return stream.Joint(i, 1);
        }
    }

    [Test]
    public void TokensDoNotCrossSegments()
    {
        foreach (var document in Documents())
            Assert.That(document.Segments.SelectMany(segment => LabTokenizerTests.Encode(segment.Text)),
                Is.EqualTo(LabTokenizerTests.Encode(document.Text)), document.Text);
    }

    /// <summary>One word and the end of the turn; lists hold several words, each of them one token.</summary>
    [Test]
    public void EveryWordOfAnAnswerIsOneToken()
    {
        foreach (var segment in Documents().SelectMany(d => d.Segments)
            .Where(s => s.Learn && s.Text.EndsWith("<|im_end|>", StringComparison.Ordinal)))
        {
            int words = segment.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length,
                commas = segment.Text.Count(c => c == ',');
            Assert.That(LabTokenizerTests.Encode(segment.Text), Has.Count.EqualTo(words + commas + 1), segment.Text);
            if (segment.Kind is not ("describe" or "digits" or "letters"))
                Assert.That(words, Is.EqualTo(1), segment.Text);
        }
    }

    [Test]
    public void EveryWordOfAPromptIsOneToken()
    {
        foreach (var document in Documents())
            foreach (System.Text.RegularExpressions.Match word in System.Text.RegularExpressions.Regex.Matches(
                System.Text.RegularExpressions.Regex.Replace(document.Text, @"<[^>]*>", "\n"), @" ?[A-Za-z]+"))
                Assert.That(LabTokenizerTests.Encode(word.Value), Has.Count.EqualTo(1), $"'{word.Value}' in {document.Text}");
    }

    [Test]
    public void FramesStandWhereTheTextSaysSo()
    {
        foreach (var document in Documents())
        {
            var placeholders = System.Text.RegularExpressions.Regex.Matches(document.Text, "<video>|<image>")
                .Select(m => m.Value);
            Assert.That(placeholders, Is.EqualTo(document.Shown.Select(shown => LabDocument.PlaceholderOf(shown.Medium))));
            Assert.That(document.Shown, Has.Count.EqualTo(document.Source == LabSource.Text ? 0 : 1));
            Assert.That(document.Frames(), Has.Length.EqualTo(document.FrameIndices.Length * 96 * 96 * 3));
        }
    }

    [Test]
    public void NoFactIsAskedTwice()
    {
        foreach (var document in Documents())
        {
            var asked = document.Segments.Where(s => s.Text.Contains("<|im_start|>user\n", StringComparison.Ordinal))
                .Select(s => System.Text.RegularExpressions.Regex
                    .Match(s.Text, @"\b(what|where|how|is|does|which|list|read|of)\b[^?]*[?.]").Value)
                .ToList();
            // The scaffold that names the answer asks of the same few answers again and again.
            if (!document.Segments.Any(s => s.Kind.StartsWith("told-", StringComparison.Ordinal)))
                Assert.That(asked, Is.Unique, document.Text);
        }
    }

    [Test]
    public void MuchOfTheTurnsOfClipsIsTextWorkAfterTheLook()
    {
        var stream = new LabStream(3);
        var kinds = Enumerable.Range(0, 3000).Where(step => stream.Plan(step).Source == LabSource.Clip)
            .SelectMany(step => stream.Joint(step, 0).Segments).Where(s => s.Learn).Select(s => s.Kind).ToList();
        double after = kinds.Count(kind => kind.Contains('-')) / (double)kinds.Count;
        TestContext.Out.WriteLine(string.Join(", ",
            kinds.GroupBy(kind => kind).OrderBy(g => g.Key).Select(g => $"{g.Key} {g.Count() / (double)kinds.Count:P1}")));
        Assert.That(after, Is.InRange(0.40, 0.55));
    }
}
