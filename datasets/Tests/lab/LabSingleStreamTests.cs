namespace Aim.Datasets.Tests.Lab;

/// <summary>The streams of lab-single and lab-multi.</summary>
public class LabSingleStreamTests
{
    private static readonly ILabStream[] Streams = [new LabSingleStream(4), new LabMultiStream(4)];

    [Test]
    public void ItemsAreFunctionsOfSeedStepAndItem()
    {
        ILabStream[] again = [new LabSingleStream(4), new LabMultiStream(4)], others = [new LabSingleStream(5), new LabMultiStream(5)];
        for (int s = 0; s < Streams.Length; s++)
        {
            again[s].Joint(77, 1);                      // what was drawn before must not matter
            for (int step = 0; step < 40; step++)
            {
                Assert.That(again[s].Plan(step), Is.EqualTo(Streams[s].Plan(step)));
                var (one, two) = (Streams[s].Joint(step, 2), again[s].Joint(step, 2));
                Assert.That(two.Text, Is.EqualTo(one.Text));
                Assert.That(two.Frames(), Is.EqualTo(one.Frames()));
                Assert.That(again[s].Text(step, 1).Text, Is.EqualTo(Streams[s].Text(step, 1).Text));
                Assert.That(again[s].Dense(step, 1).Rgb, Is.EqualTo(Streams[s].Dense(step, 1).Rgb));
            }
            Assert.That(Enumerable.Range(0, 20).Select(step => others[s].Joint(step, 0).Text), Is.Not.EqualTo(Enumerable.Range(0, 20).Select(step => Streams[s].Joint(step, 0).Text)));
        }
    }

    /// <summary>A document is what its batch's plan announces, and every picture belongs to the training split.</summary>
    [Test]
    public void DocumentsFollowThePlan()
    {
        foreach (var stream in Streams)
            for (int step = 0; step < 600; step++)
            {
                var plan = stream.Plan(step);
                var document = stream.Joint(step, step % plan.Documents);
                Assert.That((document.Source, document.FrameIndices.Length), Is.EqualTo((plan.Source, plan.Frames)));
                Assert.That(document.Shown, Has.All.Matches<LabShown>(shown => shown.Medium == LabMedium.Image && shown.Clip.Split == LabSplit.Train));
                Assert.That(document.Text.Split(LabDocument.ImagePlaceholder), Has.Length.EqualTo(plan.Frames + 1));
                Assert.That(document.Frames(), Has.Length.EqualTo(plan.Frames * 96 * 96 * 3));
                Assert.That(document.Segments.SelectMany(s => LabTokenizerTests.Encode(s.Text)), Is.EqualTo(LabTokenizerTests.Encode(document.Text)), "a token crosses segments");
                if (stream is LabSingleStream)
                    Assert.That(plan.Frames, Is.LessThanOrEqualTo(1), "two pictures in one sequence");
            }
    }

    [Test]
    public void SingleFollowsItsShares()
    {
        var stream = new LabSingleStream(1);
        const int steps = 4000;
        int texts = 0, rules = 0, naming = 0, chat = 0;
        for (int step = 0; step < steps; step++)
        {
            var document = stream.Joint(step, 0);
            var kinds = document.Segments.Where(s => s.Learn).Select(s => s.Kind).ToHashSet();
            texts += document.Source == LabSource.Text ? 1 : 0;
            rules += kinds.Any(kind => kind.StartsWith("picture-", StringComparison.Ordinal)) || kinds.Contains("rule") && document.Source == LabSource.Picture ? 1 : 0;
            chat += kinds.Contains("rule") && document.Source == LabSource.Picture ? 1 : 0;
            naming += document.Source == LabSource.Picture && kinds.Count == 1 && kinds.Single().EndsWith("name", StringComparison.Ordinal) ? 1 : 0;
        }
        var shares = stream.Shares;
        Assert.That(texts / (double)steps, Is.EqualTo(shares.Pairs).Within(0.02));
        Assert.That(rules / (double)steps, Is.EqualTo(shares.Rules).Within(0.03));
        Assert.That(chat / (double)rules, Is.EqualTo(shares.RulesInChat).Within(0.05));
        Assert.That(naming / (double)steps, Is.EqualTo(shares.Naming).Within(0.02));
    }

    /// <summary>The label behind a picture is the one that the text gave its name.</summary>
    [Test]
    public void RulesLabelThePicture()
    {
        int seen = 0;
        foreach (var document in Enumerable.Range(0, 2000).Select(step => new LabSingleStream(2).Joint(step, 0)))
        {
            int at = document.Segments.ToList().FindIndex(s => s.Kind == "picture-pair");
            if (at < 0)
                continue;
            seen++;
            string name = " " + document.Clip!.Things.Single().Name, sign = document.Segments[at - 1].Text[LabDocument.ImagePlaceholder.Length..];
            Assert.That(document.Segments[0].Text, Does.EndWith(sign), "one wording a document");
            var told = document.Segments.Index().Where(s => s.Item.Text == name + sign).Select(s => document.Segments[s.Index + 1].Text).ToArray();
            Assert.That(told, Is.Not.Empty.And.All.EqualTo(document.Segments[at].Text), document.Text);
        }
        Assert.That(seen, Is.GreaterThan(120));
    }

    /// <summary>Demonstrations show what they teach before it is learnt, and draw pictures anew.</summary>
    [Test]
    public void DemonstrationsAreConsistent()
    {
        var stream = new LabMultiStream(3);
        int seen = 0, answers = 0, told = 0, mixed = 0;
        var lengths = new HashSet<int>();
        for (int step = 0; step < 1500; step++)
        {
            var document = stream.Joint(step, 0);
            string[] kinds = [.. document.Segments.Select(s => s.Kind).Where(kind => kind is not ("" or "closing")).Distinct()];
            if (document.Shown.Count < 2 || kinds.Contains("shown-name"))
                continue;
            Assert.That(kinds, Has.All.StartsWith("shown-").Or.StartsWith("told-"));
            seen++;
            told += kinds.Count(kind => kind.StartsWith("told-", StringComparison.Ordinal));
            mixed += kinds.Length > 1 ? 1 : 0;
            lengths.Add(document.Shown.Count);
            Assert.That(document.Shown.Select(shown => shown.Clip.SceneHash), Is.Unique);
            int perShot = document.Segments.Count / document.Shown.Count;
            var shots = Enumerable.Range(0, document.Shown.Count).Select(i => document.Segments[perShot * i + 1]).ToArray();
            string[] first = [.. shots.TakeWhile(shot => !shot.Learn).Select(Opening)];
            Assert.That(first, Has.Length.InRange(1, 4).And.Unique, document.Text);
            Assert.That(shots.Skip(first.Length), Has.All.Matches<LabSegment>(shot => shot.Learn && first.Contains(Opening(shot))), document.Text);
            answers += shots.Length - first.Length;
        }
        Assert.That(lengths, Is.EquivalentTo(Enumerable.Range(3, 15)));
        Assert.That(answers, Is.GreaterThan(2 * seen));
        Assert.That(told, Is.InRange(seen * 4 / 10, seen * 7 / 10), "documents whose learnt answers have some that words tell");
        Assert.That(mixed, Is.GreaterThan(seen / 5), "both sides of the match are told and shown in one document");
    }

    private static string Opening(LabSegment answer) => answer.Text.TrimStart().Split(' ')[0];

    /// <summary>Looking a label up must not hang on one wording; the reserved ones must not occur.</summary>
    [Test]
    public void PairsComeInManyWordings()
    {
        var wordings = Enumerable.Range(0, 3000).Select(i => LabWording.Draw(new LabRandom(9, (ulong)i))).ToArray();
        Assert.That(wordings.Distinct().Count(), Is.GreaterThan(1000));
        Assert.That(wordings.Count(w => w == new LabWording("", "")), Is.InRange(450, 750));
        Assert.That(wordings.Select(w => LabReserved.Current.FindIn("dog" + w.Instruction + " gi")), Is.All.Null);
    }
}
