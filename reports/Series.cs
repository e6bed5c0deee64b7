using Aim.Reports.Records;

namespace Aim.Reports;

/// <summary>
/// Cells of one method and one schedule. Colour tells the schedule, line and marker the method: AIM solid and filled, random
/// dotted and open; so that each control stands beside what it controls, also without colour.
/// </summary>
internal sealed record Series(string Method, ScheduleRecord? Schedule)
{
    private string? Scheduled => Schedule is { } s ? $"{s.Name} schedule ({s.L1}, {s.L2})" : null;

    /// <summary>The method's name for readers, where the record gives one.</summary>
    public string? Name { get; init; }

    public static Series Of(CellRecord cell) => new(cell.Method, cell.Schedule) { Name = cell.Label };

    /// <summary>Whether it is none of those that have a look of their own.</summary>
    public bool IsOther => Name is not null || Method is not ("none" or "aim" or "random" or "downsample");

    /// <summary>What tells series of one look apart: method and name.</summary>
    public string Key => Name ?? Method;

    /// <summary>Whether this is AIM itself or another method, not a control at AIM's FLOPs.</summary>
    public bool IsControl => Method is "random" or "downsample";

    /// <summary>The order of the legend and the tables: the reference, AIM, others, then the controls.</summary>
    public int Rank => 10 * (Method switch { "none" => 0, "aim" => 1, "random" => 3, "downsample" => 4, _ => 2 })
        + Schedule?.Name switch { null => 0, "default" => 1, _ => 2 };

    /// <summary>For the legend and the tables' groups.</summary>
    public string Label => Method switch
    {
        _ when Name is not null => Scheduled is null ? Name : $"{Name}, {Scheduled}",
        "none" => "Unreduced",
        "aim" => Scheduled is null ? "AIM, merging only" : $"AIM + pruning, {Scheduled}",
        "random" => Scheduled is null ? "Random at AIM's counts, no pruning" : $"Random at AIM's counts, {Scheduled}",
        "downsample" => "Downsampled at the FLOPs of AIM" + (Scheduled is null ? ", merging only" : $", {Scheduled}"),
        _ => Scheduled is null ? Method : $"{Method} + pruning, {Scheduled}",
    };

    public string Color => (Method, Schedule?.Name) switch
    {
        ("none", _) => "var(--ink)",
        ("downsample", _) => "var(--series-downsample)",
        ("aim" or "random", null) => "var(--series-merge)",
        ("aim" or "random", "default") => "var(--series-default)",
        ("aim" or "random", _) => "var(--series-searched)",
        _ => throw new InvalidOperationException($"'{Method}' has no colour of its own"),
    };

    public string Symbol => (Method, Schedule?.Name) switch
    {
        ("none", _) => "star",
        ("downsample", _) => "x",
        (_, null) => "circle",
        (_, "default") => "square",
        _ => "diamond",
    }
    + (Method == "random" ? "-open" : "");

    public string? Dash => IsControl ? "dot" : null;
}
