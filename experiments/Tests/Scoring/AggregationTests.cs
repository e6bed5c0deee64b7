using Aim.Experiments.Planning;
using Aim.Experiments.Running;
using Aim.Experiments.Scoring;
using Aim.Experiments.Training;
using Aim.Reports.Records;
using TrainingHorizonPoint = Aim.Experiments.Training.HorizonPoint;
using TrainingProportion = Aim.Experiments.Training.Proportion;

namespace Aim.Experiments.Tests.Scoring;

/// <summary>Figures from answers that the test makes up, so that every one of them can be counted by hand.</summary>
public class AggregationTests
{
    private const int Count = 40;
    private static Workplace _work = null!;
    private static Plan _plan = null!;
    private static TestSet _set = null!;

    [OneTimeSetUp]
    public void Create()
    {
        _work = new Workplace(Count);
        _plan = Plan.Make(DefinitionReader.Read(_work.Definition), _work.Definition);
        _set = _plan.Sets.Single();
    }

    [OneTimeTearDown]
    public void Remove() => _work.Dispose();

    /// <summary>The unreduced model is right on all but the first four samples; AIM on all but the given ones.</summary>
    private static RunRecord Record(int[] wrong, KindTable? kinds = null)
    {
        SampleResult Answer(PlannedCell cell, int i) => new(
            $"{cell.Id} {i}", cell.Id, _set.Samples[i].Id,
            (cell.Id == "aim 1/4 default" ? !wrong.Contains(i) : i >= 4) ? _set.Samples[i].Answer : "wrong",
            cell.Tokens(_set.Prompts[i]), cell.Executed(_set.Prompts[i]));
        return new Aggregation(_plan, kinds ?? Kinds(_ => true),
            new Answers(_plan, Answer, (_, _, _) => throw new InvalidOperationException()))
            .Record(new RunKeys(_plan.Model.Sha256, "1", "Managed", "avx2", []), 1, (null, null), []);
    }

    private static KindTable Kinds(Func<string, bool> counts)
    {
        WriteEvaluation(_plan, counts);
        return KindTable.Load(Experiment.KindsOf(_plan), _plan.Model);
    }

    /// <summary>Writes an evaluation into the plan's model directory by which some kinds count.</summary>
    internal static void WriteEvaluation(Plan plan, Func<string, bool> counts)
    {
        var full = new TrainingProportion(1, 1, 1, 0, 1);
        new EvaluationRecord
        {
            ModelSha256 = plan.Model.Sha256,
            Split = "test",
            Frames = 8,
            Kinds =
            [
                .. Experiment.KindsOf(plan).Select(k => new KindEvaluation
                {
                    Kind = k,
                    Order = true,
                    Counts = counts(k),
                    Reason = "as the test says",
                    Full = full,
                    Controls = new Dictionary<string, TrainingProportion> { ["oneFrame"] = new(3, 10, 0.3, 0, 1) },
                    Horizon = [new TrainingHorizonPoint(2, full)],
                }),
            ],
        }.Save(Path.Combine(plan.Model.Directory, "evaluation.json"));
    }

    private static VerdictRecord Verdict(RunRecord record) => record.Verdicts.Single(v => v.Cell == "aim 1/4 default");

    private static CellRecord Aim(RunRecord record) => record.Cells.Single(c => c.Id == "aim 1/4 default");

    [Test]
    public void Accuracy_difference_and_loyalty_are_counted_on_the_same_samples()
    {
        var record = Record([0, 1, 2, 10, 11]); // unreduced wrong: 0-3
        var cell = Aim(record);
        Assert.That((cell.Samples, cell.Correct, cell.Accuracy), Is.EqualTo((40, 35, 0.875)));
        Assert.That((cell.Paired!.Wins, cell.Paired.Losses, cell.Paired.Difference), Is.EqualTo((1, 2, -1.0 / 40)));
        Assert.That(cell.Loyalty, Is.EqualTo(37.0 / 40));
        Assert.That(cell.Paired.McNemarP, Is.EqualTo(1).Within(1e-12));
        Assert.That(cell.ByKind.Sum(k => k.Samples), Is.EqualTo(40));
        var baseline = record.Cells.Single(c => c.Id == record.Baseline);
        Assert.That((baseline.Correct, baseline.Paired, baseline.Loyalty), Is.EqualTo((36, (PairedRecord?)null, (double?)null)));
    }

    [Test]
    public void Aim_holds_only_where_the_lower_bound_clears_the_margin()
    {
        Assert.That(Verdict(Record([0, 1, 2, 3])).Outcome, Is.EqualTo(Outcome.Holds), "equal answers: the interval is 0 to 0");
        var verdict = Verdict(Record([0, 1, 2, 3, 4, 5]));
        Assert.That(verdict.Outcome, Is.EqualTo(Outcome.NotDecided), "the interval has the margin inside");
        Assert.That(Verdict(Record([.. Enumerable.Range(0, 30)])).Outcome, Is.EqualTo(Outcome.DoesNotHold));
        Assert.That(verdict.Rule, Does.Contain("above -2 points"));
        Assert.That(verdict.Detail, Does.Contain("difference -5.00 points"));
        Assert.That(verdict.Claim, Is.EqualTo("AIM holds at 25% + pruning (default schedule (2, 3))"));
    }

    [Test]
    public void The_headline_is_over_the_kinds_that_count()
    {
        string left = _set.Samples[0].Kind;
        var record = Record([0, 1, 2, 3], Kinds(k => k != left));
        int counted = _set.Samples.Count(s => s.Kind != left),
            right = _set.Samples.Where((s, i) => s.Kind != left && i >= 4).Count();
        Assert.That((Aim(record).Counted!.Samples, Aim(record).Counted!.Correct), Is.EqualTo((counted, right)));
        Assert.That(Aim(record).Samples, Is.EqualTo(40), "all kinds stay in the record");
        Assert.That(record.Kinds.Single(k => !k.Counts).Kind, Is.EqualTo(left));
        Assert.That(Verdict(record).Detail, Does.Contain($"{counted} samples"));
    }

    [Test]
    public void Nothing_is_decided_where_no_kind_counts_or_none_was_evaluated()
    {
        Assert.That(Verdict(Record([0], Kinds(_ => false))).Outcome, Is.EqualTo(Outcome.NotDecided));
        File.Delete(Path.Combine(_plan.Model.Directory, "evaluation.json"));
        var verdict = Verdict(Record([0], KindTable.Load([.. _set.Samples.Select(s => s.Kind).Distinct()], _plan.Model)));
        Assert.That((verdict.Outcome, verdict.Detail),
            Is.EqualTo((Outcome.NotDecided,
                "the model has no evaluation.json, so no kind is known to need the frames: run 'aim lab evaluate'")));
    }

    [Test]
    public void Controls_come_from_the_models_evaluation()
    {
        var control = Record([0]).Controls.Single();
        Assert.That((control.Name, control.Accuracy), Is.EqualTo(("one-frame", 0.3)));
        Assert.That(Record([0]).Horizon, Is.Not.Empty);
    }

    [Test]
    public void An_evaluation_of_other_weights_is_refused()
    {
        Kinds(_ => true);
        string path = Path.Combine(_plan.Model.Directory, "evaluation.json");
        File.WriteAllText(path, File.ReadAllText(path).Replace(_plan.Model.Sha256, new string('1', 64)));
        Assert.That(Assert.Throws<DefinitionException>(() => KindTable.Load([], _plan.Model))!.Message,
            Does.Contain("made for other weights"));
    }

    [Test]
    public void P_values_are_corrected_among_headline_cells_and_among_exploratory_ones()
    {
        // All other cells answer as the unreduced model does: p = 1. Six lost answers of aim 1/4 default: p = 2 / 2^6.
        var cells = Record([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]).Cells;
        var headline = cells.Where(c => c.Headline && c.Paired is not null).ToList();
        Assert.That(headline.Select(c => c.Id), Is.EqualTo(new[] { "aim 1/4", "aim 1/4 default" }));
        Assert.That(Aim(Record([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])).Paired!.HolmP, Is.EqualTo(2 * 2 / 64.0).Within(1e-12));
        Assert.That(cells.Where(c => !c.Headline).Select(c => c.Paired!.HolmP), Is.All.EqualTo(1));
        Assert.That(cells.Single(c => c.Id == "none").Paired, Is.Null);
    }

    [Test]
    public void Pruned_cells_are_priced_a_layer_early_and_honestly()
    {
        var cells = Record([0]).Cells.ToDictionary(c => c.Id);
        Assert.That(cells["aim 1/4 default"].FlopsPriced, Is.LessThan(cells["aim 1/4 default"].FlopsHonest));
        Assert.That(cells["aim 1/4"].FlopsPriced, Is.EqualTo(cells["aim 1/4"].FlopsHonest));
        Assert.That(cells["downsample at aim 1/4 default"].FlopsPriced,
            Is.EqualTo(cells["downsample at aim 1/4 default"].FlopsHonest));
        Assert.That(cells["none"].TokensPerLayer, Is.All.EqualTo(8 * 36 + 1 + _set.Prompts.Average(p => p.Text)).Within(1e-9));
    }
}
