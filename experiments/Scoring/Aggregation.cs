using System.Globalization;
using Aim.Cost;
using Aim.Experiments.Planning;
using Aim.Experiments.Running;
using Aim.Experiments.Statistics;
using Aim.Reports.Records;

namespace Aim.Experiments.Scoring;

/// <summary>
/// From answers to <c>results.json</c>: accuracies with intervals, differences to the unreduced model paired on the samples that
/// both have, tokens and FLOPs as priced and as executed, and the verdicts by the rule that the definition fixed. No times, so
/// equal answers give equal bytes.
/// </summary>
internal sealed class Aggregation
{
    private readonly Plan _plan;
    private readonly KindTable _kinds;
    private readonly Func<PlannedCell, IReadOnlyList<SampleResult>> _answers;
    private readonly IReadOnlyList<SampleResult> _baseline;

    /// <param name="plan">What was run.</param>
    /// <param name="kinds">Which kinds count.</param>
    /// <param name="answers">A cell's answers in the order of the samples.</param>
    public Aggregation(Plan plan, KindTable kinds, Func<PlannedCell, IReadOnlyList<SampleResult>> answers)
    {
        (_plan, _kinds, _answers) = (plan, kinds, answers);
        _baseline = answers(plan.Baseline);
    }

    /// <summary>The record of the whole run.</summary>
    /// <param name="keys">What computed it.</param>
    /// <param name="parameters">Parameters of the model.</param>
    /// <param name="commit">The commit of the clone, where known.</param>
    public RunRecord Record(RunKeys keys, long parameters, (string? Commit, bool? Dirty) commit)
    {
        var definition = _plan.Definition;
        CellRecord[] cells = [.. _plan.Cells.Select(CellOf)];
        return new RunRecord
        {
            Schema = RunRecord.CurrentSchema,
            Definition = new DefinitionRecord
            {
                Name = definition.Name,
                Title = definition.Title,
                Version = definition.Version,
                Sha256 = CanonicalForm.Hash(definition),
                Yaml = CanonicalForm.Write(definition),
            },
            Code = new CodeRecord
            {
                Engine = keys.Engine,
                InstructionSet = keys.InstructionSet,
                Commit = commit.Commit,
                Dirty = commit.Dirty,
                Assemblies = [.. keys.Assemblies.Select(a => new HashRecord(a.Name, a.Sha256))],
            },
            Model = new ModelRecord
            {
                Name = Path.GetFileName(_plan.Model.Directory),
                Path = definition.Model,
                Sha256 = _plan.Model.Sha256,
                Parameters = parameters,
                Layers = _plan.Geometry.Shape.Layers,
                TokensPerFrame = _plan.Geometry.TokensPerFrame,
            },
            Data = new DataRecord
            {
                Name = definition.Data,
                Version = keys.DataVersion,
                Split = definition.Split,
                Samples = _plan.Samples.Count,
                Frames = definition.Frames,
                Hashes = [new HashRecord("samples", CanonicalForm.Sha256(
                    string.Join('\n', _plan.Samples.Select((s, i) => $"{_plan.SampleKey(i)} {s.Answer}"))))],
            },
            Baseline = _plan.Baseline.Cell.Id,
            Cells = cells,
            Controls = _kinds.Controls,
            Kinds = _kinds.Kinds,
            Horizon = _kinds.Horizon,
            Verdicts =
            [
                .. _plan.Cells.Zip(cells)
                    .Where(c => c.First.Cell is { Headline: true, Method: "aim", Schedule.IsNone: false })
                    .Select(c => Verdict(c.First, c.Second)),
            ],
            CostChecks = [.. PaperTables.Table1().Select(Check).OfType<CostCheckRecord>()],
        };
    }

    internal static double Share(int correct, int samples) => samples == 0 ? 0 : (double)correct / samples;

    internal static KindScoreRecord KindScore(string kind, int samples, int correct) =>
        new(kind, samples, correct, Share(correct, samples), Wilson(correct, samples));

    private CellRecord CellOf(PlannedCell cell)
    {
        var answers = _answers(cell);
        Score[] scores = [.. answers.Select((a, i) =>
            new Score(_plan.Samples[i].Kind, IsRight(i, a), IsRight(i, _baseline[i]), a.Answer, _baseline[i].Answer))];
        bool isBaseline = cell == _plan.Baseline;
        var all = Figures(scores, isBaseline);
        var shape = _plan.Geometry.Shape;
        double executed = answers.Sum(a => (double)a.Flops) / answers.Count;
        return new CellRecord
        {
            Id = cell.Cell.Id,
            Method = cell.Cell.Method,
            Headline = cell.Cell.Headline,
            Retention = cell.Cell.Retention.ToString(),
            RetentionPrinted = cell.Cell.Retention.Label,
            Schedule = cell.Schedule is { } s ? new ScheduleRecord(cell.Cell.Schedule.Name, s.L1, s.L2) : null,
            Frames = _plan.Definition.Frames,
            Samples = all.Samples,
            Correct = all.Correct,
            Accuracy = all.Accuracy,
            Wilson = all.Wilson,
            ByKind = [.. scores.GroupBy(x => x.Kind).Select(g => KindScore(g.Key, g.Count(), g.Count(x => x.Right)))],
            Paired = all.Paired,
            Loyalty = all.Loyalty,
            Counted = _kinds.IsMixed ? Figures([.. scores.Where(x => _kinds.Counts(x.Kind))], isBaseline) : null,
            TokensPerLayer = [.. Enumerable.Range(0, shape.Layers)
                .Select(l => answers.Sum(a => (double)a.Tokens[l]) / answers.Count)],
            FlopsPriced = _plan.Mean(cell, text => CostModel.Prefill(
                shape, cell.PricedTokens(text), Hardware.A100_40GB, CostOptions.PaperQwen2).Flops),
            FlopsHonest = _plan.Mean(cell, text => CostModel.Prefill(
                shape, cell.Tokens(text), Hardware.A100_40GB, CostOptions.PaperQwen2).Flops),
            FlopsExecutedMatmul = executed,
            Target = cell.Target,
            Achieved = cell.Target is { } target ? executed / target : null,
        };
    }

    private static CountedRecord Figures(Score[] scores, bool isBaseline)
    {
        int correct = scores.Count(s => s.Right);
        bool compare = !isBaseline && scores.Length > 0;
        return new CountedRecord
        {
            Samples = scores.Length,
            Correct = correct,
            Accuracy = Share(correct, scores.Length),
            Wilson = Wilson(correct, scores.Length),
            Paired = compare ? Paired(scores) : null,
            Loyalty = compare ? Loyalty.Of([.. scores.Select(s => s.Answer)], [.. scores.Select(s => s.Unreduced)]) : null,
        };
    }

    private static PairedRecord Paired(Score[] scores)
    {
        var paired = PairedComparison.Of([.. scores.Select(s => s.Right)], [.. scores.Select(s => s.UnreducedRight)]);
        return new PairedRecord
        {
            Samples = paired.Samples,
            Difference = paired.Difference,
            Interval = new IntervalRecord(paired.Interval.Low, paired.Interval.High),
            TP = paired.P,
            McNemarP = paired.McNemarP,
            Wins = paired.Wins,
            Losses = paired.Losses,
        };
    }

    private VerdictRecord Verdict(PlannedCell cell, CellRecord record)
    {
        decimal margin = _plan.Definition.Margin;
        var paired = record.Counted is { } counted ? counted.Paired : record.Paired;
        string Points(double value) => (value * 100).ToString("+0.00;-0.00;0.00", CultureInfo.InvariantCulture);
        string? undecided = _kinds.Undecided ?? (paired is { Samples: > 1 } ? null : "fewer than two samples");
        return new VerdictRecord
        {
            Claim = $"AIM holds at {record.RetentionPrinted} + pruning ({cell.Cell.Schedule.Name} schedule {cell.Schedule})",
            Outcome = undecided is not null
                ? Outcome.NotDecided : paired!.Interval.Low > -(double)margin / 100 ? Outcome.Holds : Outcome.DoesNotHold,
            Rule = string.Create(CultureInfo.InvariantCulture,
                $"the lower 95 % bound of the paired difference to the unreduced model is above -{margin} points, on the kinds that count"),
            Detail = undecided
                ?? string.Create(CultureInfo.InvariantCulture,
                    $"difference {Points(paired!.Difference)} points, 95 % interval {Points(paired.Interval.Low)} to {Points(paired.Interval.High)}, {paired.Samples} samples, exact McNemar p {(paired.McNemarP < 0.0001 ? "< 0.0001" : paired.McNemarP.ToString("0.0000", CultureInfo.InvariantCulture))}"),
            Cell = record.Id,
        };
    }

    private bool IsRight(int sample, SampleResult result) => _plan.Samples[sample].IsRight(result.Answer);

    private static IntervalRecord Wilson(int correct, int samples)
    {
        var interval = Statistics.Proportion.Wilson(correct, samples);
        return new IntervalRecord(interval.Low, interval.High);
    }

    // null for a row that no setting reproduces: there is nothing to check the cost model with
    private static CostCheckRecord? Check(PaperRow row)
    {
        if (row.Cost() is not { } cost)
            return null;
        var later = row.Quirks.HasFlag(Quirk.OneLayerEarly) ? row.Cost(row.Quirks & ~Quirk.OneLayerEarly, new TablePricing()) : null;
        return new CostCheckRecord
        {
            Setting = row.Setting,
            Teraflops = cost.Teraflops,
            Milliseconds = cost.Milliseconds,
            PaperTeraflops = row.Teraflops,
            PaperMilliseconds = row.Milliseconds,
            HonestTeraflops = later?.Teraflops,
            HonestMilliseconds = later?.Milliseconds,
        };
    }

    private sealed record Score(string Kind, bool Right, bool UnreducedRight, string Answer, string Unreduced);
}
