using Aim.Reports.Html;
using Aim.Reports.Records;
using Aim.Reports.Sections.Exhibits;

namespace Aim.Reports.Sections;

/// <summary>
/// The first page of a collection: every claim with its source, what was measured for it, its control, and the verdict.
/// </summary>
internal static class ClaimsSection
{
    private static readonly ClaimVerdict[] Order = [ClaimVerdict.Holds, ClaimVerdict.InPart, ClaimVerdict.NotHere,
        ClaimVerdict.CannotBeTestedHere];

    /// <param name="claims">The claims.</param>
    /// <param name="limited">Keys of runs that were cut short on purpose: what they show is no verdict.</param>
    public static Markup Render(IReadOnlyList<ClaimRecord> claims, IReadOnlyCollection<string> limited) => Markup.Of($"""
        <section id="claims" aria-labelledby="claims_title">
        <h2 id="claims_title">The paper's claims</h2>
        <p class="lead">Each in our words, with where the paper makes it, what was measured for it here, and what the measure must be compared with. Intervals are 95%.</p>
        <div class="filter" role="group" aria-label="Claims shown">
        {Button("all", $"All {Format.Count(claims.Count)}", true)}
        {Markup.Join(Order.Select(v => Button(Style(v), $"{Words(v)} {Format.Count(claims.Count(c => c.Verdict == v))}", false, Sign(v))))}
        <span class="count" role="status"></span>
        </div>
        <ol class="claims">{Markup.Join(claims.Select(c => Claim(c, c.Run is { } run && limited.Contains(run))))}</ol>
        </section>
        """);

    private static Markup Button(string verdict, string text, bool pressed, string? sign = null)
    {
        var before = sign is null ? Markup.None : Markup.Of($"<span aria-hidden=\"true\">{sign}</span> ");
        return Markup.Of($"""
            <button type="button" class="{verdict}" data-verdict="{verdict}" aria-pressed="{(pressed ? "true" : "false")}">{before}{text}</button>
            """);
    }

    private static Markup Claim(ClaimRecord claim, bool limited) => Markup.Of($"""
        <li id="claim-{claim.Id}" class="{Style(claim.Verdict)}" data-verdict="{Style(claim.Verdict)}">
        <p class="outcome"><span aria-hidden="true">{Sign(claim.Verdict)}</span> {(limited ? Format.NoVerdict : Words(claim.Verdict))}</p>
        <div class="says">
        <h3>{claim.Claim}</h3>
        <p class="reason">{claim.Reason}</p>
        <p class="rule">Paper: {claim.Source}. {Rule(claim)}{Link(claim)}</p>
        </div>
        <dl>{Figure("Measured here", claim.Measure, claim.Seeds)}{Figure("Control", claim.Control, claim.Seeds)}</dl>
        {ComparisonTable.Render(claim)}
        </li>
        """);

    private static Markup Rule(ClaimRecord claim) => claim switch
    {
        { Rule: { } rule } => Markup.Of($"Rule, fixed before the run: {rule}. "),
        { Measure: not null } => new Markup("No rule was fixed before the run: exploratory. "),
        _ => Markup.None,
    };

    private static Markup Link(ClaimRecord claim)
    {
        var target = (claim.Run, claim.Exhibit) switch
        {
            (null, null) => null,
            (null, { } exhibit) => ExhibitSection.IdOf(CollectionPage.OwnPlace, exhibit),
            ({ } run, null) => CollectionPage.IdOf(run),
            ({ } run, { } exhibit) => ExhibitSection.IdOf(CollectionPage.PlaceOf(run), exhibit),
        };
        return target is null ? Markup.None : Markup.Of($"<a href=\"#{target}\">Where it is shown</a>");
    }

    private static Markup Figure(string name, MeasureRecord? measure, int seeds)
    {
        if (measure is null)
            return Markup.Of(
                $"<div><dt>{name}</dt><dd class=\"none\">{(name == "Control" ? "none" : Format.NotMeasured)}</dd></div>");
        var (value, unit) = (measure.Value, measure.Unit);
        var decimals = Units.FineDecimals(unit, value.Value ?? 0);
        string?[] beneath =
        [
            value.Interval is { } i ? $"95% interval {Units.Interval(unit, i, decimals)}" : null,
            value.N is { } n ? $"n = {Format.Count(n)}, {(seeds == 1 ? "one seed" : Format.Count(seeds, "seed"))}" : null,
            value.Detail,
        ];
        var text = value.Text ?? (value.Value is { } v ? Units.Text(unit, v, decimals) : Format.NotMeasured);
        return Markup.Of($"""
            <div><dt>{name}</dt><dd><span class="value">{text}</span>
            {Markup.Join(beneath.OfType<string>().Select(b => Markup.Of($"<small>{b}</small>")))}
            <span class="what">{measure.What}{(measure.From is { } from ? $" ({from})" : "")}</span></dd></div>
            """);
    }

    private static string Style(ClaimVerdict verdict) => verdict switch
    {
        ClaimVerdict.Holds => "holds",
        ClaimVerdict.InPart => "part",
        ClaimVerdict.NotHere => "fails",
        _ => "untested",
    };

    private static string Sign(ClaimVerdict verdict) => verdict switch
    {
        ClaimVerdict.Holds => "✓",
        ClaimVerdict.InPart => "◐",
        ClaimVerdict.NotHere => "✕",
        _ => "–",
    };

    private static string Words(ClaimVerdict verdict) => verdict switch
    {
        ClaimVerdict.Holds => "Holds",
        ClaimVerdict.InPart => "In part",
        ClaimVerdict.NotHere => "Not here",
        _ => "Cannot be tested here",
    };
}
