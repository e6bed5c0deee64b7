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

    [Test]
    public void ATurnTeachesOneWordAndTheEnd()
    {
        foreach (var segment in Documents().SelectMany(d => d.Segments).Where(s => s.Learn && s.Text.EndsWith("<|im_end|>", StringComparison.Ordinal)))
            Assert.That(LabTokenizerTests.Encode(segment.Text), Has.Count.EqualTo(2), segment.Text);
    }

    [Test]
    public void FramesStandWhereTheTextSaysSo()
    {
        foreach (var document in Documents())
        {
            int placeholders = document.Text.Split(LabDocument.Placeholder).Length - 1;
            Assert.That(placeholders, Is.EqualTo(document.Source == LabSource.Text ? 0 : 1));
            Assert.That(document.Frames(), Has.Length.EqualTo(document.FrameIndices.Length * 96 * 96 * 3));
        }
    }

    [Test]
    public void NoFactIsAskedTwice()
    {
        foreach (var document in Documents())
        {
            var asked = document.Segments.Where(s => s.Text.Contains("<|im_start|>user\n", StringComparison.Ordinal))
                .Select(s => System.Text.RegularExpressions.Regex.Match(s.Text, @"(what|where|how|is)\b[^?]*\?").Value).ToList();
            Assert.That(asked, Is.Unique, document.Text);
        }
    }

    [Test]
    public void HalfOfTheTurnsOfClipsDoTextWorkAfterTheLook()
    {
        var stream = new LabStream(3);
        var kinds = Enumerable.Range(0, 3000).Where(step => stream.Plan(step).Source == LabSource.Clip)
            .SelectMany(step => stream.Joint(step, 0).Segments).Where(s => s.Learn).Select(s => s.Kind).ToList();
        double after = kinds.Count(kind => kind.Contains('-')) / (double)kinds.Count;
        TestContext.Out.WriteLine(string.Join(", ", kinds.GroupBy(kind => kind).OrderBy(g => g.Key).Select(g => $"{g.Key} {g.Count() / (double)kinds.Count:P1}")));
        Assert.That(after, Is.InRange(0.40, 0.55));
    }
}
