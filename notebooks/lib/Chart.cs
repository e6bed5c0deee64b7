using Aim.Reports;
using Aim.Reports.Plotly;

namespace Aim.Notebook;

/// <summary>
/// Figures of rows, each in one call: <c>Chart.Lines(run.Cells, x: c => c.Gflops, y: c => c.Accuracy, by: c => c.Method)</c>.
/// What comes back is a figure of the reports' kind; <c>with</c> changes anything of it.
/// </summary>
public static class Chart
{
    /// <summary>Points, joined in the order of x: a line for each group.</summary>
    /// <param name="rows">What is drawn.</param>
    /// <param name="x">The value along.</param>
    /// <param name="y">The value up.</param>
    /// <param name="by">The name of the line that a row belongs to; null: one line.</param>
    /// <param name="low">Lower end of y's interval; with <paramref name="high"/>, drawn as a bar.</param>
    /// <param name="high">Upper end.</param>
    /// <param name="label">What hovering over a point shows beside its values.</param>
    /// <param name="title">What stands above.</param>
    /// <param name="xTitle">What stands along the axis.</param>
    /// <param name="yTitle">The same of y.</param>
    /// <param name="logX">Whether x is drawn logarithmically.</param>
    /// <param name="percent">Whether y is a share, written in percent.</param>
    /// <param name="percentX">The same of x.</param>
    /// <param name="joined">Whether points are joined.</param>
    /// <param name="reference">A value of y to compare with, drawn as a dotted line.</param>
    public static Figure Lines<T>(
        IEnumerable<T> rows, Func<T, double> x, Func<T, double> y, Func<T, string>? by = null, Func<T, double>? low = null,
        Func<T, double>? high = null, Func<T, string>? label = null, string? title = null, string xTitle = "", string yTitle = "",
        bool logX = false, bool percent = false, bool percentX = false, bool joined = true, double? reference = null)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var groups = rows.GroupBy(r => by?.Invoke(r) ?? "").ToList();
        var layout = Around(title, groups.Count > 1 && groups.Any(g => g.Key.Length > 0)) with
        {
            XAxis = new Axis
            {
                Title = new Title(xTitle),
                Type = logX ? "log" : null,
                DTick = logX ? "D2" : null,
                TickFormat = percentX ? "~%" : logX ? "~g" : null,
            },
            YAxis = new Axis { Title = new Title(yTitle), TickFormat = percent ? "~%" : null },
            Shapes = reference is { } at
                ? [new Shape { Y0 = at, Y1 = at, Line = new Line { Color = Palette.Muted, Width = 1, Dash = "dot" } }] : null,
        };
        return new Figure([.. groups.Select((group, i) =>
        {
            List<T> points = [.. group.OrderBy(x)];
            double[] ys = [.. points.Select(y)];
            return (Trace)new Scatter
            {
                Name = group.Key,
                X = [.. points.Select(x)],
                Y = ys,
                Mode = joined && points.Count > 1 ? "lines+markers" : "markers",
                ErrorY = low is null || high is null ? null : new ErrorBars
                {
                    Array = [.. points.Select((p, k) => high(p) - ys[k])],
                    ArrayMinus = [.. points.Select((p, k) => ys[k] - low(p))],
                    Color = Palette.Color(i),
                },
                Marker = new Marker { Color = Palette.Color(i), Symbol = Palette.Symbol(i) },
                Line = new Line { Color = Palette.Color(i), Width = 2.25, Dash = Palette.Dash(i) },
                CustomData = label is null ? null : [.. points.Select(p => (IReadOnlyList<string>)[Markup.Text(label(p))])],
                HoverTemplate = (label is null ? "<b>%{fullData.name}</b>" : "<b>%{customdata[0]}</b>")
                    + $"<br>{Markup.Text(xTitle)} %{{x{(percentX ? ":.2~%" : ":.4~g")}}}"
                    + $"<br>{Markup.Text(yTitle)} %{{y{(percent ? ":.1%" : ":.4~g")}}}<extra></extra>",
            };
        })], layout);
    }

    /// <summary>Bars over categories, in the order of the rows: a colour for each group.</summary>
    /// <param name="rows">What is drawn.</param>
    /// <param name="category">What a bar stands for.</param>
    /// <param name="value">Its length.</param>
    /// <param name="by">The name of the series that a row belongs to; null: one series.</param>
    /// <param name="low">Lower end of the value's interval; with <paramref name="high"/>, drawn as a whisker.</param>
    /// <param name="high">Upper end.</param>
    /// <param name="title">What stands above.</param>
    /// <param name="categoryTitle">What stands along the categories.</param>
    /// <param name="valueTitle">What stands along the values.</param>
    /// <param name="percent">Whether values are shares, written in percent.</param>
    /// <param name="stacked">Whether a category's bars stand on each other.</param>
    /// <param name="lying">Whether bars lie, for categories with long names.</param>
    public static Figure Bars<T>(
        IEnumerable<T> rows, Func<T, string> category, Func<T, double> value, Func<T, string>? by = null,
        Func<T, double>? low = null, Func<T, double>? high = null, string? title = null, string categoryTitle = "",
        string valueTitle = "", bool percent = false, bool stacked = false, bool lying = false)
    {
        ArgumentNullException.ThrowIfNull(rows);
        List<T> all = [.. rows];
        var groups = all.GroupBy(r => by?.Invoke(r) ?? "").ToList();
        int categories = all.Select(category).Distinct().Count();
        var along = new Axis
        {
            Title = categoryTitle.Length > 0 ? new Title(categoryTitle) : null,
            Type = "category",
            ShowGrid = false,
            Ticks = "",
            TickLabelStandoff = 6,
            AutoRange = lying ? "reversed" : null,
        };
        var up = new Axis { Title = new Title(valueTitle), TickFormat = percent ? "~%" : null };
        var layout = Around(title, groups.Count > 1) with
        {
            XAxis = lying ? up : along,
            YAxis = lying ? along : up,
            BarMode = stacked ? "stack" : "group",
            BarGap = 0.3,
            Height = lying ? 190 + (categories * (stacked ? 30 : 14 + (16 * groups.Count))) : 480,
        };
        return new Figure([.. groups.Select((group, i) =>
        {
            List<T> bars = [.. group];
            double[] values = [.. bars.Select(value)];
            IReadOnlyList<object?> names = [.. bars.Select(category)], lengths = [.. values.Cast<object?>()];
            var whiskers = low is null || high is null ? null : new ErrorBars
            {
                Array = [.. bars.Select((b, k) => high(b) - values[k])],
                ArrayMinus = [.. bars.Select((b, k) => values[k] - low(b))],
                Color = Palette.Ink,
            };
            string format = percent ? ":.1%" : ":.4~g";
            return (Trace)new Bar
            {
                Name = group.Key,
                Orientation = lying ? "h" : "v",
                X = lying ? lengths : names,
                Y = lying ? names : lengths,
                ErrorX = lying ? whiskers : null,
                ErrorY = lying ? null : whiskers,
                Marker = new Marker { Color = Palette.Color(i), Size = null },
                HoverTemplate = (groups.Count > 1 ? "<b>%{fullData.name}</b>, " : "")
                    + (lying ? $"%{{y}}<br>%{{x{format}}}" : $"%{{x}}<br>%{{y{format}}}") + "<extra></extra>",
            };
        })], layout);
    }

    /// <summary>A grid of values as colours, with the number in each place; places without a row are empty.</summary>
    /// <param name="rows">What is drawn, a row for each place.</param>
    /// <param name="x">The column.</param>
    /// <param name="y">The row, from top to bottom.</param>
    /// <param name="value">The value there.</param>
    /// <param name="title">What stands above.</param>
    /// <param name="xTitle">What stands along the columns.</param>
    /// <param name="yTitle">What stands along the rows.</param>
    /// <param name="percent">Whether values are shares, written in percent.</param>
    /// <param name="diverging">Whether 0 is the middle of the colours (differences).</param>
    public static Figure Heat<T>(
        IEnumerable<T> rows, Func<T, string> x, Func<T, string> y, Func<T, double> value, string? title = null,
        string xTitle = "", string yTitle = "", bool percent = false, bool diverging = false)
    {
        ArgumentNullException.ThrowIfNull(rows);
        List<T> all = [.. rows];
        string[] columns = [.. all.Select(x).Distinct()], lines = [.. all.Select(y).Distinct()];
        var places = all.GroupBy(r => (x(r), y(r))).ToDictionary(g => g.Key, g => value(g.Last()));
        double most = Math.Max(all.Select(r => Math.Abs(value(r))).DefaultIfEmpty(1).Max(), 1e-12);
        var (low, high) = diverging
            ? (-most, most) : (all.Select(value).DefaultIfEmpty(0).Min(), all.Select(value).DefaultIfEmpty(1).Max());
        Axis Named(string name) => new()
        {
            Title = name.Length > 0 ? new Title(name) : null,
            Type = "category",
            ShowGrid = false,
            ShowLine = false,
            Ticks = "",
        };
        return new Figure(
            [
                new Heatmap
                {
                    X = columns,
                    Y = lines,
                    Z = [.. lines.Select(l => (IReadOnlyList<double?>)
                        [.. columns.Select(c => places.TryGetValue((c, l), out double z) ? z : (double?)null)])],
                    ZMin = low,
                    ZMax = high > low ? high : low + 1,
                    ColorScale = diverging ? Palette.Diverging : Palette.Sequential,
                    TextTemplate = percent ? "%{z:.0%}" : "%{z:.3~g}",
                    HoverTemplate = $"{Markup.Text(xTitle)} %{{x}}<br>{Markup.Text(yTitle)} %{{y}}"
                        + $"<br>%{{z{(percent ? ":.1%" : ":.4~g")}}}<extra></extra>",
                },
            ],
            Around(title, legend: false) with
            {
                XAxis = Named(xTitle),
                YAxis = Named(yTitle) with { AutoRange = "reversed" },
                Height = 170 + (36 * lines.Length),
            });
    }

    /// <summary>A figure under a title, its legend below the plot, where any number of rows has room.</summary>
    public static Figure Titled(Figure figure, string title)
    {
        ArgumentNullException.ThrowIfNull(figure);
        return figure with { Layout = Placed(figure.Layout, title, figure.Layout.ShowLegend) };
    }

    private static Layout Around(string? title, bool legend) =>
        Placed(new Layout { XAxis = new Axis(), YAxis = new Axis() }, title, legend);

    private static Layout Placed(Layout layout, string? title, bool legend)
    {
        // Pixels: of a title, of what stands between plot and legend, of a legend of two rows.
        const int Above = 36, Between = 64, Rows = 40;
        var margin = layout.Margin with { T = layout.Margin.T + (title is null ? 0 : Above) };
        int height = layout.Height + (title is null ? 0 : Above) + (legend ? Rows : 0);
        return layout with
        {
            Title = title is null ? null : new Title(Markup.Text(title), 0)
            {
                Font = new Font { Size = 15, Color = Palette.Ink },
                X = 0,
                XRef = "paper",
                Y = 1,
                YAnchor = "top",
                Pad = new Pad(12),
            },
            ShowLegend = legend,
            Legend = legend
                ? new Legend
                {
                    Y = -Between / (double)(height - margin.T - margin.B - Rows),
                    YAnchor = "top",
                    TraceOrder = "normal",
                }
                : null,
            Margin = margin,
            Height = height,
        };
    }
}
