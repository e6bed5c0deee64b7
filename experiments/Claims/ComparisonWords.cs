using System.Globalization;
using Aim.Experiments.Scoring;
using Aim.Reports.Records;

namespace Aim.Experiments.Claims;

/// <summary>A claim's comparisons in words.</summary>
internal static class ComparisonWords
{
    /// <summary>
    /// "'fused at 16' minus 'raw at 16' (all tasks): +37.5 points [+34.2, +40.8], above 0.0 is asked for: passes".
    /// </summary>
    public static string Of(ComparisonRecord of)
    {
        string on = of.On is null ? "" : $" ({of.On})";
        string interval = of.Value.Interval is { } i ? $" [{Number(of.Unit, i.Low)}, {Number(of.Unit, i.High)}]" : "";
        string measured = of.Value.Value is { } value ? Figure(of.Unit, value) + interval : of.Value.Detail ?? "";
        return $"{(of.IsControl ? "control: " : "")}{of.What}{on}: {measured}, "
            + $"{of.Demand(Number(of.Unit, of.Bound))} is asked for: {of.OutcomeWords}";
    }

    /// <summary>"Of 3 tests 2 pass, 1 stays open; all 4 controls pass."; empty where there is neither.</summary>
    public static string Summary(IReadOnlyList<ComparisonRecord> comparisons)
    {
        string[] parts =
        [
            Count([.. comparisons.Where(c => !c.IsControl)], "test"), Count([.. comparisons.Where(c => c.IsControl)], "control"),
        ];
        string text = string.Join("; ", parts.Where(part => part.Length > 0));
        return text.Length == 0 ? "" : char.ToUpperInvariant(text[0]) + text[1..] + ".";
    }

    private static string Count(IReadOnlyList<ComparisonRecord> of, string noun)
    {
        if (of.Count == 0)
            return "";
        if (of.Count == 1)
            return of[0].Value.Value is null ? $"the {noun} was not measured" : $"the {noun} {of[0].OutcomeWords}";
        int passed = of.Count(c => c.Outcome == ComparisonOutcome.Passes);
        if (passed == of.Count)
            return string.Create(CultureInfo.InvariantCulture, $"all {passed} {noun}s pass");
        int failed = of.Count(c => c.Outcome == ComparisonOutcome.Fails), missing = of.Count(c => c.Value.Value is null);
        int open = of.Count - passed - failed - missing;
        string?[] parts =
        [
            Verb(passed, "passes", "pass"), Verb(failed, "fails", "fail"), Verb(open, "stays open", "stay open"),
            Verb(missing, "was not measured", "were not measured"),
        ];
        return string.Create(CultureInfo.InvariantCulture, $"of {of.Count} {noun}s {string.Join(", ", parts.OfType<string>())}");
    }

    private static string? Verb(int n, string one, string many) =>
        n == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{n} {(n == 1 ? one : many)}");

    private static string Figure(Unit unit, double value) => Number(unit, value) + (unit == Unit.Points ? " points" : "");

    private static string Number(Unit unit, double value) => unit switch
    {
        Unit.Ratio => value.ToString("0.00", CultureInfo.InvariantCulture) + " times",
        Unit.Percent => (100 * value).ToString("0.00", CultureInfo.InvariantCulture) + " %",
        _ => unit.Signed(value),
    };
}
