using System.Globalization;
using Aim.Cost;
using Aim.Experiments.Exhibits;
using Aim.Experiments.Planning;
using Aim.Experiments.Running;
using Aim.Experiments.Statistics;
using Aim.Experiments.Training;
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
    private readonly Answers _answers;

    /// <param name="plan">What was run.</param>
    /// <param name="kinds">Which kinds count.</param>
    /// <param name="answers">What came out.</param>
    public Aggregation(Plan plan, KindTable kinds, Answers answers) => (_plan, _kinds, _answers) = (plan, kinds, answers);

    /// <summary>The record of the whole run.</summary>
    /// <param name="keys">What computed it.</param>
    /// <param name="parameters">Parameters of the model.</param>
    /// <param name="commit">The commit of the clone, where known.</param>
    /// <param name="seeds">The same definition on models from other seeds (<see cref="KeptSeeds"/>).</param>
    public RunRecord Record(RunKeys keys, long parameters, (string? Commit, bool? Dirty) commit, IReadOnlyList<SeedRecord> seeds)
    {
        var definition = _plan.Definition;
        var cells = Corrected([.. _plan.Cells.Select(CellOf)]);
        var set = _plan.Sets[0];
        return new RunRecord
        {
            Schema = RunRecord.CurrentSchema,
            Definition = new DefinitionRecord
            {
                Name = definition.Name,
                Title = definition.Title,
                Question = definition.Question,
                Version = definition.Version,
                Limit = definition.Limit,
                Sha256 = CanonicalForm.Hash(definition),
                Yaml = CanonicalForm.Write(definition),
            },
            Code = new CodeRecord
            {
                Engine = keys.Engine,
                InstructionSet = keys.InstructionSet,
                Commit = commit.Commit,
                Dirty = commit.Dirty,
                Assemblies =
                [
                    .. keys.Assemblies.Select(a => new HashRecord(a.Name, a.Sha256)),
                    .. _plan.Registered.Select(m => new HashRecord(MethodOf(m.Name), m.Sha256)),
                ],
            },
            Model = new ModelRecord
            {
                Name = _plan.Model.Name,
                Path = definition.Model,
                Sha256 = _plan.Model.Sha256,
                Parameters = parameters,
                Layers = set.Geometry.Shape.Layers,
                TokensPerFrame = set.Geometry.TokensPerFrame,
                Seed = TrainingSummary.TryLoad(Path.Combine(_plan.Model.Directory, "training.json"))?.Seed,
                Seeds = seeds.Count + 1,
            },
            Data = new DataRecord
            {
                Name = _plan.Data.Name,
                Version = keys.DataVersion,
                Split = definition.Split,
                Samples = set.Samples.Count,
                First = set.First < set.Samples.Count ? set.First : null,
                Frames = set.Name.IsPicture ? 1 : set.Geometry.Frames,
                Hashes =
                [
                    .. _plan.Sets.Select(each => new HashRecord(
                        each == set ? "samples" : $"samples: {each.Name.Beside(set.Name)}",
                        CanonicalForm.Sha256(string.Join('\n',
                            each.Samples.Select((s, i) => $"{each.SampleKey(i)} {s.Answer}"))))),
                ],
            },
            Baseline = _plan.Baseline.Id,
            Cells = cells,
            Controls = _kinds.Controls,
            Kinds = _kinds.Kinds,
            Horizon = _kinds.Horizon,
            Seeds = seeds,
            Verdicts =
            [
                .. _plan.Cells.Zip(cells).Where(c => c.First.Cell is { Headline: true, Method: "aim" })
                    .Select(c => Verdict(c.First, c.Second)),
            ],
            Exhibits = ExhibitBook.Of(new Shown(_answers, _kinds)),
            CostChecks = [.. PaperTables.Table1().Select(Check).OfType<CostCheckRecord>()],
        };
    }

    /// <summary>How a record names a method among what computed it.</summary>
    public static string MethodOf(string name) => $"method {name}";

    private CellRecord CellOf(PlannedCell cell)
    {
        var (answers, baseline) = (_answers.Of(cell), _plan.BaselineOf(cell));
        var unreduced = _answers.Of(baseline);
        bool[] right = _answers.Right(cell), unreducedRight = _answers.Right(baseline);
        Score[] scores = [.. answers.Select((a, i) =>
            new Score(cell.Set.Samples[i].Kind, right[i], unreducedRight[i], a.Answer, unreduced[i].Answer))];
        var all = CellFigures.Of(scores, cell.Cell.IsBaseline);
        // A down-sampled cell is shown by the cell whose FLOPs it must not exceed; other methods by their own settings.
        var shape = cell.Geometry.Shape;
        var matched = cell.Cell is { Method: "downsample", Target.Cell: { } id }
            ? _plan.Definition.Cells.First(c => c.Set == cell.Cell.Set && c.Id == id) : cell.Cell;
        var schedule = matched == cell.Cell && cell.Cell.Schedule.IsNone ? null : cell.Schedule;
        double executed = answers.Sum(a => (double)a.Flops) / answers.Count;
        return new CellRecord
        {
            Id = cell.Id,
            Method = cell.Cell.Method,
            Label = LabelOf(cell),
            Note = cell.Method.Definition.On(_plan.HostOf(cell.Set)).ToString() is { Length: > 0 } fit ? fit : null,
            Headline = cell.Cell.Headline,
            Baseline = cell.Set == _plan.Sets[0] ? null : baseline.Id,
            Questions = cell.Set == _plan.Sets[0] ? null : cell.Set.Name.Beside(_plan.Sets[0].Name),
            Retention = matched.Retention.ToString(),
            RetentionPrinted = matched.Retention.Label,
            Schedule = schedule is { } s ? new ScheduleRecord(matched.Schedule.Name, s.L1, s.L2) : null,
            Frames = cell.Set.Name.IsPicture ? 1 : cell.Geometry.Frames,
            Samples = all.Samples,
            Correct = all.Correct,
            Accuracy = all.Accuracy,
            Wilson = all.Wilson,
            ByKind = [.. scores.GroupBy(x => x.Kind).Select(g => CellFigures.KindScore(g.Key, g.Count(), g.Count(x => x.Right)))],
            Paired = all.Paired,
            Loyalty = all.Loyalty,
            Counted = _kinds.IsMixed ? CellFigures.Of([.. scores.Where(x => _kinds.Counts(x.Kind))], cell.Cell.IsBaseline) : null,
            TokensPerLayer = [.. Enumerable.Range(0, shape.Layers)
                .Select(l => answers.Sum(a => (double)a.Tokens[l]) / answers.Count)],
            FlopsPriced = cell.Mean(text => CostModel.Prefill(
                shape, cell.PricedTokens(text), Hardware.A100_40GB, cell.Geometry.Pricing).Flops),
            FlopsHonest = cell.Mean(text => CostModel.Prefill(
                shape, cell.Tokens(text), Hardware.A100_40GB, cell.Geometry.Pricing).Flops),
            FlopsExecutedMatmul = executed,
            Target = cell.Target,
            Achieved = cell.Target is { } target ? executed / target : null,
        };
    }

    // What tells the cell from others of its method beside retention and schedule; null where nothing does.
    private string? LabelOf(PlannedCell cell)
    {
        string? name = cell.Cell switch
        {
            { Method: Cell.Unreduced, Schedule: { IsNone: false } cut } => $"vision {cut}",
            { Budget: { } budget } => $"aim within {budget}",
            { Target: not null, Method: not "downsample" } => $"{cell.Cell.Method} {cell.Method.Settings.Canonical}",
            { Settings.Count: > 0 } => $"{cell.Cell.Method} {string.Join(' ', cell.Cell.Settings)}",
            _ => null,
        };
        return cell.Set == _plan.Sets[0] ? name
            : $"{name ?? (cell.Cell.IsBaseline ? "unreduced" : cell.Cell.Method)}, {cell.Set.Name.Beside(_plan.Sets[0].Name)}";
    }

    /// <summary>
    /// Holm's correction over the run's comparisons with the unreduced model, headline and exploratory cells each a family of
    /// their own: what nobody rests a verdict on shall not weaken what somebody does.
    /// </summary>
    private static CellRecord[] Corrected(CellRecord[] cells)
    {
        foreach (bool headline in new[] { true, false })
        {
            int[] family = [.. Enumerable.Range(0, cells.Length).Where(i => cells[i].Headline == headline
                && cells[i].Paired is not null)];
            double[] all = Holm.Adjust([.. family.Select(i => cells[i].Paired!.McNemarP)]);
            double[] counted = Holm.Adjust([.. family.Select(i => cells[i].Counted?.Paired?.McNemarP ?? 1)]);
            for (int k = 0; k < family.Length; k++)
            {
                var cell = cells[family[k]];
                cells[family[k]] = cell with
                {
                    Paired = cell.Paired! with { HolmP = all[k] },
                    Counted = cell.Counted is { Paired: { } paired } figures
                        ? figures with { Paired = paired with { HolmP = counted[k] } } : cell.Counted,
                };
            }
        }
        return cells;
    }

    private VerdictRecord Verdict(PlannedCell cell, CellRecord record)
    {
        decimal margin = _plan.Definition.Margin;
        var paired = record.Counted is { } counted ? counted.Paired : record.Paired;
        string? undecided = _plan.Definition.Limited ?? _kinds.Undecided
            ?? (paired is { Samples: > 1 } ? null : "fewer than two samples");
        return new VerdictRecord
        {
            Claim = $"AIM holds {Setting(cell, record)}{(record.Questions is { } questions ? $", {questions}" : "")}",
            Outcome = undecided is not null ? Outcome.NotDecided
                : paired!.Interval.Low > -(double)margin / 100 ? Outcome.Holds
                : paired.Interval.High < -(double)margin / 100 ? Outcome.DoesNotHold : Outcome.NotDecided,
            Rule = string.Create(CultureInfo.InvariantCulture,
                $"the lower 95 % bound of the paired difference to the unreduced model is above -{margin} points, on the kinds "
                    + $"that count; "
                + $"with the upper bound below that it does not hold, in between it is not decided"),
            Detail = undecided is null ? Figures(paired!)
                : _plan.Definition.Limit is not null && paired is not null ? $"{undecided}; {Figures(paired)}" : undecided,
            Cell = record.Id,
        };
    }

    private static string Figures(PairedRecord paired)
    {
        static string Points(double value) => SignedFigures.Points(value, 2);
        string p = paired.McNemarP < 0.0001 ? "< 0.0001" : paired.McNemarP.ToString("0.0000", CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture,
            $"difference {Points(paired.Difference)} points, 95 % interval {Points(paired.Interval.Low)} to "
                + $"{Points(paired.Interval.High)}, ")
            + string.Create(CultureInfo.InvariantCulture, $"{paired.Samples} samples, exact McNemar p {p}");
    }

    private static string Setting(PlannedCell cell, CellRecord record) => (cell.Cell, cell.Schedule) switch
    {
        ({ Budget: { } budget }, _) => $"within a budget of {budget}",
        ({ Target: { } target }, _) => $"at the FLOPs of {target}",
        (_, null) => $"at {record.RetentionPrinted}, merging alone",
        ({ Retention.IsAll: true }, _) => $"without merging, pruning ({cell.Cell.Schedule.Name} schedule {cell.Schedule})",
        _ => $"at {record.RetentionPrinted} + pruning ({cell.Cell.Schedule.Name} schedule {cell.Schedule})",
    };

    // null for a row that no setting reproduces: there is nothing to check the cost model with
    private static CostCheckRecord? Check(PaperRow row)
    {
        if (row.Cost() is not { } cost)
            return null;
        var later = row.Quirks.HasFlag(Quirk.OneLayerEarly) ? row.Cost(row.Quirks & ~Quirk.OneLayerEarly, new TablePricing())
            : null;
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
}
