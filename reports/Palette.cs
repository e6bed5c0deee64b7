namespace Aim.Reports;

/// <summary>
/// Colours, markers and dashes for lines and bars that carry no meaning of their own. The colours stay apart for the
/// colour-blind; the markers differ as well, so that no line is told by its colour alone.
/// </summary>
internal static class Palette
{
    private static readonly string[] Colors =
    [
        "var(--series-merge)", "var(--series-default)", "var(--series-searched)", "var(--series-random)", "var(--series-other)",
        "var(--series-amber)", "var(--series-downsample)",
    ];

    private static readonly string[] Symbols = ["circle", "square", "diamond", "triangle-up", "cross", "triangle-down", "star",
        "pentagon", "hexagram"];

    private static readonly string?[] Dashes = [null, "dash", "dashdot", "longdash"];

    public static string Color(int index) => Colors[index % Colors.Length];

    public static string Symbol(int index) => Symbols[index % Symbols.Length];

    /// <summary>Solid for the first round of colours.</summary>
    public static string? Dash(int index) => Dashes[index / Colors.Length % Dashes.Length];
}
