using Aim.Reports.Records;

namespace Aim.Reports;

/// <summary>A line of the trade-off curve: one method, with or without one schedule. Symbol and dash tell series apart without colour.</summary>
internal sealed record Series(string Method, ScheduleRecord? Schedule, string Label, string Color, string Symbol, string? Dash)
{
    /// <summary>The order of the legend and the table: the reference, AIM, then what it is compared with.</summary>
    public int Rank => (Method, Schedule?.Name) switch
    {
        ("none", _) => 0,
        ("aim", null) => 1,
        ("aim", "default") => 2,
        ("aim", _) => 3,
        ("random", _) => 5,
        ("downsample", _) => 6,
        _ => 4,
    };

    public static Series Of(CellRecord cell)
    {
        var schedule = cell.Schedule;
        var suffix = schedule is null ? "" : $" + pruning, {schedule.Name} schedule ({schedule.L1}, {schedule.L2})";
        var label = cell.Method switch
        {
            "none" => "Unreduced",
            "aim" => schedule is null ? "AIM, merging only" : "AIM" + suffix,
            "random" => "Random" + (schedule is null ? ", at AIM's merging" : $", at AIM's places, {schedule.Name} schedule"),
            "downsample" => "Downsampled frames",
            _ => cell.Method + suffix,
        };
        var (color, symbol, dash) = (cell.Method, schedule?.Name) switch
        {
            ("none", _) => ("var(--ink)", "star", null),
            ("aim", null) => ("var(--series-merge)", "circle", null),
            ("aim", "searched") => ("var(--series-searched)", "diamond", null),
            ("aim", _) => ("var(--series-default)", "square", null),
            ("random", "searched") => ("var(--series-random)", "triangle-down", "dot"),
            ("random", _) => ("var(--series-random)", "triangle-up", "dot"),
            ("downsample", _) => ("var(--series-downsample)", "x", "dot"),
            _ => ("var(--series-other)", "cross", (string?)"dash"),
        };
        return new Series(cell.Method, schedule, label, color, symbol, dash);
    }
}
