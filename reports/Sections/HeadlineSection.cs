using Aim.Reports.Html;
using Aim.Reports.Records;

namespace Aim.Reports.Sections;

/// <summary>
/// What the run says, in words: the unreduced model's figure, then each verdict with the rule that was fixed before.
/// </summary>
internal static class HeadlineSection
{
    public static Markup Render(ReportData data)
    {
        var record = data.Record;
        return Markup.Of($"""
            <header>
            <p class="eyebrow">AIM: token merging and pruning · {record.Definition.Name}</p>
            <h1>{record.Definition.Title ?? record.Definition.Name}</h1>
            <p class="sub">{Facts(record)}</p>
            {Question(record)}
            </header>
            <section id="headline" aria-label="Result">
            <p class="summary">{Summary(data)}</p>
            {Tiles(data)}
            {Verdicts(record)}
            </section>
            """);
    }

    /// <summary>The same as the beginning of a run among others.</summary>
    public static Markup RenderWithin(ReportData data) => Markup.Of($"""
        <p class="sub">{data.Record.Definition.Name} · {Facts(data.Record)}</p>
        {Question(data.Record)}
        <p class="result">{Summary(data)}</p>
        {(data.Record.Verdicts.Count > 0 ? Verdicts(data.Record) : Markup.None)}
        """);

    private static string Facts(RunRecord record) =>
        $"{record.Model.Name} on {record.Data.Name}{(record.Data.Split.Length > 0 ? $" ({record.Data.Split} split)" : "")}, "
        + $"{Format.Count(record.Data.Frames, "frame")} a clip, "
        + $"{Format.Count(record.Data.Samples)} questions at most per setting, "
        + $"{(record.Model.Seeds == 1 ? "one seed" : Format.Count(record.Model.Seeds, "seed"))}";

    private static Markup Question(RunRecord record) =>
        record.Definition.Question is { } question ? Markup.Of($"<p class=\"ask\">{question}</p>") : Markup.None;

    private static Markup Summary(ReportData data)
    {
        var shown = ReportData.Shown(data.Baseline);
        var left = data.Record.Kinds.Where(k => !k.Counts).Select(k => k.Kind).ToList();
        var kinds = (left.Count, data.LeavesKindsOut) switch
        {
            (0, _) => "",
            var (all, _) when all == data.Record.Kinds.Count =>
                " No kind of question beats its controls: these accuracies do not show that the model uses what it sees.",
            (_, true) => $" Not counted here: {string.Join(", ", left)} (see the controls){Beyond(data.Record.Data)}.",
            _ => $" This includes kinds that do not beat their controls: {string.Join(", ", left)}.",
        };
        return Markup.Of($"""
            {Limited(data.Record.Definition)}Unreduced, the model answers <strong>{Format.Percent(shown.Accuracy)}</strong> of {Format.Count(shown.Samples)} unseen questions
            (95% interval {Format.Percent(shown.Wilson.Low)} to {Format.Percent(shown.Wilson.High)}) at {Format.Si(data.Baseline.FlopsHonest)}FLOP of prefill.{Seeds(data)}{kinds}
            """);
    }

    private static string Seeds(ReportData data) => data.Accuracies is { Count: > 1 } all
        ? $" Over {Format.Count(all.Count)} trained seeds {Format.Percent(all.Average())} on average, "
            + $"{Format.Percent(all.Min())} to {Format.Percent(all.Max())}."
        : "";

    /// <summary>Mean and range over seeds of what a tile shows of one.</summary>
    private static string Seeds(IReadOnlyList<double> differences) => differences.Count == 1
        ? "one seed"
        : $"{Format.Count(differences.Count)} seeds: mean {Format.Points(differences.Average())}, "
            + $"{Format.Points(differences.Min())} to {Format.Points(differences.Max())}";

    private static Markup Limited(DefinitionRecord definition) => definition.Limit is { } limit
        ? Markup.Of($"<strong>{Format.NoVerdict}</strong> (at most {Format.Count(limit, "sample")} a setting). ")
        : Markup.None;

    /// <summary>What the sample is made of, where it is not all kinds throughout: what is left out is said.</summary>
    private static string Beyond(DataRecord data) => data.First is { } first
        ? $"; they are asked in the first {Format.Count(first)} questions, and behind those only what counts is"
        : "";

    /// <summary>The reduced headline cells at a glance.</summary>
    private static Markup Tiles(ReportData data)
    {
        var cells = data.Record.Cells.Where(c => c.Headline && !data.IsBaseline(c) && !Series.Of(c).IsControl).ToList();
        return cells.Count == 0 ? Markup.None
            : Markup.Of($"<div class=\"tiles\">{Markup.Join(cells.Select(c => Tile(data, c)))}</div>");
    }

    private static Markup Tile(ReportData data, CellRecord cell)
    {
        var shown = ReportData.Shown(cell);
        var difference = shown.Paired is { } p
            ? Markup.Of($"<dd>{Format.Points(p.Difference)} <span class=\"unit\">points</span>"
                + $"<small>95% interval {Format.Points(p.Interval.Low)} to {Format.Points(p.Interval.High)}</small>"
                + $"<small>{Seeds(data.DifferencesOf(cell))}</small></dd>")
            : Markup.Of($"<dd>{Format.NotMeasured}</dd>");
        var ratio = data.FlopsRatio(cell) is { } r ? Format.Ratio(r) : Format.NotMeasured;
        var speedup = data.MeasuredSpeedup(cell) is { } s ? Format.Ratio(s) : Format.NotMeasured;
        var predicted = (data.MeasuredSpeedup(cell), data.PredictedSpeedup(cell)) switch
        {
            ({ } m, { } q) => Markup.Of($"<small>{Format.Ratio(q)} predicted, {Format.Percent(m / q, 0)} of it reached</small>"),
            _ => Markup.None,
        };
        return Markup.Of($"""
            <div class="tile">
            <h2>{ReportData.NameOf(cell)}</h2>
            <dl>
            <div><dt>Accuracy against unreduced</dt>{difference}</div>
            <div><dt>Fewer FLOPs</dt><dd>{ratio}<small>{Format.Si(cell.FlopsHonest)}FLOP a prefill</small></dd></div>
            <div><dt>Faster prefill</dt><dd>{speedup}{predicted}</dd></div>
            </dl>
            </div>
            """);
    }

    private static Markup Verdicts(RunRecord record) => record.Verdicts.Count == 0
        ? Markup.Of($"<p class=\"note\">The definition states no claim to decide.</p>")
        : Markup.Of($"<ul class=\"verdicts\">"
            + $"{Markup.Join(record.Verdicts.Select(v => Verdict(v, record.Definition.Limit is not null)))}</ul>");

    private static Markup Verdict(VerdictRecord verdict, bool limited)
    {
        var (style, sign, words) = verdict.Outcome switch
        {
            _ when limited => ("open", "?", Format.NoVerdict),
            Outcome.Holds => ("holds", "✓", "Holds"),
            Outcome.DoesNotHold => ("fails", "✕", "Does not hold"),
            _ => ("open", "?", "Not decided"),
        };
        return Markup.Of($"""
            <li class="{style}">
            <p class="outcome"><span aria-hidden="true">{sign}</span> {words}</p>
            <div><p class="claim">{verdict.Claim}</p>
            <p class="detail">{verdict.Detail}</p>
            <p class="rule">Rule, fixed before the run: {verdict.Rule}</p></div>
            </li>
            """);
    }
}
