using Aim.Reports.Html;
using Aim.Reports.Records;

namespace Aim.Reports.Sections;

/// <summary>Every cell of the grid in numbers, grouped by series; the controls that carry no headline stand apart.</summary>
internal static class TradeoffTable
{
    private static (string Head, string? Detail)[] Columns(ReportData data) =>
    [
        ("Retention", null), ("Questions", null), ("Tokens", "layer mean"), ("FLOPs", "paper's way"), ("Fewer FLOPs", null),
            ("Accuracy", "95% interval"),
        ("Difference", "points, 95% interval"), ("p", IsCorrected(data) ? "Holm; McNemar" : "McNemar; t"), ("Won, lost", null),
            ("Loyalty", null),
        ("Prefill", "range"), ("Faster prefill", "predicted"),
    ];

    private static bool IsCorrected(ReportData data) => data.Cells.Any(c => ReportData.Shown(c).Paired?.HolmP is not null);

    public static Markup Render(ReportData data)
    {
        var rest = data.Cells.Where(c => !ReportData.IsMain(c)).ToList();
        return Markup.Join(
        [
            Table(data, "table-tradeoff", "Cost, accuracy with 95% interval, and paired difference to the unreduced model",
                data.MainCells),
            Notes(data),
            rest.Count == 0 ? Markup.None : Block.Details(
                $"{Format.Count(rest.Count)} more settings of the controls",
                Table(data, "table-tradeoff-controls",
                    "Controls at AIM's FLOPs: cost, accuracy with 95% interval, and paired difference to the unreduced model",
                    rest)),
        ]);
    }

    private static Markup Table(ReportData data, string id, string caption, IReadOnlyList<CellRecord> cells) => Block.Table(
        data.Place.Id(id),
        caption,
        Columns(data).Select(c => c.Detail is null ? Block.Head(c.Head) : Block.Head(c.Head, c.Detail)),
        cells.GroupBy(Series.Of).Select(g => Block.Body(
            g.Select(c => Row(data, c)).Prepend(
                Block.GroupRow(g.Key.Label, Columns(data).Length)))));

    private static Markup Row(ReportData data, CellRecord cell)
    {
        var shown = ReportData.Shown(cell);
        var baseline = data.IsBaseline(cell);
        return Markup.Of($"""
            <tr data-cell="{cell.Id}"{(cell.Headline ? new Markup(" class=\"headline\"") : Markup.None)}><th scope="row">{cell.RetentionPrinted}{Remarks(cell)}</th>
            {Block.Number(Format.Count(shown.Samples), (double)shown.Samples)}
            {Block.Number(Format.Count(cell.TokensPerLayer[0]), Format.Count(cell.MeanTokens), cell.TokensPerLayer[0])}
            {Block.Number(Format.Si(cell.FlopsHonest), Format.Si(cell.FlopsPriced), cell.FlopsHonest)}
            {(baseline ? Block.Blank() : Fewer(data, cell))}
            {Block.Number(Format.Percent(shown.Accuracy), $"{Format.Percent(shown.Wilson.Low)} to {Format.Percent(shown.Wilson.High)}", shown.Accuracy)}
            {Difference(shown, baseline)}
            {(shown.Loyalty is { } loyalty ? Block.Number(Format.Percent(loyalty), loyalty) : baseline ? Block.Blank() : Block.Missing())}
            {Prefill(data.TimingsOf(cell))}
            {Speedup(data, cell, baseline)}
            </tr>
            """);
    }

    private static Markup Fewer(ReportData data, CellRecord cell)
    {
        if (data.FlopsRatio(cell) is not { } ratio)
            return Block.Missing();
        return cell.Achieved is { } achieved ? Block.Number(Format.Ratio(ratio), Format.Percent(achieved) + " of target", ratio)
            : Block.Number(Format.Ratio(ratio), ratio);
    }

    private static Markup Difference(CountedRecord shown, bool baseline)
    {
        if (shown.Paired is not { } p)
            return Markup.Join(Enumerable.Repeat(baseline ? Block.Blank() : Block.Missing(), 3));
        return Markup.Of($"""
            {Block.Number(Format.Points(p.Difference), $"{Format.Points(p.Interval.Low)} to {Format.Points(p.Interval.High)}", p.Difference)}
            {P(p)}
            {Block.Number($"{Format.Count(p.Wins)}, {Format.Count(p.Losses)}", (double)p.Wins)}
            """);
    }

    private static Markup P(PairedRecord p) => p.HolmP is { } holm
        ? Block.Number(Format.P(holm), Format.P(p.McNemarP), holm)
        : Block.Number(Format.P(p.McNemarP), p.TP is { } t ? Format.P(t) : "undefined", p.McNemarP);

    /// <summary>What stands beneath a row's name: what the method is here, and that no verdict rests on it.</summary>
    private static Markup Remarks(CellRecord cell)
    {
        string?[] remarks = [cell.Note, cell.Headline ? null : "exploratory"];
        return Markup.Join(remarks.OfType<string>().Select(r => Markup.Of($"<small>{r}</small>")));
    }

    private static Markup Prefill(CellTimings? timings) => timings?.Prefill is { } t
        ? Block.Number(Format.Time(t.Median), Format.TimeRange(t.Low, t.High), t.Median)
        : Block.Missing();

    private static Markup Speedup(ReportData data, CellRecord cell, bool baseline)
    {
        if (baseline)
            return Block.Blank();
        if (data.MeasuredSpeedup(cell) is not { } measured)
            return Block.Missing();
        return data.PredictedSpeedup(cell) is { } predicted
            ? Block.Number(Format.Ratio(measured), Format.Ratio(predicted), measured)
            : Block.Number(Format.Ratio(measured), measured);
    }

    private static Markup Notes(ReportData data)
    {
        var achieved = data.Record.Cells.Any(c => c.Achieved is not null)
            ? Markup.Of($" Downsampled frames have the finest grid whose executed FLOPs stay within those of AIM "
                + $"at this retention and schedule; the share that they reach stands beneath "
                + $"(above 100%: one token a frame is already more).")
            : Markup.None;
        return Markup.Of($"""
            <p class="note">Retention is what merging keeps of the visual tokens. Tokens: visual and text tokens that enter the first layer, and the mean over layers.
            FLOPs: priced for the tokens that the layers process, and beneath it the paper's way, whose schedule takes effect one layer early.
            Fewer FLOPs, difference and faster prefill: against the unreduced model on the same questions, at the same number of frames.
            Difference: accuracy minus the unreduced model's on the same questions, with the paired t interval. p: exact McNemar test{(IsCorrected(data) ? ", Holm-corrected over the table, and beneath it as it was before" : ", and beneath it the paired t test")}.
            Won, lost: questions that only this setting, or only the unreduced model, has right. Loyalty: share of answers equal to the unreduced model's.
            Prefill: the median repeat, the fastest and the slowest. Bold rows carry the headline; the others are exploratory.{achieved}</p>
            """);
    }
}
