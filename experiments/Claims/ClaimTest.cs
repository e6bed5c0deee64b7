using System.Globalization;
using Aim.Reports.Records;

namespace Aim.Experiments.Claims;

/// <summary>What a claim's test asks of one or two cells.</summary>
internal enum TestKind
{
    /// <summary>
    /// The cell is not worse than the other by more than the margin: the lower 95 % bound of the paired difference is above minus
    /// it.
    /// </summary>
    NotWorse,

    /// <summary>
    /// The cell is better than the other by more than the margin (0 if none is given): the lower bound is above it.
    /// </summary>
    Better,

    /// <summary>The cell is worse than the other by more than the margin: the upper bound is below minus it.</summary>
    Worse,

    /// <summary>The two do not differ by more than the margin: the whole interval lies within it.</summary>
    Equal,

    /// <summary>The cell executes so many times fewer FLOPs than the other.</summary>
    Cheaper,

    /// <summary>The cell executes at most so many times the other's FLOPs.</summary>
    NoDearer,

    /// <summary>
    /// The cell loses more against the other on some kinds of question than on the rest: the upper bound of the difference of the
    /// two differences is below 0.
    /// </summary>
    LosesMoreOn,

    /// <summary>Deciding what to merge and prune takes less than a share of the FLOPs that the cell executes.</summary>
    Overhead,

    /// <summary>
    /// Attention on visual tokens is lower from a layer on than before it: the lower bound of the mean fall is above 0.
    /// </summary>
    AttentionFalls,

    /// <summary>
    /// Merges join two different objects less often than chance would: the upper bound of the difference of shares is below 0.
    /// </summary>
    MergesAlike,
}

/// <summary>One test of a claim, fixed before the run.</summary>
/// <param name="Kind">What is asked.</param>
/// <param name="Cell">The cell's name in its definition.</param>
/// <param name="Other">The cell that it is compared with; null where there is none.</param>
/// <param name="Margin">Points for differences, times for costs, percent for shares, a layer for attention.</param>
/// <param name="Kinds">
/// The kinds of question that it is asked on, joined by <c>+</c>; <c>text-dense</c> for those; empty for all that count.
/// </param>
internal sealed record ClaimTest(TestKind Kind, string Cell, string? Other, decimal Margin, string Kinds = "")
{
    /// <summary>The kinds of question as text has them; empty for all that count.</summary>
    public string KindWords => Kinds.Replace("+", ", ", StringComparison.Ordinal);

    /// <summary>What is compared and asked for, before anything is measured.</summary>
    /// <param name="why">Why it was not measured.</param>
    public ComparisonRecord Unmeasured(string why)
    {
        var (what, unit, side, bound) = Kind switch
        {
            TestKind.Cheaper => ($"FLOPs of '{Other}' as a multiple of those of '{Cell}'", Unit.Ratio, ComparisonSide.AtLeast,
                Margin),
            TestKind.NoDearer => ($"FLOPs of '{Cell}' as a multiple of those of '{Other}'", Unit.Ratio, ComparisonSide.AtMost,
                Margin),
            TestKind.LosesMoreOn => (
                $"what '{Cell}' gains or loses against '{Other}' on {KindWords}, minus the same on the other kinds",
                Unit.Points, ComparisonSide.Below, 0),
            TestKind.Overhead => ($"FLOPs of deciding what to merge and prune in '{Cell}', as a share of its prefill",
                Unit.Percent, ComparisonSide.Below, Margin / 100),
            TestKind.AttentionFalls => (string.Create(CultureInfo.InvariantCulture,
                $"the last token's attention on visual tokens before layer {Margin}, minus that from it on, in '{Cell}'"),
                Unit.Points, ComparisonSide.Above, 0),
            TestKind.MergesAlike => (
                $"share of merges that join two different objects, minus what chance would give, in '{Cell}'",
                Unit.Points, ComparisonSide.Below, 0),
            _ => ($"accuracy of '{Cell}' minus that of '{Other}'", Unit.Points,
                Kind switch
                {
                    TestKind.Worse => ComparisonSide.Below,
                    TestKind.Equal => ComparisonSide.Within,
                    _ => ComparisonSide.Above,
                },
                (Kind is TestKind.Worse or TestKind.NotWorse ? -Margin : Margin) / 100),
        };
        return new ComparisonRecord
        {
            What = what,
            On = Kinds.Length == 0 || Kind == TestKind.LosesMoreOn ? null : KindWords,
            Unit = unit,
            Value = ValueRecord.Missing with { Detail = why },
            Bound = (double)bound,
            Side = side,
            Outcome = ComparisonOutcome.Open,
        };
    }
}

/// <summary>A claim of the paper, in our words, and what will decide it.</summary>
/// <param name="Id">Unique: lower-case letters, digits and hyphens.</param>
/// <param name="Text">One sentence.</param>
/// <param name="Source">Where the paper makes it.</param>
/// <param name="Definition">The definition whose run decides it; null for one that cannot be tested here.</param>
/// <param name="Exhibit">The exhibit that shows it; null: the run as a whole.</param>
/// <param name="Tests">What must come out for the claim to hold.</param>
/// <param name="Controls">What must come out besides, so that it means something.</param>
/// <param name="Untestable">Why nothing here can decide it, and what would; null for one that can be tested.</param>
internal sealed record Claim(
    string Id, string Text, string Source, string? Definition, string? Exhibit, IReadOnlyList<ClaimTest> Tests,
    IReadOnlyList<ClaimTest> Controls, string? Untestable);

/// <summary>
/// A paper's reproduction: the definitions in the order in which they are run and shown, and the claims that they decide.
/// </summary>
/// <param name="Name">Short name.</param>
/// <param name="Title">The report's heading.</param>
/// <param name="Paper">The paper.</param>
/// <param name="Summary">What a reader should know first.</param>
/// <param name="Definitions">Names, in order.</param>
/// <param name="Claims">Claims, in the order of the first page.</param>
internal sealed record ClaimsFile(
    string Name, string Title, string Paper, string Summary, IReadOnlyList<string> Definitions, IReadOnlyList<Claim> Claims)
{
    /// <summary>The version of the file's form that this program reads.</summary>
    public const int Schema = 1;
}
