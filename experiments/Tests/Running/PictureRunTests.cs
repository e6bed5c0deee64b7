using Aim.Datasets;
using Aim.Experiments.Planning;
using Aim.Experiments.Running;
using Aim.Models;
using Aim.Reduction;
using Aim.Reports.Records;

namespace Aim.Experiments.Tests.Running;

public class PictureRunTests
{
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
                Assert.That(answer.Tokens, Is.EqualTo(cell.Tokens(cell.Set.Prompts[sample])), cell.Id);
                Assert.That(answer.Flops, Is.EqualTo(cell.Executed(cell.Set.Prompts[sample])), cell.Id);
            }
        Assert.That(plan.Cells[0].Tokens(plan.Sets[0].Prompts[0])[0],
            Is.EqualTo(144 + 144 + 12 + plan.Sets[0].Prompts[0].Text));

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
