using Aim.Reports.Html;
using Aim.Reports.Plotly;
using Aim.Reports.Records;

namespace Aim.Reports.Sections.Exhibits;

/// <summary>Lines over a common axis: a plot for each panel, and all points as a table.</summary>
internal static class LinesExhibit
{
    private const int MostTicks = 14;

    public static Markup Render(string id, LinesRecord lines)
    {
        var plots = lines.Panels.Select(p => Block.Plot(
            Draw(lines, p),
            $"{p.Y.Title} against {lines.X.Title}, {Format.Count(p.Lines.Count, "line")}; the table that follows has all values.",
            minimumWidth: 280));
        var points = lines.Panels.SelectMany(p => p.Lines).SelectMany(l => l.Points).ToList();
        var bars = points.Any(p => p.Interval is not null) ? "Bars are 95% intervals. " : "";
        return Markup.Of($"""
            <figure id="{id}_figure">
            <div class="panels">{Markup.Join(plots)}</div>
            <figcaption>{bars}{ExhibitSection.Sentence(ExhibitSection.Samples(points.Select(p => p.N)))}</figcaption>
            {Block.Details("The same as a table", Table(id, lines))}
            </figure>
            """);
    }

    /// <summary>One plot.</summary>
    public static Figure Draw(LinesRecord lines, PanelRecord panel)
    {
        // a line keeps its colour and marker in every panel
        var names = lines.Panels.SelectMany(p => p.Lines).Select(l => l.Name).Distinct().ToList();
        var xs = panel.Lines.SelectMany(l => l.Points).Select(p => p.X).Distinct().Order().ToList();
        var ticks = lines.X.Unit == Unit.Count && xs.Count <= MostTicks ? xs : null;
        return new Figure(
            panel.Lines.Select(l => Trace(lines, panel, l, names.IndexOf(l.Name))).ToList(),
            new Layout
            {
                Height = 400 + 11 * Math.Max(0, panel.Lines.Count - 3),
                XAxis = Units.Axis(lines.X, ticks),
                YAxis = Units.Axis(panel.Y),
                Legend = new Legend(),
                Shapes = [.. panel.References.Select(r => ReferenceLine(panel.Y, r))],
                Annotations = [.. panel.References.Select(r => ReferenceText(panel.Y, r))],
            });
    }

    private static Trace Trace(LinesRecord lines, PanelRecord panel, LineRecord line, int index)
    {
        var (unit, scale) = (panel.Y.Unit, Units.Scale(panel.Y.Unit));
        var color = line.Control ? "var(--muted)" : Palette.Color(index);
        return new Scatter
        {
            Name = line.Name,
            X = [.. line.Points.Select(p => p.X * Units.Scale(lines.X.Unit))],
            Y = [.. line.Points.Select(p => p.Y * scale)],
            Mode = line.Points.Count > 1 ? "lines+markers" : "markers",
            ErrorY = line.Points.Any(p => p.Interval is not null)
                ? new ErrorBars
                {
                    Array = [.. line.Points.Select(p => ((p.Interval?.High ?? p.Y) - p.Y) * scale)],
                    ArrayMinus = [.. line.Points.Select(p => (p.Y - (p.Interval?.Low ?? p.Y)) * scale)],
                    Color = color,
                }
                : null,
            Marker = new Marker { Symbol = Palette.Symbol(index) + (line.Control ? "-open" : ""), Color = color, Size = 8 },
            Line = new Line
            {
                Color = color,
                Width = line.Control ? 1.5 : 2.25,
                Dash = line.Control ? "dot"
                : Palette.Dash(index)
            },
            CustomData = [.. line.Points.Select(p => (IReadOnlyList<string>)[Hover(lines.X, panel.Y, p)])],
            HoverTemplate = "<b>%{fullData.name}</b><br>%{customdata[0]}<extra></extra>",
        };

        string Hover(AxisRecord x, AxisRecord y, PointRecord p) => Markup.Of($"{x.Title}: {Units.Cell(x.Unit, p.X)}").Text
            + "<br>" + Markup.Of($"{y.Title}: {Units.Text(unit, p.Y)}").Text
            + (p.Interval is { } i ? "<br>95% interval " + Units.Interval(unit, i) : "")
            + (p.N is { } n ? $"<br>n = {Format.Count(n)}" : "");
    }

    /// <summary>A line to compare with, across the plot.</summary>
    public static Shape ReferenceLine(AxisRecord axis, ReferenceRecord reference)
    {
        var y = reference.Value * Units.Scale(axis.Unit);
        return new Shape { Y0 = y, Y1 = y, Line = new Line { Color = "var(--muted)", Width = 1, Dash = "dot" } };
    }

    private static Annotation ReferenceText(AxisRecord axis, ReferenceRecord reference)
    {
        var y = reference.Value * Units.Scale(axis.Unit);
        return new Annotation { Text = Markup.Of($"{reference.Name}").Text, Y = axis.Logarithmic ? Math.Log10(y) : y };
    }

    private static Markup Table(string id, LinesRecord lines)
    {
        var xs = lines.Panels.SelectMany(p => p.Lines).SelectMany(l => l.Points).Select(p => p.X).Distinct().Order().ToList();
        var several = lines.Panels.Count > 1;
        var common = ExhibitSection.Common(lines.Panels.SelectMany(p => p.Lines).SelectMany(l => l.Points).Select(p =>
            ValueRecord.Of(p.Y, n: p.N)));
        return Block.Table(
            $"{id}_table",
            $"{lines.Title}: by {lines.X.Title}" + (common is { } n ? $" (n = {Format.Count(n)} each)" : ""),
            xs.Select(x => Block.Head(Units.Cell(lines.X.Unit, x))).Prepend(Block.Head("Line")),
            lines.Panels.Select(p =>
            {
                var rows = p.Lines.Select(l =>
                    Block.Row(l.Name, xs.Select(x => l.Points.FirstOrDefault(q => q.X == x) is { } point
                    ? TableExhibit.Cell(ValueRecord.Of(point.Y, point.Interval, point.N), p.Y.Unit, common: common)
                    : Block.Missing())));
                return Block.Body(several ? rows.Prepend(Block.GroupRow(p.Y.Title, xs.Count + 1)) : rows);
            }));
    }
}
