using Aim.Datasets;
using Aim.Experiments.Planning;
using Aim.Experiments.Running;
using Aim.Models;
using Aim.Reduction;
using Aim.Reports.Records;

namespace Aim.Experiments.Tests.Running;

public class PictureViewsTests
{
    [Test]
    public void An_unreduced_picture_is_packed_as_the_family_packs_it()
    {
        using var scope = NewDisposeScope();
        using var work = new Workplace(2);
        using var model = LlavaOnevision.Load(work.Model);
        var picture = LabClip.Picture(new LabRandom(5), LabSplit.Test, 4);
        var prepared = model.Prepare([new RgbImage(LabWorld.Canvas, LabWorld.Canvas, picture.Frames(0))])[0];
        var expected = model.PictureTokens([prepared])[0];

        var views = PictureViews.Of(model.Project(model.VisionFeatures(prepared.PixelValues)));
        var merged = IdentityMerger.Instance.Merge(new MergeInput { Features = views, SampleId = "" });
        int[] order = PictureViews.Order(merged.Origin, prepared.Layout.Patches,
            prepared.Layout.Rows.Count(r => r == ImageLayout.Newline));
        var packed = PictureViews.Pack(merged.Tokens, order, model.ImageNewline);
        Assert.That(packed.shape, Is.EqualTo(expected.shape));
        Assert.That(packed.sub(expected).abs().max().item<float>(), Is.Zero);
    }

    [Test]
    public void Newlines_spread_evenly_over_what_is_left_of_the_grid()
    {
        // Two views of 4 patches, two rows: 2 tokens of the whole, 3 of the grid.
        var origin = Provenance.OfChoice(8, [0, 2, 4, 5, 7]);
        Assert.That(PictureViews.Order(origin, patches: 4, newlines: 2), Is.EqualTo(new[] { 0, 1, 2, -1, 3, 4, -1 }));
        Assert.That(PictureViews.Order(Provenance.OfChoice(8, [1, 3]), 4, 2), Is.EqualTo(new[] { 0, 1, -1, -1 }),
            "nothing left of the grid");
    }

    [Test]
    public async Task Pictures_run_with_counts_as_planned_and_recordings_of_every_kind()
    {
        using var work = new Workplace(2);
        string definition = work.Write("pictures.yaml", """
            schema: 2
            name: pictures
            version: 1
            question: Do single pictures run?
            model: model
            data: {set: lab, split: test}
            source: picture
            samples: 6
            batch: 3
            margin: 2
            cells:
              - {method: none, record: attention}
              - {method: aim, retention: 1/4, schedule: {l1: 1, l2: 3}, record: [kept, merges, attention]}
              - {method: aim, retention: 1/4, schedule: {l1: 1, l2: 3}, settings: {proportional-attention: true}}
              - {method: aim, retention: 1/4, frames: 8, source: video, record: merges}

            """);
        foreach (string threads in new[] { "1", "2" })
        {
            var (code, text, error) = await Workplace.Aim("run", definition, "--output", work.In($"out{threads}"), "--threads",
                threads);
            Assert.That(code, Is.Zero, error);
        }
        string run = Workplace.RunOf(work.In("out1"));
        Assert.That(File.ReadAllBytes(Path.Combine(run, RunRecordFile.ResultsName)),
            Is.EqualTo(File.ReadAllBytes(Path.Combine(Workplace.RunOf(work.In("out2")), RunRecordFile.ResultsName))));

        var plan = Plan.Make(DefinitionReader.Read(definition), definition);
        var answers = Journal<SampleResult>.Read(Path.Combine(run, RunDirectory.JournalName));
        foreach (var cell in plan.Cells)
            foreach (var answer in answers.Where(a => a.Cell == cell.Id))
            {
                int sample = cell.Set.Samples.ToList().FindIndex(s => s.Id == answer.Sample);
                Assert.That(answer.Tokens, Is.EqualTo(cell.Tokens(cell.Set.Text[sample])), cell.Id);
                Assert.That(answer.Flops, Is.EqualTo(cell.Executed(cell.Set.Text[sample])), cell.Id);
            }
        Assert.That(plan.Cells[0].Tokens(10)[0], Is.EqualTo(144 + 144 + 12 + 10));

        var recordings = Journal<SampleRecording>.Read(Path.Combine(run, RunDirectory.RecordingsName));
        Assert.That(recordings.Count, Is.EqualTo(6 + 18 + 6));
        foreach (var line in recordings)
        {
            if (line.Attention is { } attention)
                Assert.That(attention.Last.Concat(attention.Text), Is.All.InRange(0, 1));
            if (line.Kept is { } kept)
                Assert.That(kept.Places.Select(p => p.Sum()), Is.EqualTo(kept.Frames.Select(f => f.Sum())).Within(1e-2));
            if (line.Merges is { } merges)
                Assert.That(merges.Observed.Select(o => (double)o.Sum()),
                    Is.EqualTo(merges.Expected.Select(e => e.Sum())).Within(1e-2));
        }
        var record = RunRecordFile.ReadResults(Path.Combine(run, RunRecordFile.ResultsName));
        Assert.That(record.Exhibits.Select(e => e.Id), Is.EqualTo(new[]
            { "attention-mass", "attention-by-kind", "merges", "merges-2", "kept-places", "kept-bias" }));
        Assert.That(record.Cells.Single(c => c.Id == "aim 1/4 on videos, 8 frames").Baseline,
            Is.EqualTo("none on videos, 8 frames"));
    }

    [Test]
    public async Task A_recording_is_found_again_and_leaves_answers_as_they_are()
    {
        using var work = new Workplace(4);
        string recorded = work.Write("recorded.yaml", File.ReadAllText(work.Definition).Replace("{method: none, headline: true}",
            "{method: none, headline: true, record: attention}"));
        async Task<string> Run(string definition)
        {
            var (code, text, error) = await Workplace.Aim("run", definition, "--output", work.In("runs"), "--threads", "1");
            Assert.That(code, Is.Zero, error);
            return text;
        }
        await Run(work.Definition);
        Assert.That(await Run(recorded), Does.Contain("computed 4 answers"), "the answers are known, the recordings are not");
        Assert.That(await Run(recorded), Does.Contain("computed 0 answers"));
        var runs = Directory.GetDirectories(work.In("runs")).Order(StringComparer.Ordinal)
            .Select(d => RunRecordFile.ReadResults(Path.Combine(d, RunRecordFile.ResultsName))).ToList();
        Assert.That(runs.Select(r => r.Cells[0].FlopsExecutedMatmul).Distinct().Count(), Is.EqualTo(1),
            "recording is not counted");
    }
}
