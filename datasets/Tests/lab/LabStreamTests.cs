namespace Aim.Datasets.Tests.Lab;

public class LabStreamTests
{
    [Test]
    public void ItemsAreFunctionsOfSeedStepAndItem()
    {
        LabStream one = new(4), two = new(4), other = new(5);
        two.Joint(100, 3);                              // what was drawn before must not matter
        for (int step = 0; step < 20; step++)
        {
            Assert.That(two.Plan(step), Is.EqualTo(one.Plan(step)));
            Assert.That(two.Joint(step, 2).Text, Is.EqualTo(one.Joint(step, 2).Text));
            Assert.That(two.Joint(step, 2).Frames(), Is.EqualTo(one.Joint(step, 2).Frames()));
            Assert.That(two.Dense(step, 0).Rgb, Is.EqualTo(one.Dense(step, 0).Rgb));
            Assert.That(two.Text(step, 0).Text, Is.EqualTo(one.Text(step, 0).Text));
        }
        Assert.That(other.Text(0, 0).Text, Is.Not.EqualTo(one.Text(0, 0).Text));
        Assert.That(one.Dense(0, 1).Rgb, Is.Not.EqualTo(one.Dense(0, 0).Rgb));
    }

    [Test]
    public void BatchesFollowTheShares()
    {
        var stream = new LabStream(1);
        var plans = Enumerable.Range(0, 4000).Select(step => stream.Plan(step)).ToList();
        Assert.That(plans.Count(p => p.Source == LabSource.Clip) / 4000.0, Is.EqualTo(stream.Shares.Clips).Within(0.03));
        Assert.That(plans.Count(p => p.Source == LabSource.Picture) / 4000.0, Is.EqualTo(stream.Shares.Pictures).Within(0.03));
        var clips = plans.Where(p => p.Source == LabSource.Clip).ToList();
        foreach (var (frames, share) in stream.Shares.Frames)
            Assert.That(clips.Count(p => p.Frames == frames) / (double)clips.Count, Is.EqualTo(share).Within(0.03));
        Assert.That(clips, Has.All.Matches<LabBatch>(p => p.Frames * p.Documents <= 48));
        for (int step = 0; step < 60; step++)
        {
            var document = stream.Joint(step, 1);
            Assert.That((document.Source, document.FrameIndices.Length), Is.EqualTo((plans[step].Source, plans[step].Frames)));
        }
    }

    [Test]
    public void DensePicturesLabelWhatTheyShow()
    {
        var stream = new LabStream(2);
        int labelled = 0;
        for (int item = 0; item < 200; item++)
        {
            var dense = stream.Dense(0, item);
            Assert.That(dense.Classes,
                Has.Length.EqualTo(144).And.All.Matches<long>(c => c == LabDense.Ignore || (c >= 0 && c <= LabDense.Background)));
            var objects = dense.Classes.Where(c => c >= 0 && c < LabDense.Background).Distinct().ToList();
            Assert.That(objects, Has.Count.InRange(2, 10),
                "3 to 10 things and glyphs, of which a thin one may cover no patch by half");
            Assert.That(dense.Classes, Has.Some.EqualTo(LabDense.Background).And.Some.EqualTo(LabDense.Ignore));
            labelled += dense.Classes.Count(c => c >= 0 && c < LabDense.Background);
        }
        TestContext.Out.WriteLine($"{labelled / 200.0:F1} patches of 144 show a thing");
        var seen = Enumerable.Range(0, 3000).SelectMany(item => stream.Dense(1, item).Classes).Where(c => c >= 0).ToHashSet();
        Assert.That(seen, Is.EquivalentTo(Enumerable.Range(0, LabDense.Background + 1)), "every class occurs");
        Assert.That(labelled / 200.0, Is.InRange(15, 60));
    }

    /// <summary>Object patches differ from their picture's background far more than background patches do.</summary>
    [Test]
    public void DenseLabelsLieWhereTheThingsAre()
    {
        var stream = new LabStream(6);
        double background = 0, things = 0;
        int backgrounds = 0, thingPatches = 0;
        for (int item = 0; item < 40; item++)
        {
            var dense = stream.Dense(1, item);
            for (int p = 0; p < 144; p++)
            {
                double contrast = Contrast(dense.Rgb, p);
                if (dense.Classes[p] == LabDense.Background)
                    (background, backgrounds) = (background + contrast, backgrounds + 1);
                else if (dense.Classes[p] >= 0)
                    (things, thingPatches) = (things + contrast, thingPatches + 1);
            }
        }
        Assert.That(things / thingPatches, Is.GreaterThan(2.5 * background / backgrounds));

        static double Contrast(byte[] rgb, int patch)
        {
            var values = Enumerable.Range(0, 64)
                .Select(k => (double)rgb[((patch / 12 * 8 + k / 8) * 96 + patch % 12 * 8 + k % 8) * 3]).ToList();
            double mean = values.Average();
            return Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
        }
    }

    [Test]
    public void TextTeachesEveryKindInItsFinalWords()
    {
        var stream = new LabStream(1);
        var kinds = Enumerable.Range(0, 6000).SelectMany(item => stream.Text(0, item).Segments)
            .Where(s => s.Learn).Select(s => s.Kind).ToHashSet();
        Assert.That(kinds, Is.SupersetOf(LabKinds.Clip.Union(LabKinds.Picture)).And.SupersetOf(
            new[] { "repeat", "pair", "category", "told-mc", "told-code", "told-hop" }));
    }

    [Test]
    public void ShownDocumentsTeachEveryKind()
    {
        var stream = new LabStream(1);
        var documents = Enumerable.Range(0, 4000).Select(step => stream.Joint(step, 0)).ToList();
        foreach (var (source, kinds) in new[] { (LabSource.Clip, LabKinds.Clip), (LabSource.Picture, LabKinds.Picture) })
            Assert.That(
                documents.Where(d => d.Source == source).SelectMany(d => d.Segments)
                    .Where(s => s.Learn).Select(s => s.Kind).ToHashSet(),
                Is.SupersetOf(kinds), source.ToString());
        Assert.That(
            documents.Where(d => d.Source == LabSource.Picture).Average(d => d.Shown[0].Medium == LabMedium.Image ? 1.0 : 0),
            Is.EqualTo(stream.Shares.Images).Within(0.06));
    }

    /// <summary>What is learnt from a brief event can be seen: a sampled frame shows it.</summary>
    [Test]
    public void TrainingShowsBriefEvents()
    {
        var stream = new LabStream(2, new LabShares { Clips = 1, Pictures = 0, Texts = 0, ClipTurns = [0, 0, 0, 0, 1, 0] });
        int brief = 0;
        for (int step = 0; step < 300; step++)
        {
            var document = stream.Joint(step, 0);
            if (document.Clip!.Brief is not { } thing)
                continue;
            brief++;
            Assert.That(document.FrameIndices.Any(thing.VisibleAt), $"step {step}");
        }
        Assert.That(brief, Is.GreaterThan(200));
    }

    [Test]
    public void RepeatsRepeat()
    {
        var stream = new LabStream(1, new LabShares { Pairs = 0, Stories = 0, Told = 0, Categories = 0 });
        for (int item = 0; item < 100; item++)
        {
            var document = stream.Text(0, item);
            string[] words = document.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            int period = document.Segments[0].Text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
            Assert.That(words, Has.Length.EqualTo(40));
            Assert.That(period, Is.InRange(5, 13));
            Assert.That(words.Skip(period), Is.EqualTo(words.Take(40 - period)));
            Assert.That(LabTokenizerTests.Encode(document.Text), Has.Count.EqualTo(40));
        }
    }
}
