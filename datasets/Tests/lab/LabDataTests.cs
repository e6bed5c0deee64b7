namespace Aim.Datasets.Tests.Lab;

public class LabDataTests
{
    private static readonly IReadOnlyList<LabSample> Samples = LabData.Test(LabSplit.Test, 1200, 8);

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
    public void AnswersAreTrueAndUnique()
    {
        foreach (var sample in LabKinds.Clip.SelectMany(kind => LabData.Test(LabSplit.Validation, 150, 16, [kind])))
        {
            string[] order = [.. sample.Clip.Things.OrderBy(t => t.Start).Select(t => t.Name)];
            string[] words = sample.Question.Split(' ', '?', '.', ',');
            string truth = sample.Kind.Split('-')[^1] switch
            {
                "first" => order[0],
                "last" => order[^1],
                "after" => order[Array.IndexOf(order, words[Array.IndexOf(words, "after") + 2]) + 1],
                _ => order.Contains(words[2]) ? "yes" : "no",
            };
            string expected = sample.Kind.Split('-') switch
            {
                ["mc", _] => words[Array.IndexOf(words, truth) - 2],
                ["code", _] => words[Array.IndexOf(words, truth) + 1],
                _ => truth,
            };
            Assert.That(sample.Answer, Is.EqualTo(expected), $"{sample.Id}: {sample.Question} ({string.Join(", ", order)})");
            if (sample.Kind.Contains('-'))
            {
                Assert.That(words.Count(word => word == truth), Is.EqualTo(1), sample.Question);
                Assert.That(sample.Choices, Has.Count.EqualTo(4).And.Unique.And.Contains(sample.Answer));
            }
        }
    }

    [Test]
    public void AnswersAreBalanced()
    {
        foreach (string kind in LabKinds.Test)
        {
            var answers = Samples.Where(s => s.Kind == kind).GroupBy(s => s.Answer).Select(g => g.Count()).ToList();
            int most = answers.Max(), samples = answers.Sum();
            double chance = kind == "there" ? 0.5 : kind.StartsWith("mc-", StringComparison.Ordinal) ? 0.25 : 0.0;
            Assert.That(most / (double)samples, Is.LessThanOrEqualTo(chance + (chance == 0 ? 0.12 : 0.02)), kind);
        }
    }

    [Test]
    public void PromptsAreShort()
    {
        var longest = LabKinds.Clip.ToDictionary(kind => kind, kind => LabData.Test(LabSplit.Test, 100, 8, [kind])
            .Max(s => LabTokenizerTests.Encode(LabDocument.Prompt(s.Question)).Count - 1));
        TestContext.Out.WriteLine(string.Join(", ", longest.Select(pair => $"{pair.Key} {pair.Value}")));
        foreach (var (kind, tokens) in longest)
            Assert.That(tokens, Is.LessThanOrEqualTo(kind.Contains('-') ? 50 : 24), kind);
    }

    [Test]
    public void MoreFramesShowTheSameClip()
    {
        var finer = LabData.Test(LabSplit.Test, 20, 32);
        Assert.That(finer.Select(s => (s.Clip.SceneHash, s.Question, s.Answer)), Is.EqualTo(Samples.Take(20).Select(s => (s.Clip.SceneHash, s.Question, s.Answer))));
        Assert.That(finer[0].FrameIndices, Has.Length.EqualTo(32));
        Assert.That(() => LabData.Test(LabSplit.Test, 1, 7), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => LabData.Test(LabSplit.Test, 1, 8, ["second"]), Throws.ArgumentException.With.Message.Contains("second"));
    }

    [Test]
    public void TheOtherStyleShowsTheSameScenes()
    {
        var shifted = LabData.Test(LabSplit.Test, 8, 8, style: LabStyle.Twemoji);
        Assert.That(shifted.Select(s => s.Clip.SceneHash), Is.EqualTo(Samples.Take(8).Select(s => s.Clip.SceneHash)));
        Assert.That(shifted[0].Frames(), Is.Not.EqualTo(Samples[0].Frames()));
    }

    /// <summary>The data version: when this changes, <see cref="LabWorld.Version"/> must change too.</summary>
    [Test]
    public void AsksTheSameEverywhere()
    {
        Assert.That(LabWorld.Version, Is.EqualTo("1"));
        string questions = string.Join('\n', Samples.Take(300).Select(s => $"{s.Id} {s.Question} {s.Answer}"));
        Assert.That(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(questions))),
            Is.EqualTo("1852b2c0a5a285aae78764d0d99a846ea56dab555bbe291c57989d9fc1ea27be"));
    }

    [Test]
    public void ScoresWordsWhateverTheirCaseAndSpace()
    {
        Assert.That(Samples[0].IsRight($" {Samples[0].Answer.ToUpperInvariant()}\n"), Is.True);
        Assert.That(Samples[0].IsRight(""), Is.False);
    }
}
