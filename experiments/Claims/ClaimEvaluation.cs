using System.Globalization;
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
            return Record(claim, ClaimVerdict.CannotBeTestedHere, why, null, null);
        if (!_runs.TryGetValue(claim.Definition!, out var shown))
            return Record(claim with { Definition = null, Exhibit = null }, ClaimVerdict.CannotBeTestedHere,
                $"The experiment '{claim.Definition}' was not run.", null, null);
        var tests = claim.Tests.Select(t => new TestRun(shown, t).Outcome()).ToList();
        var controls = claim.Controls.Select(t => new TestRun(shown, t).Outcome()).ToList();
        var (verdict, reason) = Decide(shown, tests, controls);
        return Record(claim, verdict, reason, FirstMeasure(tests), FirstMeasure(controls));
    }

    // A test whose cell was left out has measured nothing; what another has measured decides then.
    private static MeasureRecord? FirstMeasure(IEnumerable<TestOutcome> outcomes) =>
        outcomes.Select(o => o.Measure).FirstOrDefault(m => m is not null);

    private (ClaimVerdict Verdict, string Reason) Decide(Shown shown, List<TestOutcome> tests, List<TestOutcome> controls)
    {
        string words = string.Join(" ", [.. tests.Select(t => t.Words), .. controls.Select(c => $"Control: {c.Words}")]);
        if (shown.Undecided is { } why)
            return (ClaimVerdict.CannotBeTestedHere, $"Not decided: {why}. {words}");
        bool all = tests.All(t => t.Result == TestResult.Passed);
        if (all && controls.All(c => c.Result == TestResult.Passed))
            return (ClaimVerdict.Holds, words);
        if (all)
            return (ClaimVerdict.InPart,
                $"The tests come out, but a control does not, so that what is claimed is not shown to be the cause. {words}");
        if (tests.Any(t => t.Result == TestResult.Passed))
            return (ClaimVerdict.InPart, words);
        return tests.Any(t => t.Result == TestResult.Failed)
            ? (ClaimVerdict.NotHere, words)
            : (ClaimVerdict.CannotBeTestedHere, $"Not decided by so many samples. {words}");
    }

    private static ClaimRecord Record(Claim claim, ClaimVerdict verdict, string reason, MeasureRecord? measure,
        MeasureRecord? control) => new()
        {
            Id = claim.Id,
            Claim = claim.Text,
            Source = claim.Source,
            Measure = measure,
            Control = control,
            Verdict = verdict,
            Reason = reason,
            Rule = claim.Untestable is null ? RuleOf(claim) : null,
            Run = claim.Definition,
            Exhibit = claim.Exhibit,
        };

    /// <summary>The rule in words.</summary>
    public static string RuleOf(Claim claim)
    {
        string tests = string.Join("; ", claim.Tests.Select(RuleOf));
        string controls = claim.Controls.Count == 0 ? "" : $". Control: {string.Join("; ", claim.Controls.Select(RuleOf))}";
        string parts = claim.Tests.Count > 1 ? " Some of the tests, or all without the control: in part"
            : claim.Controls.Count > 0 ? " Without the control: in part" : "";
        return $"Holds if {tests}{controls}{(parts.Length > 0 ? "." : "")}{parts}";
    }

    private static string RuleOf(ClaimTest test)
    {
        string kinds = test.Kinds.Length == 0 ? "" : $" on {test.Kinds}";
        string points = test.Margin.ToString("0.####", CultureInfo.InvariantCulture);
        string difference = $"'{test.Cell}' minus '{test.Other}'{kinds}";
        return test.Kind switch
        {
            TestKind.NotWorse => $"the lower 95 % bound of {difference} is above -{points} points",
            TestKind.Better => $"the lower 95 % bound of {difference} is above {points} points",
            TestKind.Worse => $"the upper 95 % bound of {difference} is below {(test.Margin == 0 ? "0" : "-" + points)} points",
            TestKind.Equal => $"the 95 % interval of {difference} lies within {points} points of 0",
            TestKind.Cheaper => $"'{test.Cell}' executes at least {points} times fewer FLOPs than '{test.Other}'",
            TestKind.NoDearer => $"'{test.Cell}' executes at most {points} times the FLOPs of '{test.Other}'",
            TestKind.LosesMoreOn =>
                $"what '{test.Cell}' loses against '{test.Other}' is more on {test.Kinds} than on the other kinds (upper 95 % "
                    + $"bound of the difference below 0)",
            TestKind.Overhead =>
                $"deciding what to merge and prune takes less than {points} % of the FLOPs that '{test.Cell}' executes",
            TestKind.AttentionFalls =>
                $"the last token's attention on visual tokens is lower from layer {points} on than before it in '{test.Cell}' "
                    + $"(lower 95 % bound of the fall above 0)",
            _ => $"two different objects are merged less often than chance would have it in '{test.Cell}' (upper 95 % bound of "
                + $"the difference below 0)",
        };
    }
}
