using System.Globalization;
using Aim.Reports.Records;

namespace Aim.Experiments.InContext;

/// <summary>A comparison of a claim as a line of text.</summary>
internal static class ComparisonWords
{
    /// <summary>"'fused at 16' minus 'raw at 16' (all tasks): +37.5 points [+34.2, +40.8], above 0.0 is asked for: passes".</summary>
    public static string Of(ComparisonRecord of)
    {
        bool points = of.Unit == Unit.Points;
        string Number(double value) => points
            ? (100 * value).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture)
            : value.ToString("+0.000;-0.000;0.000", CultureInfo.InvariantCulture);
        string interval = of.Value.Interval is { } i ? $" [{Number(i.Low)}, {Number(i.High)}]" : "";
        string outcome = of.Outcome switch
        {
            ComparisonOutcome.Passes => "passes",
            ComparisonOutcome.Fails => "fails",
            _ => "stays open",
        };
        return $"{(of.IsControl ? "control: " : "")}{of.What}{(of.On is { } on ? $" ({on})" : "")}: {Number(of.Value.Value!.Value)}"
            + $"{(points ? " points" : "")}{interval}, {(of.Below ? "below" : "above")} {Number(of.Bound)} is asked for: {outcome}";
    }
}
