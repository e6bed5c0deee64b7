using Aim.Reports.Plotly;
using Aim.Reports.Records;

namespace Aim.Reports;

/// <summary>How each unit is printed in tables, and drawn on axes.</summary>
internal static class Units
{
    /// <summary>A number with its unit, as it stands in running text: "−0.4 points", "84.1%".</summary>
    public static string Text(Unit unit, double value, int? decimals = null) => unit switch
    {
        Unit.Points => Cell(unit, value, decimals) + " points",
        Unit.Teraflop => Cell(unit, value, decimals) + " TFLOP",
        Unit.Gigaflop => Cell(unit, value, decimals) + " GFLOP",
        Unit.Milliseconds => Cell(unit, value, decimals) + " ms",
        Unit.Seconds when decimals is not null => Cell(unit, value, decimals) + " s",
        Unit.Flop => Cell(unit, value, decimals) + "FLOP",
        Unit.Bytes => Cell(unit, value, decimals) + "B",
        Unit.P => "p " + Cell(unit, value, decimals),
        _ => Cell(unit, value, decimals),
    };

    /// <summary>A number in a column whose head names the unit.</summary>
    public static string Cell(Unit unit, double value, int? decimals = null) => unit switch
    {
        Unit.Count => Format.Count(value),
        Unit.Percent => Format.Percent(value, decimals ?? 1),
        Unit.Points => Format.Points(value, decimals ?? 1),
        Unit.Flop or Unit.Bytes => Format.Si(value),
        Unit.Ratio => decimals is { } d ? Format.Number(value, d) + "×" : Format.Ratio(value),
        Unit.P => Format.P(value),
        Unit.Seconds when decimals is null => Format.Time(value),
        Unit.YesNo => value > 0 ? "yes" : "no",
        _ => Format.Number(value, decimals ?? 2),
    };

    /// <summary>The decimals of a share that would read as 0.0 although it is not; null: the usual ones.</summary>
    public static int? FineDecimals(Unit unit, double value) =>
        unit is Unit.Points or Unit.Percent && value != 0 && Math.Abs(value) < 0.0005 ? 4 : null;

    /// <summary>"95% interval −1.6 to 0.8": the unit once.</summary>
    public static string Interval(Unit unit, IntervalRecord interval, int? decimals = null) =>
        $"{Cell(unit, interval.Low, decimals)} to {Cell(unit, interval.High, decimals)}";

    /// <summary>What an axis multiplies its values with, so that its ticks read in the unit.</summary>
    public static double Scale(Unit unit) => unit == Unit.Points ? 100 : 1;

    public static Axis Axis(AxisRecord axis, IReadOnlyList<double>? ticks = null) => new()
    {
        Title = new Title(axis.Title + Suffix(axis.Unit)),
        Type = axis.Logarithmic ? "log" : null,
        TickFormat = axis.Unit switch
        {
            Unit.Percent => "~%", // as many digits as its ticks need
            Unit.Flop or Unit.Bytes => "~s",
            Unit.Count => ",d",
            _ => null,
        },
        TickSuffix = axis.Unit == Unit.Ratio ? "×" : null,
        TickMode = ticks is null ? null : "array",
        TickVals = ticks,
        DTick = axis.Logarithmic && ticks is null ? "D2" : null,
        RangeMode = axis.FromZero ? "tozero" : null,
    };

    private static string Suffix(Unit unit) => unit switch
    {
        Unit.Points => " (points)",
        Unit.Flop => " (FLOP)",
        Unit.Teraflop => " (TFLOP)",
        Unit.Gigaflop => " (GFLOP)",
        Unit.Milliseconds => " (ms)",
        Unit.Seconds => " (s)",
        Unit.Bytes => " (bytes)",
        _ => "",
    };
}
