using System.Diagnostics;
using System.Globalization;
using Aim.Experiments.Claims;
using Aim.Experiments.Exhibits;
using Aim.Experiments.Planning;
using Aim.Experiments.Scoring;
using Aim.Reports;
using Aim.Reports.Records;

namespace Aim.Experiments.Running;

/// <summary>
/// All experiments of a paper in a fixed order, into one directory, ending in one report whose first page is the claims. It can
/// be ended at any moment and run again: finished runs stay, an unfinished one goes on, and what experiments have in common is
/// computed once.
/// </summary>
internal sealed class Reproduction
{
    public const string ReportName = "report.html";

    private readonly TextWriter _output;
    private readonly bool _terminal;
    private readonly int _threads;

    /// <param name="output">Takes progress and what was written.</param>
    /// <param name="terminal">Whether progress may rewrite its line.</param>
    /// <param name="threads">Samples computed at once.</param>
    public Reproduction(TextWriter output, bool terminal, int threads) =>
        (_output, _terminal, _threads) = (output, terminal, threads);

    /// <summary>Runs what is missing, decides the claims and writes the report.</summary>
    /// <param name="file">The definitions in order, and the claims.</param>
    /// <param name="definitions">The definitions as read, with the paths of their files.</param>
    /// <param name="directory">Takes the runs, <c>collection.json</c> and the report.</param>
    /// <param name="fresh">Start every run anew.</param>
    /// <param name="cancel">Ends it; what is finished is kept.</param>
    /// <returns>The report's path.</returns>
    public string Run(ClaimsFile file, IReadOnlyList<(Definition Definition, string File)> definitions, string directory,
        bool fresh,
        CancellationToken cancel)
    {
        var plans = definitions.Select(d => Plan.Make(d.Definition, d.File)).ToList();
        Announce(plans);
        var clock = Stopwatch.StartNew();
        var runs = new List<(RunDirectory Run, Plan Plan, RunKeys Keys)>();
        for (int i = 0; i < plans.Count; i++)
        {
            var (plan, keys) = (plans[i], Experiment.Keys(plans[i]));
            _output.WriteLine($"[{i + 1} of {plans.Count}, {Progress.Duration(clock.Elapsed)} gone] {plan.Definition.Name}: "
                + $"{plan.Definition.Title}");
            var run = fresh ? null : RunDirectory.Finished(directory, plan.Definition, keys);
            // Its answers are there still: it is only summed up again.
            if (run is not null && !HasSeeds(run, plan, keys))
                run = null;
            if (run is not null)
                _output.WriteLine($"finished before: {run.Path}");
            run ??= new Experiment(_output, _terminal, _threads).Run(plan, directory, fresh, cancel);
            runs.Add((run, plan, keys));
        }
        return Collect(file, runs, directory);
    }

    // Whether a finished run has the other seeds' records that there are now.
    private static bool HasSeeds(RunDirectory run, Plan plan, RunKeys keys) =>
        RunRecordFile.ReadResults(run.File(RunRecordFile.ResultsName)).Seeds.Select(s => s.Sha256)
            .SequenceEqual(KeptSeeds.Of(plan, keys.DataVersion, plan.SeedRecords).Seeds.Select(s => s.Sha256));

    private string Collect(ClaimsFile file, List<(RunDirectory Run, Plan Plan, RunKeys Keys)> runs, string directory)
    {
        var shown = runs.ToDictionary(r => r.Plan.Definition.Name, r => Show(r.Run, r.Plan, r.Keys), StringComparer.Ordinal);
        var evaluation = new ClaimEvaluation(shown);
        // A limited run may lack what an exhibit is made of.
        var exhibits = runs.ToDictionary(r => r.Plan.Definition.Name,
            r => RunRecordFile.ReadResults(r.Run.File(RunRecordFile.ResultsName)).Exhibits.Select(e => e.Id).ToList(),
                StringComparer.Ordinal);
        ClaimRecord Linked(ClaimRecord claim) => claim with
        {
            Run = claim.Run is { } run ? KeyOf(run) : null,
            Exhibit = claim.Run is { } of && claim.Exhibit is { } exhibit && exhibits[of].Contains(exhibit) ? exhibit : null,
        };
        var limited = runs.ToDictionary(r => KeyOf(r.Plan.Definition.Name), r => r.Plan.Definition.Limited,
            StringComparer.Ordinal);
        var (commit, dirty) = Machinery.Commit();
        var keys = runs[0].Keys;
        var record = new CollectionRecord
        {
            Schema = CollectionRecord.CurrentSchema,
            Name = file.Name,
            Title = file.Title,
            Summary = file.Summary,
            Command = "aim reproduce --all",
            Paper = file.Paper,
            Code = new CodeRecord
            {
                Engine = keys.Engine,
                InstructionSet = keys.InstructionSet,
                Commit = commit,
                Dirty = dirty,
                Assemblies = [.. keys.Assemblies.Select(a => new HashRecord(a.Name, a.Sha256))],
            },
            Claims =
            [
                .. file.Claims.Select(evaluation.Evaluate).Select(Linked),
                CostExhibits.Claim(),
            ],
            Exhibits = CostExhibits.All(),
            Runs =
            [
                .. runs.Select(r => new CollectionRunRecord(
                    KeyOf(r.Plan.Definition.Name), Path.GetFileName(r.Run.Path), CollectionFile.HashResults(r.Run.Path))),
            ],
        };
        string path = Path.Combine(directory, CollectionFile.Name), report = Path.Combine(directory, ReportName);
        CollectionFile.Write(path, record);
        ReportWriter.Write(CollectionFile.Read(path), report);
        foreach (var claim in record.Claims)
        {
            string? none = claim.Run is { } key ? limited.GetValueOrDefault(key) : null;
            _output.WriteLine($"{claim.Id}: {none ?? Words(claim.Verdict)}");
        }
        return report;
    }

    /// <summary>A finished run's answers as claims look at them.</summary>
    public static Shown Show(RunDirectory run, Plan plan, RunKeys keys)
    {
        var answers = Journal<SampleResult>.Read(run.Journal).DistinctBy(a => a.Key).ToDictionary(a => a.Key,
            StringComparer.Ordinal);
        var recordings = Journal<SampleRecording>.Read(run.Recordings).DistinctBy(r => r.Key).ToDictionary(r => r.Key,
            StringComparer.Ordinal);
        return new Shown(
            new Answers(plan, (cell, i) => answers[RunKeys.Answer(keys.Hash, cell, i)],
                (cell, i, kind) => recordings[RunKeys.Recording(keys.Hash, cell, i, kind)]),
            Experiment.KindsTable(plan))
        {
            Seeds = RunRecordFile.ReadResults(run.File(RunRecordFile.ResultsName)).Seeds,
        };
    }

    private void Announce(IReadOnlyList<Plan> plans)
    {
        double peak = Machine.MeasurePeakFlops();
        _output.WriteLine($"{"experiment",-24} {"cells",6} {"answers",8} {"TFLOPs",8}  question");
        foreach (var plan in plans)
        {
            var work = Workload.Of([plan]);
            _output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{plan.Definition.Name,-24} {plan.Cells.Count,6} {work.Answers,8} {work.Flops / 1e12,8:0.0}  "
                    + $"{plan.Definition.Title}"));
        }
        var all = Workload.Of(plans);
        _output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"in all {all.Answers} answers and {all.Flops / 1e12:0.0} TFLOPs, counting once what experiments share: about "
                + $"{Progress.Duration(all.At(peak))} at this machine's measured peak of {peak / 1e9:0} GFLOP/s, "
                + $"{Progress.Duration(all.At(400e9))} at 400, if nothing of it is there yet"));
    }

    private static string KeyOf(string name) => name.ToLowerInvariant();

    private static string Words(ClaimVerdict verdict) => verdict switch
    {
        ClaimVerdict.Holds => "holds",
        ClaimVerdict.InPart => "holds in part",
        ClaimVerdict.NotHere => "does not hold here",
        _ => "cannot be tested here",
    };
}
