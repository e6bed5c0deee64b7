using Aim.Experiments.Exhibits;
using Aim.Reports.Records;

namespace Aim.Experiments.Claims;

/// <summary>
/// From the tests of a claim to its verdict, by a rule that is fixed before any run: it holds if every test and every control
/// comes out; it holds in part if some test does; it does not hold if tests fail and none comes out; and where no test comes out
/// but an interval is too wide to say so, or a cell is missing, it cannot be tested here.
/// </summary>
internal sealed class ClaimEvaluation
{
    private readonly IReadOnlyDictionary<string, Shown> _runs;

    /// <param name="runs">The runs by their definition's name.</param>
    public ClaimEvaluation(IReadOnlyDictionary<string, Shown> runs) => _runs = runs;

    /// <summary>The claim with its verdict.</summary>
    public ClaimRecord Evaluate(Claim claim)
    {
        if (claim.Untestable is { } why)
            return Record(claim, ClaimVerdict.CannotBeTestedHere, why, []);
        var shown = _runs.GetValueOrDefault(claim.Definition!);
        string missing = $"The experiment '{claim.Definition}' was not run";
        ComparisonRecord[] comparisons =
        [
            .. claim.Tests.Select(t => Compare(t, false)),
            .. claim.Controls.Select(t => Compare(t, true)),
        ];
        if (shown is null)
        {
            return Record(claim with { Definition = null, Exhibit = null }, ClaimVerdict.CannotBeTestedHere, missing + ".",
                comparisons);
        }

        var (verdict, reason) = Decide(shown, comparisons);
        return Record(claim, verdict, reason, comparisons);

        ComparisonRecord Compare(ClaimTest test, bool isControl) =>
            (shown is null ? test.Unmeasured(missing) : new TestRun(shown, test).Outcome()) with { IsControl = isControl };
    }

    private static (ClaimVerdict Verdict, string Reason) Decide(Shown shown, ComparisonRecord[] comparisons)
    {
        string summary = ComparisonWords.Summary(comparisons);
        if (shown.Undecided is { } why)
            return (ClaimVerdict.CannotBeTestedHere, $"Not decided: {why}. {summary}");
        var tests = comparisons.Where(c => !c.IsControl).ToList();
        if (tests.All(t => t.Outcome == ComparisonOutcome.Passes))
        {
            return comparisons.All(c => c.Outcome == ComparisonOutcome.Passes) ? (ClaimVerdict.Holds, summary)
                : (ClaimVerdict.InPart, $"{summary} That what is claimed is the cause is not shown.");
        }

        if (tests.Any(t => t.Outcome == ComparisonOutcome.Passes))
            return (ClaimVerdict.InPart, summary);
        if (tests.Any(t => t.Outcome == ComparisonOutcome.Fails))
            return (ClaimVerdict.NotHere, summary);
        return (ClaimVerdict.CannotBeTestedHere,
            tests.All(t => t.Value.Value is null) ? summary : $"Not decided by so many samples. {summary}");
    }

    private static ClaimRecord Record(Claim claim, ClaimVerdict verdict, string reason, ComparisonRecord[] comparisons) => new()
    {
        Id = claim.Id,
        Claim = claim.Text,
        Source = claim.Source,
        Measure = FirstMeasure(comparisons.Where(c => !c.IsControl), claim.Definition),
        Control = FirstMeasure(comparisons.Where(c => c.IsControl), claim.Definition),
        Verdict = verdict,
        Reason = reason,
        Rule = comparisons.Length == 0 ? null : RuleOf(claim),
        Comparisons = comparisons,
        Run = claim.Definition,
        Exhibit = claim.Exhibit,
    };

    // A test whose cell was left out has measured nothing; what another has measured stands there then.
    private static MeasureRecord? FirstMeasure(IEnumerable<ComparisonRecord> comparisons, string? definition) =>
        comparisons.FirstOrDefault(c => c.Value.Value is not null) is not { } first ? null : new MeasureRecord
        {
            What = first.What + (first.On is { } kinds ? $" on {kinds}" : ""),
            Unit = first.Unit,
            Value = first.Value,
            From = definition,
        };

    private static string RuleOf(Claim claim)
    {
        string all = (claim.Tests.Count, claim.Controls.Count) switch
        {
            (1, 0) => "the test",
            (_, 0) => "every test",
            _ => "every test and control",
        };
        string? part = (claim.Tests.Count > 1, claim.Controls.Count > 0) switch
        {
            (true, true) => "Some of the tests, or all without the controls: in part",
            (true, false) => "Some of the tests: in part",
            (false, true) => "The test without the controls: in part",
            _ => null,
        };
        return $"Holds if {all} keeps to its bound, with the whole 95 % interval where there is one"
            + (part is null ? "" : $". {part}");
    }
}
