using Aim.Experiments.Claims;
using Aim.Reports.Records;

namespace Aim.Experiments.Tests.Claims;

public class ComparisonWordsTests
{
    private static ComparisonRecord Some(char outcome, bool isControl = false) => new()
    {
        What = "a minus b",
        IsControl = isControl,
        Unit = Unit.Points,
        Value = outcome == '-' ? new ValueRecord { Detail = "a was left out" } : ValueRecord.Of(0.01),
        Bound = 0,
        Outcome = outcome switch
        {
            '+' => ComparisonOutcome.Passes,
            'x' => ComparisonOutcome.Fails,
            _ => ComparisonOutcome.Open,
        },
    };

    [TestCase("", "", "")]
    [TestCase("+", "", "The test passes.")]
    [TestCase("x", "?", "The test fails; the control stays open.")]
    [TestCase("-", "-", "The test was not measured; the control was not measured.")]
    [TestCase("++", "+++", "All 2 tests pass; all 3 controls pass.")]
    [TestCase("+x?-", "", "Of 4 tests 1 passes, 1 fails, 1 stays open, 1 was not measured.")]
    [TestCase("", "xx??--", "Of 6 controls 2 fail, 2 stay open, 2 were not measured.")]
    public void A_summary_counts_outcomes(string tests, string controls, string words) =>
        Assert.That(ComparisonWords.Summary([.. tests.Select(t => Some(t)), .. controls.Select(c => Some(c, isControl: true))]),
            Is.EqualTo(words));

    [TestCase(nameof(TestKind.NotWorse), 2,
        "accuracy of 'a' minus that of 'b' (at, where): why, above -2.0 is asked for: not measured")]
    [TestCase(nameof(TestKind.Better), 0,
        "accuracy of 'a' minus that of 'b' (at, where): why, above 0.0 is asked for: not measured")]
    [TestCase(nameof(TestKind.Worse), 5,
        "accuracy of 'a' minus that of 'b' (at, where): why, below -5.0 is asked for: not measured")]
    [TestCase(nameof(TestKind.Equal), 2,
        "accuracy of 'a' minus that of 'b' (at, where): why, within ±2.0 is asked for: not measured")]
    [TestCase(nameof(TestKind.Cheaper), 6.75,
        "FLOPs of 'b' as a multiple of those of 'a' (at, where): why, at least 6.75 times is asked for: not measured")]
    [TestCase(nameof(TestKind.NoDearer), 1.02,
        "FLOPs of 'a' as a multiple of those of 'b' (at, where): why, at most 1.02 times is asked for: not measured")]
    [TestCase(nameof(TestKind.LosesMoreOn), 0,
        "what 'a' gains or loses against 'b' on at, where, minus the same on the other kinds: why, "
            + "below 0.0 is asked for: not measured")]
    [TestCase(nameof(TestKind.Overhead), 4,
        "FLOPs of deciding what to merge and prune in 'a', as a share of its prefill (at, where): why, "
            + "below 4.00 % is asked for: not measured")]
    public void Every_kind_of_test_says_what_it_asks_for(string kind, double margin, string words) => Assert.That(
        ComparisonWords.Of(new ClaimTest(Enum.Parse<TestKind>(kind), "a", "b", (decimal)margin, "at+where").Unmeasured("why")),
        Is.EqualTo(words));
}
