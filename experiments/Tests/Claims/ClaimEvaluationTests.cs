using System.Globalization;
using Aim.Experiments.Claims;
using Aim.Experiments.Exhibits;
using Aim.Experiments.Planning;
using Aim.Experiments.Running;
using Aim.Experiments.Scoring;
using Aim.Reports.Records;

namespace Aim.Experiments.Tests.Claims;

/// <summary>Verdicts from answers that the test makes up.</summary>
public class ClaimEvaluationTests
{
    private const int Count = 400;
    private static Workplace _work = null!;
    private static Plan _plan = null!;
    private static KindTable _kinds = null!;

    [OneTimeSetUp]
    public void Create()
    {
        _work = new Workplace(Count);
        _plan = Plan.Make(DefinitionReader.Read(_work.Definition), _work.Definition);
        Scoring.AggregationTests.WriteEvaluation(_plan, _ => true);
        _kinds = KindTable.Load(Experiment.KindsOf(_plan), _plan.Model);
    }

    [OneTimeTearDown]
    public void Remove() => _work.Dispose();

    /// <summary>The first so many samples of a cell are wrong.</summary>
    private static Shown Run(int none, int aim, int random, long overhead = 0, params SeedRecord[] seeds)
    {
        SampleResult Answer(PlannedCell cell, int i)
        {
            int wrong = cell.Cell.Method switch { "none" => none, "aim" => aim, _ => random };
            return new SampleResult("", cell.Id, "", i < wrong ? "wrong" : cell.Set.Samples[i].Answer,
                cell.Tokens(cell.Set.Prompts[i]),
                cell.Executed(cell.Set.Prompts[i]), overhead);
        }
        return new Shown(new Answers(_plan, Answer, (_, _, _) => throw new InvalidOperationException()), _kinds)
        {
            Seeds = seeds,
        };
    }

    private static ClaimRecord Evaluate(Shown shown, ClaimTest[] tests, ClaimTest[] controls) =>
        new ClaimEvaluation(new Dictionary<string, Shown> { ["d"] = shown })
            .Evaluate(new Claim("c", "It holds.", "Table 1", "d", null, tests, controls, null));

    private static readonly ClaimTest _notWorse = new(TestKind.NotWorse, "aim 1/4 default", "none", 2);
    private static readonly ClaimTest _control = new(TestKind.Better, "aim 1/4 default", "random 1/4 default", 0);

    [Test]
    public void A_claim_holds_if_tests_and_controls_come_out()
    {
        var claim = Evaluate(Run(none: 40, aim: 40, random: 120), [_notWorse], [_control]);
        Assert.That(claim.Verdict, Is.EqualTo(ClaimVerdict.Holds), claim.Reason);
        Assert.That((claim.Measure!.Value.Value, claim.Measure.Value.N, claim.Control!.Value.Value),
            Is.EqualTo((0.0, Count, 80.0 / Count)));
        Assert.That(claim.Comparisons.Select(ComparisonWords.Of), Is.EqualTo(new[]
        {
            "accuracy of 'aim 1/4 default' minus that of 'none': 0.0 points [0.0, 0.0], above -2.0 is asked for: passes",
            "control: " + ControlWords(claim.Comparisons[1].Value.Interval!),
        }));
        Assert.That((claim.Reason, claim.Rule), Is.EqualTo(("The test passes; the control passes.",
            "Holds if every test and control keeps to its bound, with the whole 95 % interval where there is one. "
            + "The test without the controls: in part")));

        static string ControlWords(IntervalRecord interval) => string.Create(CultureInfo.InvariantCulture,
            $"accuracy of 'aim 1/4 default' minus that of 'random 1/4 default': +20.0 points [+{100 * interval.Low:0.0}, "
            + $"+{100 * interval.High:0.0}], above 0.0 is asked for: passes");
    }

    [Test]
    public void Without_the_control_it_holds_in_part() =>
        Assert.That(Evaluate(Run(40, 40, 40), [_notWorse], [_control]).Verdict, Is.EqualTo(ClaimVerdict.InPart));

    [Test]
    public void A_clear_loss_is_not_here() =>
        Assert.That(Evaluate(Run(40, 120, 200), [_notWorse], [_control]).Verdict, Is.EqualTo(ClaimVerdict.NotHere));

    [Test]
    public void Some_tests_make_a_part() =>
        Assert.That(Evaluate(Run(40, 120, 200), [_notWorse, new(TestKind.Cheaper, "aim 1/4 default", "none", 1.5m)], []).Verdict,
            Is.EqualTo(ClaimVerdict.InPart));

    /// <summary>
    /// A verdict needs a figure: where the first test's cell was left out, it is that of the test that decides.
    /// </summary>
    [Test]
    public void A_part_that_is_decided_behind_a_missing_cell_shows_its_figure()
    {
        var cheaper = new ClaimTest(TestKind.Cheaper, "aim 1/4 default", "none", 1.5m);
        var claim = Evaluate(
            Run(40, 120, 200), [_notWorse with { Cell = "aim 1/3" }, cheaper], [_control with { Cell = "aim 1/3" }]);
        Assert.That((claim.Verdict, claim.Measure?.Unit, claim.Control),
            Is.EqualTo((ClaimVerdict.InPart, Unit.Ratio, (MeasureRecord?)null)));
    }

    [Test]
    public void A_limited_run_decides_nothing_but_shows_what_it_measured()
    {
        var plan = Plan.Make(DefinitionReader.Read(_work.Definition, null, Count / 2), _work.Definition);
        SampleResult Answer(PlannedCell cell, int i) => new("", cell.Id, "", cell.Set.Samples[i].Answer, [], 1);
        var claim = Evaluate(new Shown(new Answers(plan, Answer, (_, _, _) => throw new InvalidOperationException()), _kinds),
            [_notWorse], []);
        Assert.That((claim.Verdict, claim.Measure is null), Is.EqualTo((ClaimVerdict.CannotBeTestedHere, false)));
        Assert.That(claim.Reason, Does.StartWith("Not decided: limited run: not a verdict (at most 200 samples a cell). The test "));
    }

    [Test]
    public void A_missing_cell_or_run_cannot_be_tested()
    {
        var gone = Evaluate(Run(0, 0, 0), [_notWorse with { Cell = "aim 1/3" }], []);
        Assert.That((gone.Verdict, gone.Reason, gone.Comparisons.Single().Value.Detail),
            Is.EqualTo((ClaimVerdict.CannotBeTestedHere, "The test was not measured.", "There is no cell 'aim 1/3'")));
        var claim = new Claim("c", "It holds.", "Table 1", "other", "x", [_notWorse], [], null);
        var record = new ClaimEvaluation(new Dictionary<string, Shown>()).Evaluate(claim);
        Assert.That((record.Verdict, record.Run, record.Exhibit),
            Is.EqualTo((ClaimVerdict.CannotBeTestedHere, (string?)null, (string?)null)));
        Assert.That(record.Comparisons.Single().OutcomeWords, Is.EqualTo("not measured"), "the rule is shown all the same");
    }

    [TestCase(nameof(TestKind.Better), 120, 40, 0, ComparisonOutcome.Passes)]
    [TestCase(nameof(TestKind.Better), 40, 40, 0, ComparisonOutcome.Fails)]
    [TestCase(nameof(TestKind.Better), 120, 40, 30, ComparisonOutcome.Fails)]
    [TestCase(nameof(TestKind.Worse), 40, 120, 0, ComparisonOutcome.Passes)]
    [TestCase(nameof(TestKind.Worse), 120, 40, 0, ComparisonOutcome.Fails)]
    [TestCase(nameof(TestKind.Equal), 40, 40, 2, ComparisonOutcome.Passes)]
    [TestCase(nameof(TestKind.Equal), 40, 120, 2, ComparisonOutcome.Fails)]
    [TestCase(nameof(TestKind.NotWorse), 40, 52, 2, ComparisonOutcome.Open)]
    [TestCase(nameof(TestKind.NotWorse), 40, 120, 2, ComparisonOutcome.Fails)]
    public void A_test_is_decided_by_its_interval(string kind, int otherWrong, int wrong, int margin, ComparisonOutcome expected) =>
        Assert.That(new TestRun(Run(otherWrong, wrong, 0),
            new ClaimTest(Enum.Parse<TestKind>(kind), "aim 1/4 default", "none", margin))
            .Outcome().Outcome, Is.EqualTo(expected));

    [Test]
    public void A_wide_interval_leaves_a_test_open()
    {
        // Aim has ten of none's wrong ones right and loses ten of its right ones: the difference is 0, its interval +-2.2 points
        // of 20 kinds.
        SampleResult Answer(PlannedCell cell, int i)
        {
            bool wrong = cell.Cell.Method == "aim" ? i is >= 60 and < 160 : i < 100;
            return new SampleResult("", cell.Id, "", wrong ? "wrong" : cell.Set.Samples[i].Answer, [], 1);
        }
        var shown = new Shown(new Answers(_plan, Answer, (_, _, _) => throw new InvalidOperationException()), _kinds);
        Assert.That(new TestRun(shown, _notWorse).Outcome().Outcome, Is.EqualTo(ComparisonOutcome.Open));
    }

    /// <summary>
    /// Against the unreduced model as recorded, against another cell by what both lose, and of some kinds not at all.
    /// </summary>
    [Test]
    public void Other_seeds_stand_beside_a_difference()
    {
        SeedRecord Seed(char hash, int random) => new()
        {
            Seed = 2,
            Sha256 = new string(hash, 64),
            Samples = 300,
            Accuracy = 0.9,
            Cells =
            [
                new SeedCellRecord("aim 1/4 default", 300, -0.1, new IntervalRecord(-0.2, 0)),
                new SeedCellRecord("random 1/4 default", random, -0.15, new IntervalRecord(-0.2, -0.1)),
            ],
        };
        var shown = Run(40, 40, 120, seeds: [Seed('2', 300), Seed('3', 200)]);
        string? Detail(ClaimTest test) => new TestRun(shown, test).Outcome().Value.Detail;
        Assert.That(Detail(_notWorse), Is.EqualTo("other seeds: -10.0, -10.0"));
        Assert.That(Detail(_control), Is.EqualTo("other seeds: +5.0"), "one has other samples of the two cells");
        Assert.That(Detail(_notWorse with { Kinds = _plan.Sets[0].Samples[0].Kind }), Is.Null);
        Assert.That(Detail(_notWorse with { Cell = "aim 1/4" }), Is.Null, "no seed has it");
    }

    [Test]
    public void Overhead_is_what_was_counted()
    {
        var shown = Run(0, 0, 0, overhead: 1000);
        var outcome = new TestRun(shown, new ClaimTest(TestKind.Overhead, "aim 1/4 default", null, 4)).Outcome();
        Assert.That(outcome.Value.Value, Is.EqualTo(1000 / shown.Flops(shown.Find("aim 1/4 default")!)).Within(1e-12));
    }

    [Test]
    public void Losing_more_on_some_kinds_is_the_difference_of_two_differences()
    {
        string kind = _plan.Sets[0].Samples[0].Kind;
        SampleResult Answer(PlannedCell cell, int i) => new("", cell.Id, "",
            cell.Cell.Method == "aim" && cell.Set.Samples[i].Kind == kind && i % 3 > 0 ? "wrong" : cell.Set.Samples[i].Answer, [],
                1);
        var shown = new Shown(new Answers(_plan, Answer, (_, _, _) => throw new InvalidOperationException()), _kinds);
        var outcome = new TestRun(shown, new ClaimTest(TestKind.LosesMoreOn, "aim 1/4 default", "none", 0, kind)).Outcome();
        int of = _plan.Sets[0].Samples.Count(s => s.Kind == kind);
        int lost = Enumerable.Range(0, Count).Count(i => _plan.Sets[0].Samples[i].Kind == kind && i % 3 > 0);
        Assert.That((outcome.Outcome, outcome.Value.Value), Is.EqualTo((ComparisonOutcome.Passes, -(double)lost / of)));
    }
}
