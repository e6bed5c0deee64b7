using Aim.Reports.Html;
using Aim.Reports.Plotly;
using Aim.Reports.Records;

namespace Aim.Reports.Sections.Exhibits;

/// <summary>Bars over categories: lying where the categories have long names, standing where they are numbers.</summary>
internal static class BarsExhibit
{
    public static Markup Render(string id, BarsRecord bars)
    {
        var values = bars.Series.SelectMany(s => s.Values).ToList();
        var intervals = values.Any(v => v.Interval is not null) ? "Whiskers are 95% intervals. " : "";
        var named = bars.References.Select(r => $"{r.Name} ({Units.Text(bars.Y.Unit, r.Value)})");
        var references = bars.References.Count == 0 ? "" : $"Dotted: {string.Join(", ", named)}.";
        var alternative = $"{bars.Y.Title} by {bars.CategoryTitle}, {Format.Count(bars.Series.Count)} series; the table that "
            + $"follows has all values.";
        return Markup.Of($"""
            <figure id="{id}_figure">
            {Block.Plot(Draw(bars), alternative, minimumWidth: 280)}
            <figcaption>{intervals}{ExhibitSection.Sentence(ExhibitSection.Samples(values.Select(v => v.N)))}{references}</figcaption>
            {Block.Details("The same as a table", Table(id, bars))}
            </figure>
            """);
    }

    /// <summary>The plot.</summary>
    public static Figure Draw(BarsRecord bars)
    {
        var lying = bars.Categories.Count <= 12 && bars.Categories.Any(c => c.Length > 8);
        var category = new Axis
        {
            Title = lying ? null : new Title(bars.CategoryTitle),
            Type = "category",
            ShowGrid = false,
            Ticks = "",
            TickLabelStandoff = 6,
            AutoRange = lying ? "reversed" : null,
        };
        var value = Units.Axis(bars.Y);
        return new Figure(
            bars.Series.Select((s, i) => (Trace)Draw(bars, s, i, lying)).ToList(),
            new Layout
            {
                Height = lying ? 120 + bars.Categories.Count * (bars.Stacked ? 40 : 22 + 20 * bars.Series.Count) : 380,
                XAxis = lying ? value : category,
                YAxis = lying ? category : value,
                BarMode = bars.Stacked ? "stack" : "group",
                BarGap = 0.3,
                ShowLegend = bars.Series.Count > 1,
                Legend = new Legend { TraceOrder = "normal" },
                Shapes = [.. bars.References.Select(r => Reference(bars.Y, r, lying))],
            });
    }

    private static Bar Draw(BarsRecord bars, BarSeriesRecord series, int index, bool lying)
    {
        var scale = Units.Scale(bars.Y.Unit);
        IReadOnlyList<object?> categories = [.. bars.Categories];
        IReadOnlyList<object?> values = [.. series.Values.Select(v => (object?)(v.Value * scale))];
        var whiskers = series.Values.Any(v => v.Interval is not null)
            ? new ErrorBars
            {
                Array = [.. series.Values.Select(v => ((v.Interval?.High ?? v.Value ?? 0) - (v.Value ?? 0)) * scale)],
                ArrayMinus = [.. series.Values.Select(v => ((v.Value ?? 0) - (v.Interval?.Low ?? v.Value ?? 0)) * scale)],
                Color = "var(--ink)",
            }
            : null;
        return new Bar
        {
            Name = series.Name,
            Orientation = lying ? "h" : "v",
            X = lying ? values : categories,
            Y = lying ? categories : values,
            ErrorX = lying ? whiskers : null,
            ErrorY = lying ? null : whiskers,
            Marker = new Marker { Color = Palette.Color(index), Size = null },
            CustomData = [.. series.Values.Select(v => (IReadOnlyList<string>)[Hover(bars, v)])],
            HoverTemplate = "<b>%{fullData.name}</b>, " + (lying ? "%{y}" : "%{x}") + "<br>%{customdata[0]}<extra></extra>",
        };
    }

    private static string Hover(BarsRecord bars, ValueRecord value) =>
        Markup.Of($"{bars.Y.Title}: "
            + $"{value.Text ?? (value.Value is { } v ? Units.Text(bars.Y.Unit, v) : Format.NotMeasured)}").Text
        + (value.Interval is { } i ? "<br>95% interval " + Units.Interval(bars.Y.Unit, i) : "")
        + (value.N is { } n ? $"<br>n = {Format.Count(n)}" : "");

    private static Shape Reference(AxisRecord axis, ReferenceRecord reference, bool lying)
    {
        if (!lying)
            return LinesExhibit.ReferenceLine(axis, reference);
        var x = reference.Value * Units.Scale(axis.Unit);
        return new Shape
        {
            XRef = "x",
            YRef = "paper",
            X0 = x,
            X1 = x,
            Y0 = 0,
            Y1 = 1,
            Line = new Line { Color = "var(--muted)", Width = 1, Dash = "dot" }
        };
    }

    private static Markup Table(string id, BarsRecord bars)
    {
        var common = ExhibitSection.Common(bars.Series.SelectMany(s => s.Values));
        return Block.Table(
            $"{id}_table",
            $"{bars.Title}: {bars.Y.Title}" + (common is { } n ? $" (n = {Format.Count(n)} each)" : ""),
            bars.Series.Select(s => Block.Head(s.Name)).Prepend(Block.Head(bars.CategoryTitle)),
            [Block.Body(bars.Categories.Select((c, i) =>
                Block.Row(c, bars.Series.Select(s => TableExhibit.Cell(s.Values[i], bars.Y.Unit, common: common)))))]);
    }
}
