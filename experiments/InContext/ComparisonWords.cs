using Aim.Reports.Records;

namespace Aim.Experiments.InContext;

/// <summary>A comparison of a claim as a line of text.</summary>
internal static class ComparisonWords
{
    /// <summary>"'fused at 16' minus 'raw at 16' (all tasks): +37.5 points [+34.2, +40.8], above 0.0 is asked for: passes".</summary>
    public static string Of(ComparisonRecord of)
    {
        string interval = of.Value.Interval is { } i ? $" [{of.Unit.Signed(i.Low)}, {of.Unit.Signed(i.High)}]" : "";
        string points = of.Unit == Unit.Points ? " points" : "";
        string outcome = of.Outcome switch
        {
            ComparisonOutcome.Passes => "passes",
            ComparisonOutcome.Fails => "fails",
            _ => "stays open",
        };
        return $"{(of.IsControl ? "control: " : "")}{of.What}{(of.On is { } on ? $" ({on})" : "")}: "
            + $"{of.Unit.Signed(of.Value.Value!.Value)}{points}{interval}, "
            + $"{(of.Below ? "below" : "above")} {of.Unit.Signed(of.Bound)} is asked for: {outcome}";
    }
}
