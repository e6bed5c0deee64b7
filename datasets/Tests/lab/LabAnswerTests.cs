using System.Text.RegularExpressions;

namespace Aim.Datasets.Tests.Lab;

/// <summary>Answers are worked out again from the sampled frames' contents and the words of the question alone.</summary>
public class LabAnswerTests
{
    private static IEnumerable<TestCaseData> Kinds() =>
        LabKinds.Clip.Select(kind => new TestCaseData(kind, false))
            .Concat(LabKinds.Picture.Select(kind => new TestCaseData(kind, true)));

    private static IReadOnlyList<LabSample> Samples(string kind, bool pictures, int count, int frames = 8) => pictures
        ? LabData.Pictures(LabSplit.Validation, count, [kind])
        : LabData.Test(LabSplit.Validation, count, frames, [kind]);

    [TestCaseSource(nameof(Kinds))]
    public void AnswersFollowFromTheSampledFrames(string kind, bool pictures)
    {
        foreach (var sample in Samples(kind, pictures, 120))
        {
            if (!sample.IsSampled)
                continue;
            string truth = Truth(sample), question = $"{sample.Before} {sample.Question}";
            var told = Regex.Matches(question, @"(?<=[:,] )(\w+) (\w+)(?=[,.])")
                .ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value);
            var options = Regex.Matches(question, @"([A-D])\. (\w+)")
                .ToDictionary(m => m.Groups[2].Value, m => m.Groups[1].Value);
            string expected = kind.Split('-')[0] switch
            {
                "mc" when kind == "mc-there" => options[options.Keys.Single(name => Seen(sample).Contains(name))],
                "mc" => options[truth],
                "code" or "rule" => told[truth],
                "hop" => told[LabWorld.CategoryOf(truth)],
                _ => truth,
            };
            Assert.That(sample.Answer, Is.EqualTo(expected), $"{sample.Id}: {question}");
            if (kind.Contains('-') || kind == "rule")
                Assert.That(sample.Choices, Is.Unique.And.Contains(sample.Answer).And.Count.EqualTo(kind is "mc-order" ? 2 : 4));
            else if (sample.Choices.Count == 0)
                Assert.That(question.Split(' ', '?', '.', ',', ':'),
                    Has.No.Member(sample.Answer), "the answer stands in the question");
        }
    }

    /// <summary>No answer of a kind is much commoner than chance; words of many are spread.</summary>
    [TestCaseSource(nameof(Kinds))]
    public void AnswersAreBalanced(string kind, bool pictures)
    {
        int count = kind.StartsWith("hop-", StringComparison.Ordinal) ? 720 : 360;
        var samples = Samples(kind, pictures, count);
        var answers = samples.GroupBy(s => s.Answer).OrderByDescending(g => g.Count()).ToList();
        double chance = kind is "there" or "glimpse" or "order" or "mc-order" ? 0.5
            : kind.StartsWith("mc-", StringComparison.Ordinal) || kind == "motion" ? 0.25
            : kind == "count" ? 0.2 : kind == "where" ? 1 / 9.0 : kind.Contains("letter") || kind == "digit" ? 0.12 : 0.08;
        Assert.That(answers[0].Count() / (double)count,
            Is.LessThanOrEqualTo(chance + 0.03), $"{answers[0].Key} of {answers.Count}");
        // Where options stand must not tell what is right: what is behind the letter is as balanced as the letter.
        if (kind is "mc-count" or "mc-motion" or "mc-where" or "mc-order")
            foreach (var letter in samples.GroupBy(s => s.Answer))
            {
                var behind = letter.GroupBy(s => Regex.Match(s.Question, $@"{letter.Key}\. (\w+)").Groups[1].Value).ToList();
                Assert.That(behind.Max(g => g.Count()) / (double)letter.Count(), Is.LessThan(1.3 / behind.Count), letter.Key);
            }
        if (kind.StartsWith("hop-", StringComparison.Ordinal))
            foreach (string category in LabWorld.Categories)
            {
                var offered = samples.Where(s => s.Question.Contains($" {category} ")).ToList();
                double right = offered.Count(s => Regex.IsMatch(s.Question, $@" {category} {s.Answer}\b"))
                    / (double)offered.Count;
                Assert.That(right, Is.EqualTo(0.25).Within(0.06),
                    $"{category} is right too often or too seldom where it is offered");
            }
    }

    /// <summary>A brief event is often between 8 frames, seldom between 32, never between 64.</summary>
    [Test]
    public void FewFramesMissBriefEvents()
    {
        double At(int frames) => LabData.Test(LabSplit.Test, 600, frames, ["brief"]).Count(s => s.IsSampled) / 600.0;
        double eight = At(8), thirtyTwo = At(32);
        TestContext.Out.WriteLine($"brief events that sampled frames show: 8 frames {eight:P1}, 32 frames {thirtyTwo:P1}");
        Assert.That(eight, Is.InRange(0.12, 0.28));
        Assert.That(thirtyTwo, Is.InRange(0.65, 0.85));
        Assert.That(At(64), Is.EqualTo(1));
        foreach (var sample in LabData.Test(LabSplit.Test, 200, 16, ["brief", "glimpse", "mc-brief", "hop-brief"]))
        {
            var shown = sample.FrameIndices.Where(sample.Clip.Brief!.VisibleAt).ToList();
            Assert.That(sample.IsSampled, Is.EqualTo(sample.Answer == "no" || shown.Count > 0));
            foreach (var other in sample.Clip.Things.Where(thing => thing != sample.Clip.Brief))
                Assert.That(sample.FrameIndices.Count(other.VisibleAt), Is.GreaterThanOrEqualTo(4), "another thing is brief too");
        }
    }

    private static IReadOnlyList<string> Seen(LabSample sample) =>
        [.. sample.Clip.Things.Where(thing => sample.FrameIndices.Any(thing.VisibleAt)).Select(thing => thing.Name)];

    /// <summary>The bare fact's answer, from what the sampled frames show.</summary>
    private static string Truth(LabSample sample)
    {
        var things = sample.Clip.Things;
        int FirstSeen(LabThing thing) => Array.FindIndex(sample.FrameIndices, thing.VisibleAt);
        string fact = sample.Kind.Split('-')[^1], question = sample.Question;
        List<LabThing> order = sample.Medium == LabMedium.Image
            ? [.. things.OrderBy(t => t.Y / 32).ThenBy(t => t.X / 32)]
            : [.. things.Where(t => FirstSeen(t) >= 0).OrderBy(FirstSeen)];
        LabThing Named(string pattern) => things.Single(t => t.Name == Regex.Match(question, pattern).Groups[1].Value);
        switch (fact)
        {
            case "first":
                return order[0].Name;
            case "last":
                return order[^1].Name;
            case "after":
                return order[order.IndexOf(Named(@"after the (\w+)")) + 1].Name;
            case "order":
                return order.IndexOf(Named(@"does the (\w+)")) < order.IndexOf(Named(@"before the (\w+)")) ? "yes" : "no";
            case "count":
                return LabWorld.Numbers[order.Count];
            case "describe":
                return string.Join(", ", order.Select(t => t.Name));
            case "there" when sample.Kind == "mc-there":
                return "";
            case "there" or "glimpse":
                return Seen(sample).Contains(Regex.Match(question, @"is the (\w+)").Groups[1].Value) ? "yes" : "no";
            case "at":
                return things.Single(t => LabWorld.Places[t.Y / 32 * 3 + t.X / 32]
                    == Regex.Match(question, @"is at (\w+)").Groups[1].Value).Name;
            case "where":
                var there = Named(@"where is the (\w+)");
                return LabWorld.Places[there.Y / 32 * 3 + there.X / 32];
            case "name" or "rule":
                return things.Single().Name;
            case "brief":
                return things.Single(t => sample.FrameIndices.Count(t.VisibleAt) == 1).Name;
            case "motion":
                var mover = Named(@"does the (\w+)");
                int[] seen = [.. sample.FrameIndices.Where(mover.VisibleAt)];
                Assert.That(seen, Has.Length.GreaterThanOrEqualTo(3));
                var (from, to) = (mover.CentreAt(seen[0]), mover.CentreAt(seen[^1]));
                Assert.That(Math.Abs(to.X - from.X) + Math.Abs(to.Y - from.Y), Is.GreaterThan(20), "it hardly moves");
                return to.X < from.X ? "left" : to.X > from.X ? "right" : to.Y < from.Y ? "up" : "down";
            default:
                Assert.That(sample.FrameIndices.Count(sample.Clip.Plate!.VisibleAt),
                    Is.GreaterThanOrEqualTo(Math.Min(2, sample.FrameIndices.Length)));
                string[] words = [.. sample.Clip.Plate.Glyphs
                    .Select(g => char.IsDigit(g) ? LabWorld.Numbers[g - '0'] : g.ToString())];
                return fact is "digits" or "letters" ? string.Join(' ', words)
                    : words[LabWorld.Ordinals.ToList().IndexOf(Regex.Match(question, @"is the (\w+)").Groups[1].Value)];
        }
    }
}
