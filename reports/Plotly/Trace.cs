using System.Text.Json.Serialization;

namespace Aim.Reports.Plotly;

/// <summary>One series of a figure.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Scatter), "scatter")]
[JsonDerivedType(typeof(Heatmap), "heatmap")]
[JsonDerivedType(typeof(Bar), "bar")]
public abstract record Trace
{
    public string? Name { get; init; }

    /// <summary>What hovering shows, in plotly's template language; <c>%{customdata[i]}</c> are the point's own texts.</summary>
    public string? HoverTemplate { get; init; }
}

/// <summary>Points and lines.</summary>
public sealed record Scatter : Trace
{
    public required IReadOnlyList<double> X { get; init; }

    public required IReadOnlyList<double> Y { get; init; }

    /// <summary><c>lines</c>, <c>markers</c>, <c>text</c>, joined by plus signs.</summary>
    public string Mode { get; init; } = "lines+markers";

    [JsonPropertyName("error_y")]
    public ErrorBars? ErrorY { get; init; }

    public Marker? Marker { get; init; }

    public Line? Line { get; init; }

    /// <summary>Texts of each point, <c>[points][texts]</c>.</summary>
    public IReadOnlyList<IReadOnlyList<string>>? CustomData { get; init; }
}

/// <summary>A table of numbers as colours, with each cell's number written in it.</summary>
public sealed record Heatmap : Trace
{
    public required IReadOnlyList<string> X { get; init; }

    public required IReadOnlyList<string> Y { get; init; }

    /// <summary><c>[y][x]</c>; null leaves a gap.</summary>
    public required IReadOnlyList<IReadOnlyList<double?>> Z { get; init; }

    public double ZMin { get; init; }

    public double ZMax { get; init; } = 1;

    /// <summary>Pairs of (position in 0..1, colour).</summary>
    public required IReadOnlyList<object[]> ColorScale { get; init; }

    /// <summary><c>[y][x]</c>: what is written in the cells, where it is not the number.</summary>
    public IReadOnlyList<IReadOnlyList<string>>? Text { get; init; }

    public string? TextTemplate { get; init; }

    /// <summary>Further texts of each cell, <c>[y][x][texts]</c>.</summary>
    public IReadOnlyList<IReadOnlyList<IReadOnlyList<string>>>? CustomData { get; init; }

    /// <summary>Off: the reader may choose it.</summary>
    public bool Visible { get; init; } = true;

    public Font TextFont { get; init; } = new() { Size = 12, Color = "var(--ink)" };

    public int XGap { get; init; } = 2;

    public int YGap { get; init; } = 2;

    public bool HoverOnGaps { get; init; }

    /// <summary>Off: each cell has its number.</summary>
    public bool ShowScale { get; init; }
}

/// <summary>Bars over categories.</summary>
public sealed record Bar : Trace
{
    /// <summary>Categories; values where <see cref="Orientation"/> is <c>h</c>.</summary>
    public required IReadOnlyList<object?> X { get; init; }

    /// <summary>Values; categories where <see cref="Orientation"/> is <c>h</c>.</summary>
    public required IReadOnlyList<object?> Y { get; init; }

    /// <summary><c>v</c> or <c>h</c>.</summary>
    public string Orientation { get; init; } = "v";

    [JsonPropertyName("error_x")]
    public ErrorBars? ErrorX { get; init; }

    [JsonPropertyName("error_y")]
    public ErrorBars? ErrorY { get; init; }

    public Marker? Marker { get; init; }

    public IReadOnlyList<IReadOnlyList<string>>? CustomData { get; init; }
}

/// <summary>Lengths below and above each point.</summary>
public sealed record ErrorBars
{
    public string Type { get; init; } = "data";

    public bool Symmetric { get; init; }

    public required IReadOnlyList<double> Array { get; init; }

    public required IReadOnlyList<double> ArrayMinus { get; init; }

    public double Thickness { get; init; } = 1;

    public int Width { get; init; } = 3;

    public string? Color { get; init; }
}

public sealed record Marker
{
    public string? Symbol { get; init; }

    public double? Size { get; init; } = 9;

    public string? Color { get; init; }

    public Line? Line { get; init; }
}

public sealed record Line
{
    public string? Color { get; init; }

    public double? Width { get; init; }

    /// <summary><c>solid</c>, <c>dash</c>, <c>dot</c>.</summary>
    public string? Dash { get; init; }

    /// <summary><c>linear</c> or <c>hv</c> (steps); not for markers.</summary>
    public string? Shape { get; init; }
}
