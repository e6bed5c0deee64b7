using Aim.Reports.Html;
using Aim.Reports.Plotly;
using Aim.Reports.Records;

namespace Aim.Reports.Sections;

/// <summary>The trade-off of FLOPs and accuracy: the paper's Figure 1 as a curve, its Tables 4 and 8 as a table.</summary>
internal static class TradeoffSection
{
    public static Markup Render(ReportData data) => Block.Section(
        "tradeoff",
        "Trade-off of FLOPs and accuracy",
        Markup.Of($"Each point is one setting; the further left, the cheaper. Bars are 95% intervals of the accuracy alone; differences are judged in the table, where both methods answer the same questions."),
        Markup.Join(
        [
            Block.Figure(
                "figure-tradeoff",
                Curve(data),
                $"Accuracy against prefill FLOPs on a logarithmic axis, {data.Record.Cells.Count} settings in {data.Series.Count} series; the table below has all values.",
                Markup.Of($"FLOPs are those of the language model's prefill for one clip, priced operation by operation for the tokens that its layers process. The dotted line is the unreduced model."),
                Markup.None),
            TradeoffTable.Render(data),
        ]));

    private static Figure Curve(ReportData data)
    {
        var accuracy = ReportData.Shown(data.Baseline).Accuracy;
        return new Figure(
            data.Series.Select(s => (Trace)Line(data, s.Series, s.Cells)).ToList(),
            new Layout
            {
                Height = 500,
                XAxis = new Axis { Title = new Title("Prefill FLOPs of one clip (log scale)"), Type = "log", TickFormat = "~s", DTick = "D2" },
                YAxis = new Axis { Title = new Title("Accuracy"), TickFormat = ".0%" },
                Legend = new Legend(),
                Shapes = [new Shape { Y0 = accuracy, Y1 = accuracy, Line = new Line { Color = "var(--muted)", Width = 1, Dash = "dot" } }],
            });
    }

    private static Scatter Line(ReportData data, Series series, IReadOnlyList<CellRecord> cells)
    {
        var ordered = cells.OrderBy(c => c.FlopsHonest).ThenBy(c => c.Id, StringComparer.Ordinal).ToList();
        var shown = ordered.Select(ReportData.Shown).ToList();
        return new Scatter
        {
            Name = series.Label,
            X = ordered.Select(c => c.FlopsHonest).ToList(),
            Y = shown.Select(s => s.Accuracy).ToList(),
            Mode = ordered.Count > 1 ? "lines+markers" : "markers",
            ErrorY = new ErrorBars
            {
                Array = shown.Select(s => s.Wilson.High - s.Accuracy).ToList(),
                ArrayMinus = shown.Select(s => s.Accuracy - s.Wilson.Low).ToList(),
                Color = series.Color,
            },
            Marker = new Marker { Symbol = series.Symbol, Color = series.Color, Size = series.Method == "none" ? 14 : 9 },
            Line = new Line { Color = series.Color, Width = 2, Dash = series.Dash },
            CustomData = ordered.Select(c => Hover(data, c)).ToList(),
            HoverTemplate = "<b>%{customdata[0]}</b><br>%{customdata[1]}<br>%{customdata[2]}<br>%{customdata[3]}<br>%{customdata[4]}<extra></extra>",
        };
    }

    // plotly reads a small HTML of its own in hover texts, so texts from the record are escaped for it.
    private static IReadOnlyList<string> Hover(ReportData data, CellRecord cell)
    {
        var shown = ReportData.Shown(cell);
        var ratio = data.FlopsRatio(cell) is { } r ? $" ({Format.Ratio(r)} fewer)" : "";
        var paired = shown.Paired is { } p
            ? $"{Format.Points(p.Difference)} points against unreduced ({Format.Points(p.Interval.Low)} to {Format.Points(p.Interval.High)})"
            : "the reference of all differences";
        return
        [
            Markup.Of($"{ReportData.NameOf(cell)}").Text,
            $"accuracy {Format.Percent(shown.Accuracy)} ({Format.Percent(shown.Wilson.Low)} to {Format.Percent(shown.Wilson.High)}), {Format.Count(shown.Samples)} questions",
            paired,
            $"{Format.Si(cell.FlopsHonest)}FLOP{ratio}",
            $"{Format.Number(cell.MeanTokens, 0)} tokens a layer on average",
        ];
    }
}
