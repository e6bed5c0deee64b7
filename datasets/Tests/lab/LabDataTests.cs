namespace Aim.Datasets.Tests.Lab;

public class LabDataTests
{
    private static readonly IReadOnlyList<LabSample> Samples = LabData.Test(LabSplit.Test, 480, 8);

    [Test]
    public void EveryPrefixIsBalanced()
    {
        for (int count = 1; count <= Samples.Count; count++)
        {
            var counts = LabKinds.Test.Select(kind => Samples.Take(count).Count(s => s.Kind == kind)).ToList();
            Assert.That(counts.Max() - counts.Min(), Is.LessThanOrEqualTo(1));
        }
        Assert.That(Samples.Select(s => s.Id), Is.Unique);
        Assert.That(Samples.Select(s => s.Clip.SceneHash), Is.Unique);
    }

    [Test]
    public void WrongKindsAreRefused()
    {
        Assert.That(() => LabData.Test(LabSplit.Test, 1, 8, ["name"]), Throws.ArgumentException.With.Message.Contains("name"));
        Assert.That(() => LabData.Pictures(LabSplit.Test, 1, ["first"]), Throws.ArgumentException.With.Message.Contains("first"));
        Assert.That(() => LabData.Test(LabSplit.Test, 1, 8, []), Throws.ArgumentException);
        var story = LabData.Test(LabSplit.Test, 1, 8)[0].Clip;
        foreach (string kind in (string[])["motion", "brief", "glimpse", "digits", "letter"])
            Assert.That(() => LabKinds.Ask(story, kind, new LabRandom(1), 0), Throws.ArgumentException, kind);
    }

    [Test]
    public void PromptsAreShort()
    {
        var longest = LabKinds.Clip.ToDictionary(kind => kind, kind => LabData.Test(LabSplit.Test, 100, 8, [kind])
            .Max(s => LabTokenizerTests.Encode(LabDocument.Prompt(s.Question)).Count - 1));
        TestContext.Out.WriteLine(string.Join(", ", longest.Select(pair => $"{pair.Key} {pair.Value}")));
        foreach (var (kind, tokens) in longest)
            Assert.That(tokens, Is.LessThanOrEqualTo(kind.Contains('-') ? 52 : 26), kind);
    }

    [Test]
    public void MoreFramesShowTheSameClip()
    {
        var finer = LabData.Test(LabSplit.Test, 20, 32);
        Assert.That(finer.Select(s => (s.Clip.SceneHash, s.Question, s.Answer)),
            Is.EqualTo(Samples.Take(20).Select(s => (s.Clip.SceneHash, s.Question, s.Answer))));
        Assert.That(finer[0].FrameIndices, Has.Length.EqualTo(32));
        Assert.That(() => LabData.Test(LabSplit.Test, 1, 7), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => LabData.Test(LabSplit.Test, 1, 8, ["second"]),
            Throws.ArgumentException.With.Message.Contains("second"));
    }

    [Test]
    public void TheOtherStyleShowsTheSameScenes()
    {
        foreach (bool pictures in (bool[])[false, true])
        {
            IReadOnlyList<LabSample> Of(LabStyle style) => pictures
                ? LabData.Pictures(LabSplit.Test, LabKinds.Picture.Count, style: style)
                : LabData.Test(LabSplit.Test, LabKinds.Clip.Count, 8, LabKinds.Clip, style);
            foreach (var (own, other) in Of(LabStyle.Noto).Zip(Of(LabStyle.Twemoji)))
            {
                Assert.That((other.Id, other.Clip.SceneHash, other.Prompt, other.Answer),
                    Is.EqualTo((own.Id, own.Clip.SceneHash, own.Prompt, own.Answer)));
                Assert.That(other.Frames(), Is.Not.EqualTo(own.Frames()));
            }
        }
    }

    /// <summary>The data version: when this changes, <see cref="LabWorld.Version"/> must change too.</summary>
    [Test]
    public void AsksTheSameEverywhere()
    {
        Assert.That(LabWorld.Version, Is.EqualTo("2"));
        string questions = string.Join('\n', Samples.Take(300).Select(s => $"{s.Id} {s.Question} {s.Answer}"));
        Assert.That(
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(questions))),
            Is.EqualTo("31afbffbfab9b5feb0e39421c2623e556f965fbbb65b2de5d7b715872d62bd02"));
    }

    [Test]
    public void ScoresWordsWhateverTheirCaseAndSpace()
    {
        Assert.That(Samples[0].IsRight($" {Samples[0].Answer.ToUpperInvariant()}\n"), Is.True);
        Assert.That(Samples[0].IsRight(""), Is.False);
    }
}
