using System.Globalization;
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
        string reason = string.Join(" ", tests.Select(Words).Concat(controls.Select(c => "Control: " + Words(c)))
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
        Unit = MetricOf(of.Test).IsShare() ? Unit.Points : Unit.Number,
        Value = ValueRecord.Of(of.Difference.Mean, of.Difference.Interval.Record(), of.Difference.Samples),
        From = _definition.Name,
    };

    private string Words(Outcome of)
    {
        var (test, difference) = (of.Test, of.Difference);
        var metric = MetricOf(test);
        string seeds = table.SeedRange(test.Better, test.Than, test.Tasks) is { } range
            ? $", by seed {metric.Signed(range.Low)} to {metric.Signed(range.High)}" : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"'{test.Better}' minus '{test.Than}' ({Tasks(test)}): "
                + $"{metric.Signed(difference.Mean)}{(metric.IsShare() ? " points" : $" {metric.Name()}")}, 95 % interval "
                + $"{metric.Signed(difference.Interval.Low)} to {metric.Signed(difference.Interval.High)}{seeds}, "
                + $"{difference.Samples} {Samples}, {P(of)}: {(of.Passes ? "passes" : of.Fails ? "fails" : "stays open")}.");
    }

    private string Samples => _definition.Measure == Measure.Probe ? "demonstrations" : "episodes";

    private static string P(Outcome of)
    {
        string p = of.HolmP < 0.001 ? "below 0.001" : of.HolmP.ToString("0.000", CultureInfo.InvariantCulture);
        string from = of.Test.By == 0 ? "" : $" against {Margin(of.Test.By)}";
        return $"p {p}{from} (Holm)";
    }

    private static string Margin(decimal by) => by.ToString("+0.##;-0.##;0", CultureInfo.InvariantCulture);

    private string Rule()
    {
        string Of(Expectation t) => string.Create(CultureInfo.InvariantCulture,
            $"'{t.Better}' minus '{t.Than}' ({Tasks(t)}) is {(t.Not ? "below" : "above")} "
                + $"{(MetricOf(t).IsShare() ? $"{t.By} points" : $"{t.By / 100}")} with its whole 95 % interval");
        string controls = _definition.Controls.Count == 0 ? ""
            : $". Control: {string.Join("; ", _definition.Controls.Select(Of))}";
        string some = _definition.Tests.Count == 1 ? "The test"
            : "Some of the tests (p below 0.05, corrected for their number by Holm's method), or all";
        return $"Holds if {string.Join("; ", _definition.Tests.Select(Of))}{controls}. {some} without the controls: in part. An "
            + "interval on both sides decides nothing";
    }

    private static string Tasks(Expectation test) => string.Join(", ", test.Tasks.Select(InContextReader.NameOf));

    /// <summary>What came out of a test.</summary>
    private sealed record Outcome(Expectation Test, MeanOf Difference, bool Passes, bool Fails, double HolmP);
}
