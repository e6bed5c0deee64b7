using System.Text.RegularExpressions;

namespace Aim.Reports;

/// <summary>
/// Colours, markers and dashes for lines and bars that carry no meaning of their own. The colours stay apart for the
/// colour-blind; the markers differ as well, so that no line is told by its colour alone.
/// </summary>
public static partial class Palette
{
    /// <summary>The theme's paper.</summary>
    public const string Surface = "var(--surface)";

    /// <summary>What is written.</summary>
    public const string Ink = "var(--ink)";

    /// <summary>What stands back: controls, references.</summary>
    public const string Muted = "var(--muted)";

    private static readonly Dictionary<string, string> Light = ReadLight();

    private static readonly string[] Colors =
    [
        "var(--series-merge)", "var(--series-default)", "var(--series-searched)", "var(--series-random)", "var(--series-other)",
        "var(--series-amber)", "var(--series-downsample)",
    ];

    private static readonly string[] Symbols = ["circle", "square", "diamond", "triangle-up", "cross", "triangle-down", "star",
        "pentagon", "hexagram"];

    private static readonly string?[] Dashes = [null, "dash", "dashdot", "longdash"];

    /// <summary>From few to many, as a heat map's colour scale.</summary>
    public static IReadOnlyList<object[]> Sequential { get; } =
        [[0.0, "var(--heat-0)"], [0.5, "var(--heat-1)"], [1.0, "var(--heat-2)"]];

    /// <summary>From less to more around a middle, likewise.</summary>
    public static IReadOnlyList<object[]> Diverging { get; } =
        [[0.0, "var(--heat-low)"], [0.5, "var(--heat-0)"], [1.0, "var(--heat-2)"]];

    /// <summary>The colour of a series; they repeat after seven.</summary>
    public static string Color(int index) => Colors[index % Colors.Length];

    /// <summary>The marker of a series; they repeat after nine.</summary>
    public static string Symbol(int index) => Symbols[index % Symbols.Length];

    /// <summary>Solid for the first round of colours.</summary>
    public static string? Dash(int index) => Dashes[index / Colors.Length % Dashes.Length];

    /// <summary>A text with the light theme's values in the place of its <c>var(--name)</c>.</summary>
    public static string InLight(string text) =>
        Variable().Replace(text, m => Light.GetValueOrDefault(m.Groups[1].Value, m.Value));

    // The style sheet is where colours are chosen; its first rule is the light theme.
    private static Dictionary<string, string> ReadLight()
    {
        string sheet = Assets.Style, rule = sheet[sheet.IndexOf(":root {", StringComparison.Ordinal)..];
        return Property().Matches(rule[..rule.IndexOf('}', StringComparison.Ordinal)])
            .ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value.Trim());
    }

    [GeneratedRegex(@"var\((--[\w-]+)\)")]
    private static partial Regex Variable();

    [GeneratedRegex(@"(--[\w-]+):([^;]+);")]
    private static partial Regex Property();
}
