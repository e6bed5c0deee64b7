using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Aim.Reports.Plotly;

/// <summary>
/// A Plotly figure: the JSON schema of plotly.js (what Plotly.NET emits), as far as the reports use it. Colours may be
/// <c>var(--name)</c>: the report's page replaces them by its theme's, in light and in dark; elsewhere
/// <see cref="ToStandaloneJson"/> does.
/// </summary>
/// <param name="Data">The series.</param>
/// <param name="Layout">What surrounds them.</param>
public sealed record Figure(IReadOnlyList<Trace> Data, Layout Layout)
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = new LowerCase(),
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>
    /// Compact JSON. The default encoder escapes &lt;, &gt; and &amp;, so that the text is safe inside a script element.
    /// </summary>
    public string ToJson() => JsonSerializer.Serialize(this, Options);

    /// <summary>
    /// The same for where there is no report's page around it, as in a notebook: the light theme's colours on its paper.
    /// </summary>
    public string ToStandaloneJson()
    {
        var papered = this with { Layout = Layout with { Paper = Palette.Surface, Plot = Palette.Surface } };
        var json = JsonSerializer.SerializeToNode(papered, Options)!;
        Resolve(json);
        return json.ToJsonString();
    }

    private static void Resolve(JsonNode node)
    {
        switch (node)
        {
            case JsonObject fields:
                foreach (var (name, value) in fields.ToList())
                {
                    if (value is JsonValue leaf && leaf.GetValueKind() == JsonValueKind.String)
                        fields[name] = Palette.InLight((string)leaf!);
                    else if (value is not null)
                        Resolve(value);
                }

                break;
            case JsonArray items:
                for (int i = 0; i < items.Count; i++)
                {
                    if (items[i] is JsonValue leaf && leaf.GetValueKind() == JsonValueKind.String)
                        items[i] = Palette.InLight((string)leaf!);
                    else if (items[i] is { } item)
                        Resolve(item);
                }

                break;
        }
    }

    /// <summary>plotly.js spells its attributes in lower case without separators; the few others say so themselves.</summary>
    private sealed class LowerCase : JsonNamingPolicy
    {
        public override string ConvertName(string name) => name.ToLowerInvariant();
    }
}

/// <summary>Axes, legend and what surrounds the data.</summary>
public sealed record Layout
{
    public required Axis XAxis { get; init; }

    public required Axis YAxis { get; init; }

    public Legend? Legend { get; init; }

    public bool ShowLegend { get; init; } = true;

    /// <summary>What stands above the plot; null: the page has a heading.</summary>
    public Title? Title { get; init; }

    public Margin Margin { get; init; } = new(64, 40, 16, 56);

    public int Height { get; init; } = 440;

    public string HoverMode { get; init; } = "closest";

    /// <summary>Off: a finger that drags over a figure scrolls the page.</summary>
    public bool DragMode { get; init; }

    public ModeBar ModeBar { get; init; } = new();

    public HoverLabel HoverLabel { get; init; } = new();

    public Font Font { get; init; } = new() { Size = 13, Color = "var(--ink)" };

    [JsonPropertyName("paper_bgcolor")]
    public string Paper { get; init; } = "rgba(0,0,0,0)";

    [JsonPropertyName("plot_bgcolor")]
    public string Plot { get; init; } = "rgba(0,0,0,0)";

    public IReadOnlyList<Shape>? Shapes { get; init; }

    public IReadOnlyList<Annotation>? Annotations { get; init; }

    /// <summary>Of bars: <c>group</c> or <c>stack</c>.</summary>
    public string? BarMode { get; init; }

    public double? BarGap { get; init; }
}

public sealed record Axis
{
    public Title? Title { get; init; }

    /// <summary><c>linear</c>, <c>log</c> or <c>category</c>.</summary>
    public string? Type { get; init; }

    public string? TickFormat { get; init; }

    public string? TickSuffix { get; init; }

    /// <summary><c>array</c> where <see cref="TickVals"/> says which.</summary>
    public string? TickMode { get; init; }

    public IReadOnlyList<double>? TickVals { get; init; }

    /// <summary>A number, or for logarithmic axes <c>D1</c> or <c>D2</c>.</summary>
    public object? DTick { get; init; }

    public string? AutoRange { get; init; }

    public IReadOnlyList<double>? Range { get; init; }

    public string? RangeMode { get; init; }

    public bool AutoMargin { get; init; } = true;

    public bool ShowGrid { get; init; } = true;

    public string? Side { get; init; }

    public string GridColor { get; init; } = "var(--grid)";

    public string LineColor { get; init; } = "var(--line)";

    public string TickColor { get; init; } = "var(--line)";

    public bool ShowLine { get; init; } = true;

    public bool ZeroLine { get; init; }

    public string? Ticks { get; init; } = "outside";

    public int? TickLabelStandoff { get; init; }
}

/// <summary>The buttons, in a column beside the plot, where they cover nothing.</summary>
public sealed record ModeBar
{
    public string Orientation { get; init; } = "v";

    public string BgColor { get; init; } = "rgba(0,0,0,0)";

    public string Color { get; init; } = "var(--line)";

    public string ActiveColor { get; init; } = "var(--accent)";
}

public sealed record Title(string Text, int Standoff = 12)
{
    public Font Font { get; init; } = new() { Size = 13, Color = "var(--muted)" };

    /// <summary>Of a figure's title: where it stands, from 0 (left) to 1.</summary>
    public double? X { get; init; }

    /// <summary>Of a figure's title: <c>paper</c>, so that it begins where the plot does.</summary>
    public string? XRef { get; init; }

    /// <summary>Of a figure's title: where it stands, from 0 (bottom) to 1.</summary>
    public double? Y { get; init; }

    /// <summary>Of a figure's title: <c>top</c>, so that it hangs there.</summary>
    public string? YAnchor { get; init; }

    /// <summary>Of a figure's title: pixels around it.</summary>
    public Pad? Pad { get; init; }
}

/// <summary>Pixels above something.</summary>
public sealed record Pad(int T);

public sealed record Font
{
    public string Family { get; init; } = "var(--font)";

    public int? Size { get; init; }

    public string? Color { get; init; }
}

public sealed record Margin(int L, int R, int T, int B);

/// <summary>Above the plot, in rows: narrow screens keep the plot's width.</summary>
public sealed record Legend
{
    public string Orientation { get; init; } = "h";

    public double X { get; init; }

    public double Y { get; init; } = 1.02;

    public string YAnchor { get; init; } = "bottom";

    public string XAnchor { get; init; } = "left";

    /// <summary><c>normal</c> or <c>reversed</c>; bars that lie would be reversed.</summary>
    public string? TraceOrder { get; init; }
}

public sealed record HoverLabel
{
    public string BgColor { get; init; } = "var(--surface)";

    public string BorderColor { get; init; } = "var(--line)";

    public Font Font { get; init; } = new() { Size = 13, Color = "var(--ink)" };

    public string Align { get; init; } = "left";
}

/// <summary>A straight line across the plot, or a rectangle.</summary>
public sealed record Shape
{
    /// <summary><c>line</c> or <c>rect</c>.</summary>
    public string Type { get; init; } = "line";

    public string XRef { get; init; } = "paper";

    public string YRef { get; init; } = "y";

    public double X0 { get; init; }

    public double X1 { get; init; } = 1;

    public required double Y0 { get; init; }

    public required double Y1 { get; init; }

    public required Line Line { get; init; }
}

/// <summary>A text beside the data.</summary>
public sealed record Annotation
{
    public required string Text { get; init; }

    public string XRef { get; init; } = "paper";

    public string YRef { get; init; } = "y";

    public double X { get; init; } = 1;

    public double Y { get; init; } = 1;

    public string XAnchor { get; init; } = "right";

    public string YAnchor { get; init; } = "bottom";

    public bool ShowArrow { get; init; }

    public Font Font { get; init; } = new() { Size = 12, Color = "var(--muted)" };
}
