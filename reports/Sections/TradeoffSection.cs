using Aim.Reports.Html;
using Aim.Reports.Plotly;
using Aim.Reports.Records;

namespace Aim.Reports.Sections;

/// <summary>The trade-off of FLOPs and accuracy: the paper's Figure 1 as a curve, its Tables 4 and 8 as a table.</summary>
internal static class TradeoffSection
{
    public static Markup Render(ReportData data) => Block.Section(
        data.Place,
        "tradeoff",
        "Trade-off of FLOPs and accuracy",
        Markup.Of($"Each point is one setting; the further left, the cheaper. "
            + $"Bars are 95% intervals of the accuracy alone; differences are judged in the table, "
            + $"where both methods answer the same questions."),
        Markup.Join(
        [
            Block.Figure(
                data.Place.Id("figure-tradeoff"),
                Curve(data),
                $"Accuracy against prefill FLOPs on a logarithmic axis, {data.Record.Cells.Count} settings; the tables below "
                    + $"have all values.",
                Markup.Of($"FLOPs are those of the language model's prefill for one clip, priced operation by operation "
                    + $"for the tokens that its layers process. The dotted line is the unreduced model."),
                Markup.None),
            TradeoffTable.Render(data),
        ]));

    /// <summary>Accuracy against FLOPs, a line for each series.</summary>
    public static Figure Curve(ReportData data)
    {
        var accuracy = ReportData.Shown(data.Baseline).Accuracy;
        var lines = data.Series.Where(s => s.Series.Method != "downsample").Select(s =>
            Line(data, s.Series, s.Series.Label, s.Cells)).ToList();

        // A downsampled cell is a size of the frame's grid, whichever cell it was to match: one line, each size once.
        var grids = data.Cells.Where(c => c.Method == "downsample").GroupBy(c => c.FlopsHonest).Select(g =>
            g.MaxBy(c => c.Samples)!).ToList();
        if (grids.Count > 0)
            lines.Add(Line(data, Series.Of(grids[0]), "Downsampled frames", grids));

        return new Figure(lines, AgainstFlops(540, "Accuracy", accuracy));
    }

    /// <summary>Shares against FLOPs, with a dotted line where the unreduced model stands.</summary>
    public static Layout AgainstFlops(int height, string title, double unreduced) => new()
    {
        Height = height,
        XAxis = new Axis
        {
            Title = new Title("Prefill FLOPs of one clip (log scale)"),
            Type = "log",
            TickFormat = "~s",
            DTick = "D2",
        },
        YAxis = new Axis { Title = new Title(title), TickFormat = "~%" },
        Legend = new Legend(),
        Shapes =
        [
            new Shape
            {
                Y0 = unreduced,
                Y1 = unreduced,
                Line = new Line { Color = "var(--muted)", Width = 1, Dash = "dot" },
            },
        ],
    };

    private static Scatter Line(ReportData data, Series series, string label, IReadOnlyList<CellRecord> cells)
    {
        var ordered = cells.OrderBy(c => c.FlopsHonest).ThenBy(c => c.Id, StringComparer.Ordinal).ToList();
        var shown = ordered.Select(ReportData.Shown).ToList();
        return new Scatter
        {
            Name = label,
            X = ordered.Select(c => c.FlopsHonest).ToList(),
            Y = shown.Select(s => s.Accuracy).ToList(),
            Mode = ordered.Count > 1 ? "lines+markers" : "markers",
            ErrorY = new ErrorBars
            {
                Array = shown.Select(s => s.Wilson.High - s.Accuracy).ToList(),
                ArrayMinus = shown.Select(s => s.Accuracy - s.Wilson.Low).ToList(),
                Color = data.ColorOf(series),
            },
            Marker = new Marker
            {
                Symbol = data.SymbolOf(series),
                Color = data.ColorOf(series),
                Size = series.Method == "none"
                ? 14 : 9
            },
            Line = new Line { Color = data.ColorOf(series), Width = series.IsControl ? 1.5 : 2.25, Dash = series.Dash },
            CustomData = ordered.Select(c => Hover(data, c)).ToList(),
            HoverTemplate = "<b>%{customdata[0]}</b><br>%{customdata[1]}<br>%{customdata[2]}<br>"
                + "%{customdata[3]}<br>%{customdata[4]}<extra></extra>",
        };
    }

    // plotly reads a small HTML of its own in hover texts, so texts from the record are escaped for it.
    private static IReadOnlyList<string> Hover(ReportData data, CellRecord cell)
    {
        var shown = ReportData.Shown(cell);
        var ratio = data.FlopsRatio(cell) is { } r ? $" ({Format.Ratio(r)} fewer)" : "";
        var paired = shown.Paired is { } p
            ? $"{Format.Points(p.Difference)} points against unreduced ({Format.Points(p.Interval.Low)} to "
                + $"{Format.Points(p.Interval.High)})"
            : "the reference of all differences";
        return
        [
            Markup.Of($"{ReportData.NameOf(cell)}").Text,
            $"accuracy {Format.Percent(shown.Accuracy)} ({Format.Percent(shown.Wilson.Low)} to "
                + $"{Format.Percent(shown.Wilson.High)}), {Format.Count(shown.Samples)} questions",
            paired,
            $"{Format.Si(cell.FlopsHonest)}FLOP{ratio}",
            $"{Format.Number(cell.MeanTokens, 0)} tokens a layer on average",
        ];
    }
}
