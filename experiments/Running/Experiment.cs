using System.Diagnostics;
using System.Globalization;
using Aim.Datasets;
using Aim.Experiments.Planning;
using Aim.Experiments.Scoring;
using Aim.Models;
using Aim.Reduction;
using Aim.Reports;
using Aim.Reports.Records;

namespace Aim.Experiments.Running;

/// <summary>
/// One run from definition to report: plan, journal, answers, <c>results.json</c>, <c>timings.json</c>, <c>report.html</c>.
/// </summary>
internal sealed class Experiment
{
    // Bytes of weights: the lab's models have a few million, the smallest checkpoints of the hub a thousand million.
    private const long SmallModel = 1L << 28;

    private readonly TextWriter _output;
    private readonly bool _terminal;
    private readonly int _threads;

    /// <param name="output">Takes progress and what was written.</param>
    /// <param name="terminal">Whether progress may rewrite its line.</param>
    /// <param name="threads">Samples computed at once.</param>
    public Experiment(TextWriter output, bool terminal, int threads) =>
        (_output, _terminal, _threads) = (output, terminal, threads);

    /// <summary>Runs a definition, or what is missing of an earlier run of it.</summary>
    /// <param name="definition">What to run.</param>
    /// <param name="definitionFile">Where it stands: its model's path may be relative to it.</param>
    /// <param name="directory">The directory of runs.</param>
    /// <param name="fresh">Start anew and share nothing with earlier runs.</param>
    /// <param name="cancel">Ends it; what is finished is kept.</param>
    /// <returns>The run's directory, its report written.</returns>
    /// <exception cref="DefinitionException">The definition, its model or the output directory cannot be used.</exception>
    /// <exception cref="OperationCanceledException">Ended on request.</exception>
    public RunDirectory Run(Definition definition, string definitionFile, string directory, bool fresh,
        CancellationToken cancel) =>
        Run(Plan.Make(definition, definitionFile), directory, fresh, cancel);

    /// <summary>As <see cref="Run(Definition, string, string, bool, CancellationToken)"/>, planned already.</summary>
    public RunDirectory Run(Plan plan, string directory, bool fresh, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        var started = DateTimeOffset.UtcNow;
        var definition = plan.Definition;
        var kinds = KindsTable(plan);
        var keys = Keys(plan);
        var run = RunDirectory.Open(directory, definition, keys, started, fresh);
        using var journals = RunJournals.Open(run, fresh ? [] : RunDirectory.Store(directory, keys, run.Path), plan, keys);
        _output.WriteLine($"{(run.Resumed ? "continuing" : "new run")} {run.Path}");
        foreach (var (id, reason) in plan.LeftOut)
            _output.WriteLine($"left out: {id}: {reason}");

        long weights = MultimodalModel.WeightBytes(plan.Model.Directory);
        using var model = MultimodalModel.Load(plan.Model.Directory, products: Machinery.Residency(weights));
        // Samples of a small model run side by side on threads of their own, and the engine itself uses one: small operations
        // divide badly. Those of a large one divide well, and its samples side by side would take their memory each.
        bool small = weights < SmallModel;
        torch.set_num_threads(small ? 1 : _threads);
        var runner = new Runner(plan, model, journals, keys, small ? _threads : 1);
        runner.Run(_output, _terminal, cancel);
        _output.WriteLine($"computed {runner.Computed} answers");

        var (seeds, others) = KeptSeeds.Of(plan, keys.DataVersion, plan.SeedRecords);
        foreach (string other in others)
            _output.WriteLine($"seed left out: {other}");
        var record = new Aggregation(plan, kinds, new Answers(plan, journals, keys))
            .Record(keys, model.Weights.ParameterCount, Machinery.Commit(), seeds);
        RunRecordFile.Write(run.File(RunRecordFile.ResultsName), record);
        var timings = Time(plan, model, started, clock, cancel);
        RunRecordFile.Write(run.File(RunRecordFile.TimingsName), timings);
        ReportWriter.Write(record, timings, run.Report);
        Summarise(record);
        return run;
    }

    /// <summary>What a plan's answers depend on beside cell and sample.</summary>
    public static RunKeys Keys(Plan plan) => Keys(plan.Model.Sha256, plan.Data.Version);

    /// <summary>The same of a model that is asked the lab's questions.</summary>
    public static RunKeys Keys(string modelSha256) => Keys(modelSha256, LabWorld.Version);

    private static RunKeys Keys(string modelSha256, string dataVersion) => new(
        modelSha256, dataVersion, Engine.Name, Machine.Isa,
        RunKeys.HashAssemblies([typeof(torch), typeof(MultimodalModel), typeof(Methods), typeof(LabData), typeof(Experiment)]));

    /// <summary>Which kinds of question of a plan count, as clips or as pictures.</summary>
    public static KindTable KindsTable(Plan plan) =>
        plan.Data.Kinds(KindsOf(plan), plan.Sets.All(s => s.Name.IsPicture));

    /// <summary>The kinds of question of a plan, in order of appearance.</summary>
    public static IReadOnlyList<string> KindsOf(Plan plan) =>
        [.. plan.Sets.SelectMany(s => s.Samples).Select(s => s.Kind).Distinct()];

    private Timings Time(Plan plan, MultimodalModel model, DateTimeOffset started, Stopwatch clock, CancellationToken cancel)
    {
        if (TimingPass.Chosen(plan).Any())
            _output.WriteLine("timing one prompt at a time");
        var machine = MeasuredMachine.Record();
        var cells = new TimingPass(plan, model).Run(machine, cancel);
        return new Timings
        {
            Schema = Timings.CurrentSchema,
            Machine = machine,
            Started = started.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
            WallSeconds = clock.Elapsed.TotalSeconds,
            Cells = cells,
        };
    }

    private void Summarise(RunRecord record)
    {
        var baseline = record.Cells.First(c => c.Id == record.Baseline);
        var (accuracy, samples) = baseline.Counted is { } counted
            ? (counted.Accuracy, counted.Samples) : (baseline.Accuracy, baseline.Samples);
        _output.WriteLine(FormattableString.Invariant($"unreduced accuracy {accuracy * 100:0.0} % on {samples} samples"));
        if (record.Seeds.Count == 0)
            _output.WriteLine("one seed");
        foreach (var cell in record.Cells.Where(c => record.Seeds.Count > 0 && record.Verdicts.Any(v => v.Cell == c.Id)))
        {
            double own = (cell.Counted is { } shown ? shown.Paired : cell.Paired)!.Difference;
            double[] all = [own, .. record.Seeds.SelectMany(s => s.Cells.Where(c => c.Id == cell.Id)).Select(c => c.Difference)];
            _output.WriteLine($"{cell.Id} over {all.Length} seeds: mean {SignedFigures.Points(all.Average())} points, "
                + $"{SignedFigures.Points(all.Min())} to {SignedFigures.Points(all.Max())}");
        }
        foreach (var verdict in record.Verdicts)
            _output.WriteLine(record.Definition.Limit is null
                ? $"{verdict.Claim}: {Words(verdict.Outcome)}; {verdict.Detail}"
                : $"whether {verdict.Claim}: {verdict.Detail}");
    }

    private static string Words(Outcome outcome) => outcome switch
    {
        Outcome.Holds => "holds",
        Outcome.DoesNotHold => "does not hold",
        _ => "not decided",
    };
}
