using Aim.Reports.Html;
using Aim.Reports.Plotly;
using Aim.Reports.Records;

namespace Aim.Reports.Sections;

/// <summary>Where tokens and time go: tokens by layer, wall clock by part, and the cost model against the paper.</summary>
internal static class CostSections
{
    public static Markup TokensPerLayer(ReportData data)
    {
        // Random has AIM's counts by construction.
        var headline = data.Cells.Where(c => c.Headline && c.Method != "random").ToList();
        var cells = headline.Count > 0 ? headline : data.Cells.Take(6).ToList();
        var layers = Enumerable.Range(0, data.Record.Model.Layers).ToList();
        var figure = new Figure(
            cells.Select(c => (Cell: c, Series: Series.Of(c))).Select(s => (Trace)new Scatter
            {
                Name = ReportData.ShortNameOf(s.Cell),
                X = layers.Select(l => (double)l).ToList(),
                Y = s.Cell.TokensPerLayer,
                Marker = new Marker { Symbol = data.SymbolOf(s.Series), Color = data.ColorOf(s.Series), Size = 6 },
                Line = new Line { Color = data.ColorOf(s.Series), Width = 2, Dash = s.Series.Dash, Shape = "hv" },
                HoverTemplate = "<b>%{fullData.name}</b><br>layer %{x}: %{y:,.0f} tokens<extra></extra>",
            }).ToList(),
            new Layout
            {
                Height = 380,
                XAxis = new Axis { Title = new Title("Decoder layer, from 0"), DTick = 1.0 },
                YAxis = new Axis { Title = new Title("Tokens"), RangeMode = "tozero", TickFormat = ",d" },
                Legend = new Legend(),
            });
        return Block.Section(
            data.Place,
            "tokens",
            "Tokens by layer",
            Markup.Of($"Visual and text tokens that each decoder layer processes, averaged over the questions, "
                + $"for the settings of the headline."),
            Block.Figure(
                data.Place.Id("figure-tokens"),
                figure,
                $"Tokens by decoder layer for {cells.Count} settings; the table that follows has all values.",
                Markup.Of($"Merging lowers the whole line; pruning lets it fall from layer to layer. "
                    + $"Pruned tokens are removed: later layers compute fewer rows."),
                Block.Details("All settings as a table", Block.Table(
                    data.Place.Id("table-tokens"),
                    "Mean tokens by layer, all settings",
                    layers.Select(l => Block.Head(Format.Count(l))).Prepend(Block.Head("Setting")),
                    [Block.Body(data.Cells.Select(c =>
                        Block.Row(ReportData.ShortNameOf(c), c.TokensPerLayer.Select(t => Block.Number(Format.Count(t))))))]))));
    }

    public static Markup WallClock(ReportData data)
    {
        if (data.Timings is not { Cells.Count: > 0 } timings)
            return Block.Section(data.Place, "time", "Wall clock", Markup.Of($"Time by part: {Format.NotMeasured}."),
                Markup.None);
        var rows = data.MainCells.Select(c => (Cell: c, Times: data.TimingsOf(c))).Where(r => r.Times is not null);
        string[] columns = ["Setting", "Vision", "Merging", "Prefill", "Method's part of it", "Decoding", "Prefill, predicted"];
        return Block.Section(
            data.Place,
            "time",
            "Wall clock",
            Markup.Of($"One clip on {timings.Machine.Cpu}, {Format.Count(timings.Machine.Threads, "thread")} "
                + $"at a measured peak of {Format.Number(timings.Machine.PeakGflops, 0)} GFLOP/s. "
                + $"Median, with the fastest and the slowest repeat beneath."),
            Block.Table(
                data.Place.Id("table-time"),
                "Time by part and setting",
                columns.Select(Block.Head),
                [
                    Block.Body(rows.Select(r => Block.Row(ReportData.ShortNameOf(r.Cell),
                    [
                        Time(r.Times!.Vision), Time(r.Times.Merge), Time(r.Times.Prefill), Time(r.Times.Overhead),
                            Time(r.Times.Decode),
                        r.Times.PredictedPrefill is { } p ? Block.Number(Format.Time(p)) : Block.Missing(),
                    ]))),
                ]));
    }

    public static Markup CostCheck(ReportData data)
    {
        var rows = data.Record.CostChecks;
        if (rows.Count == 0)
            return Block.Section(data.Place, "cost", "The cost model against the paper",
                Markup.Of($"Cross-check: {Format.NotMeasured}."), Markup.None);
        string[] columns = ["Setting", "TFLOP", "Paper", "Prefill, ms", "Paper", "TFLOP, one layer later",
            "Prefill, ms, one layer later"];
        return Block.Section(
            data.Place,
            "cost",
            "The cost model against the paper",
            Markup.Of($"The cost model that prices this report, at the paper's own settings and hardware. "
                + $"The paper's script lets pruning take effect one layer earlier than the method does; "
                + $"the last two columns price what the method does."),
            Block.Table(
                data.Place.Id("table-cost"),
                "Priced cost beside the cost that the paper prints",
                columns.Select(Block.Head),
                [
                    Block.Body(rows.Select(r => Block.Row(r.Setting,
                    [
                        Block.Number(Format.Number(r.Teraflops, 2)), Printed(r.PaperTeraflops),
                            Block.Number(Format.Number(r.Milliseconds, 2)), Printed(r.PaperMilliseconds),
                        Honest(r.HonestTeraflops), Honest(r.HonestMilliseconds),
                    ]))),
                ]));
    }

    private static Markup Time(TimeRecord? time) => time is null
        ? Block.Missing()
        : Block.Number(Format.Time(time.Median), $"{Format.TimeRange(time.Low, time.High)}, {Format.Count(time.Repeats)}×");

    private static Markup Printed(string? value) => value is null ? Block.Blank() : Block.Number(value);

    private static Markup Honest(double? value) => value is { } v ? Block.Number(Format.Number(v, 2)) : Block.Blank();
}
