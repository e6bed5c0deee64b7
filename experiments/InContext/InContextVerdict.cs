using System.Globalization;
using Aim.Experiments.Claims;
using Aim.Experiments.Scoring;
using Aim.Experiments.Statistics;
using Aim.Reports.Records;

namespace Aim.Experiments.InContext;

/// <summary>
/// Decides a claim by its definition's tests and controls. All of them must pass, each with its whole 95 % interval, so that
/// several tests make a false 'holds' rarer, not more frequent; 'in part' is said where any passes, so there p values are
/// corrected for their number (Holm).
/// </summary>
/// <param name="table">All answers.</param>
internal sealed class InContextVerdict(EpisodeTable table)
{
    private const double Level = 0.05;

    private readonly InContextDefinition _definition = table.Definition;

    /// <summary>The claim with its verdict.</summary>
    public ClaimRecord Claim()
    {
        var tests = Outcomes(_definition.Tests);
        var controls = Outcomes(_definition.Controls);
        ComparisonRecord[] comparisons = [.. tests.Select(t => Compare(t, false)), .. controls.Select(c => Compare(c, true))];
        string reason = string.Join(' ', new[] { ComparisonWords.Summary(comparisons) }.Where(text => text.Length > 0)
            .Concat(_definition.LeftOut.Select(why => $"Not run: {why}.")));
        var (verdict, why) = Decide(tests, controls, reason);
        return new ClaimRecord
        {
            Id = Finding.IdOf(_definition),
            Claim = _definition.Claim,
            Source = _definition.Source,
            Measure = tests.Count == 0 ? null : MeasureOf(tests[0]),
            Control = controls.Count == 0 ? null : MeasureOf(controls[0]),
            Verdict = verdict,
            Reason = why,
            Rule = tests.Count == 0 ? null : Rule(),
            Comparisons = comparisons,
            Seeds = _definition.Conditions.Select(c => c.Seeds.Count).DefaultIfEmpty(1).Max(),
            Exhibit = _definition.Conditions.Count == 0 ? null : Finding.IdOf(_definition),
        };
    }

    private (ClaimVerdict, string) Decide(IReadOnlyList<Outcome> tests, IReadOnlyList<Outcome> controls, string reason)
    {
        if (_definition.Limit is { } limit)
            return (ClaimVerdict.CannotBeTestedHere, $"Limited run: not a verdict (at most {limit} episodes). {reason}");
        if (_definition.Undecidable)
            return (ClaimVerdict.CannotBeTestedHere, reason);
        if (tests.Count == 0)
            return (ClaimVerdict.CannotBeTestedHere, $"The experiment describes; it tests nothing. {reason}".Trim());
        if (tests.All(t => t.Passes))
        {
            return _definition.LeftOut.Count == 0 && controls.All(c => c.Passes) ? (ClaimVerdict.Holds, reason) : (
                ClaimVerdict.InPart,
                $"The tests come out, but not every control, so that what is claimed is not shown to be the cause. {reason}");
        }

        if (tests.Any(t => t.Passes && t.HolmP < Level))
            return (ClaimVerdict.InPart, reason);
        return tests.Any(t => t.Fails)
            ? (ClaimVerdict.NotHere, reason)
            : (ClaimVerdict.CannotBeTestedHere, $"Not decided by so many samples. {reason}");
    }

    private List<Outcome> Outcomes(IReadOnlyList<Expectation> expectations)
    {
        MeanOf[] differences = [.. expectations.Select(t => table.Difference(t.Better, t.Than, t.Tasks))];
        double[] adjusted = Holm.Adjust([.. expectations.Zip(differences, (t, d) => d.P((double)t.By / 100))]);
        return
        [
            .. expectations.Select((t, i) =>
            {
                double by = (double)t.By / 100;
                var interval = differences[i].Interval;
                // A difference that the interval leaves open passes no test either way.
                var (below, above) = (interval.High < by, interval.Low > by);
                return new Outcome(t, differences[i], t.Not ? below : above, t.Not ? above : below, adjusted[i]);
            }),
        ];
    }

    private Metric MetricOf(Expectation test) => _definition.MetricOf(test.Tasks[0]);

    private MeasureRecord MeasureOf(Outcome of) => new()
    {
        What = $"{MetricOf(of.Test).Name()} of '{of.Test.Better}' minus that of '{of.Test.Than}' ({Tasks(of.Test)})",
        Unit = MetricOf(of.Test).DifferenceUnit(),
        Value = ValueRecord.Of(of.Difference.Mean, of.Difference.Interval.Record(), of.Difference.Samples),
        From = _definition.Name,
    };

    private ComparisonRecord Compare(Outcome of, bool isControl)
    {
        var (test, metric) = (of.Test, MetricOf(of.Test));
        var unit = metric.DifferenceUnit();
        string? seeds = table.SeedRange(test.Better, test.Than, test.Tasks) is { } range
            ? $"by seed {unit.Signed(range.Low)} to {unit.Signed(range.High)}" : null;
        return new ComparisonRecord
        {
            What = $"'{test.Better}' minus '{test.Than}'",
            On = Tasks(test) + (metric.IsShare() ? "" : $", {metric.Name()}"),
            IsControl = isControl,
            Unit = unit,
            Value = ValueRecord.Of(of.Difference.Mean, of.Difference.Interval.Record(), of.Difference.Samples, seeds),
            Bound = (double)test.By / 100,
            Side = test.Not ? ComparisonSide.Below : ComparisonSide.Above,
            P = of.HolmP,
            Outcome = of.Passes ? ComparisonOutcome.Passes : of.Fails ? ComparisonOutcome.Fails : ComparisonOutcome.Open,
        };
    }

    private string Rule()
    {
        string controls = _definition.Controls.Count == 0 ? "" : " and control";
        string some = _definition.Tests.Count == 1 ? "The test"
            : "Some of the tests (p below 0.05, corrected for their number by Holm's method), or all";
        return $"Holds if every test{controls} keeps to its bound with its whole 95 % interval. "
            + $"{some} without the controls: in part. An interval on both sides decides nothing";
    }

    private string Tasks(Expectation test) => test.Tasks.Count == _definition.Tasks.Count && test.Tasks.Count > 1
        ? "all tasks" : string.Join(", ", test.Tasks.Select(InContextReader.NameOf));

    /// <summary>What came out of a test.</summary>
    private sealed record Outcome(Expectation Test, MeanOf Difference, bool Passes, bool Fails, double HolmP);
}
