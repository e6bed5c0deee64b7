using Aim.Reports.Html;
using Aim.Reports.Plotly;
using Aim.Reports.Records;

namespace Aim.Reports.Sections.Exhibits;

/// <summary>A grid of values as colours with the number in each place; buttons choose which value is shown.</summary>
internal static class HeatMapExhibit
{
    private static readonly (string Dash, string Word)[] Outlines = [("solid", "solid"), ("dot", "dotted"), ("dash", "dashed")];

    public static Markup Render(string id, HeatMapRecord map)
    {
        var figure = Draw(map, map.Layers);
        var values = map.Layers.SelectMany(l => l.Values).SelectMany(r => r).OfType<ValueRecord>();
        var marks = map.Marks.Select((m, i) => $"{m.Name} ({Outlines[i % Outlines.Length].Word} outline)").ToList();
        return Markup.Of($"""
            <figure id="{id}_figure">
            {Switch(map)}
            {Block.Plot(figure, $"Heat map, {map.YTitle} by {map.XTitle}; the table that follows has all values.", 100 + 62 * map.X.Count, 120 + 140 * map.X.Count)}
            <figcaption>{ExhibitSection.Sentence(ExhibitSection.Samples(values.Select(v => v.N)))}{(marks.Count == 0 ? "" : $"Marked: {string.Join(", ", marks)}.")}</figcaption>
            {Block.Details("The same as a table", Table(id, map))}
            </figure>
            """);
    }

    /// <summary>Some of the values over each other, the first of them shown.</summary>
    public static Figure Draw(HeatMapRecord map, IReadOnlyList<HeatLayerRecord> layers) => new(
        layers.Select((l, i) => Trace(map, l, i == 0)).ToList(),
        new Layout
        {
            Height = 96 + 38 * map.Y.Count,
            ShowLegend = false,
            Margin = new Margin(64, 40, 56, 8),
            XAxis = Axis(map.XTitle) with { Side = "top" },
            YAxis = Axis(map.YTitle) with { AutoRange = "reversed" },
            Shapes = [.. map.Marks.Select(Outline)],
        });

    private static Markup Switch(HeatMapRecord map) => map.Layers.Count < 2 ? Markup.None : Markup.Of($"""
        <div class="switch" role="group" aria-label="Value shown" hidden>{Markup.Join(map.Layers.Select((l, i) =>
            Markup.Of($"<button type=\"button\" aria-pressed=\"{(i == 0 ? "true" : "false")}\">{l.Title}</button>")))}</div>
        """);

    private static Heatmap Trace(HeatMapRecord map, HeatLayerRecord layer, bool visible)
    {
        var numbers = layer.Values.SelectMany(r => r).Select(v => v?.Value).OfType<double>().DefaultIfEmpty(0).ToList();
        var most = Math.Max(numbers.Max(Math.Abs), 1e-12);
        var (low, high) = layer.Diverging ? (-most, most) : (numbers.Min(), numbers.Max());
        return new Heatmap
        {
            Name = layer.Title,
            Visible = visible,
            X = map.X,
            Y = map.Y,
            Z = [.. layer.Values.Select(r => (IReadOnlyList<double?>)[.. r.Select(v => v?.Value)])],
            ZMin = low,
            ZMax = high > low ? high : low + 1,
            ColorScale = layer.Diverging ? Palette.Diverging : Palette.Sequential,
            Text = [.. layer.Values.Select(r =>
                (IReadOnlyList<string>)[.. r.Select(v => v is null ? "" : Short(layer.Unit, v))])],
            TextTemplate = "%{text}",
            CustomData = [.. layer.Values.Select(r => (IReadOnlyList<IReadOnlyList<string>>)[.. r.Select(v => Texts(layer, v))])],
            HoverTemplate = $"{Escape(map.XTitle)}: %{{x}}<br>{Escape(map.YTitle)}: %{{y}}<br>%{{customdata[0]}}<extra></extra>",
        };
    }

    private static string Short(Unit unit, ValueRecord value) => Escape(value.Text
        ?? (value.Value is { } v ? Units.Cell(unit, v, unit == Unit.Percent ? 0 : null).TrimEnd() : Format.NotMeasured));

    private static IReadOnlyList<string> Texts(HeatLayerRecord layer, ValueRecord? value) =>
        [value is null ? "" : Hover(layer, value)];

    private static string Hover(HeatLayerRecord layer, ValueRecord value) =>
        Escape($"{layer.Title}: {value.Text ?? (value.Value is { } v ? Units.Text(layer.Unit, v) : Format.NotMeasured)}")
        + (value.Interval is { } i ? "<br>95% interval " + Units.Interval(layer.Unit, i) : "")
        + (value.N is { } n ? $"<br>n = {Format.Count(n)}" : "");

    private static string Escape(string text) => Markup.Of($"{text}").Text;

    private static Axis Axis(string title) => new()
    {
        Title = new Title(title),
        Type = "category",
        ShowGrid = false,
        ShowLine = false,
        Ticks = "",
        TickLabelStandoff = 6,
    };

    private static Shape Outline(MarkRecord mark, int index) => new()
    {
        Type = "rect",
        XRef = "x",
        X0 = mark.X - 0.47,
        X1 = mark.X + 0.47,
        Y0 = mark.Y - 0.46,
        Y1 = mark.Y + 0.46,
        Line = new Line { Color = "var(--ink)", Width = 2.5, Dash = Outlines[index % Outlines.Length].Dash },
    };

    private static Markup Table(string id, HeatMapRecord map)
    {
        var common = ExhibitSection.Common(map.Layers.SelectMany(l => l.Values).SelectMany(r => r).OfType<ValueRecord>());
        return Block.Table(
            $"{id}_table",
            $"{map.Title}: {map.YTitle} (rows) by {map.XTitle} (columns)"
                + (common is { } n ? $" (n = {Format.Count(n)} each)" : ""),
            map.X.Select(Block.Head).Prepend(Block.Head(map.YTitle)),
            map.Layers.Select(l =>
            {
                var rows = map.Y.Select((y, r) => Block.Row(y,
                    l.Values[r].Select(v => v is null ? Block.Blank() : TableExhibit.Cell(v, l.Unit, common: common))));
                return Block.Body(map.Layers.Count > 1 ? rows.Prepend(Block.GroupRow(l.Title, map.X.Count + 1)) : rows);
            }));
    }
}
