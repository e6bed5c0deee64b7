using Aim.Reports.Html;
using Aim.Reports.Records;

namespace Aim.Reports.Sections;

/// <summary>What a claim's rule asks for, a row each: the figure, what it must keep to, what came out.</summary>
internal static class ComparisonTable
{
    public static Markup Render(ClaimRecord claim)
    {
        if (claim.Comparisons.Count == 0)
            return Markup.None;
        // A number of samples, or an object of comparison, that all rows share is said once.
        var n = claim.Comparisons.Select(c => c.Value.N).Distinct().ToList() is [{ } common] ? $" (n = {Format.Count(common)} each)" : "";
        var kinds = claim.Comparisons.Select(c => c.On).Distinct().ToList();
        var on = kinds is [{ } one] ? $", on {one}" : "";
        var withP = claim.Comparisons.Any(c => c.P is not null);
        Markup[] heads =
        [
            Block.TextHead("Comparison", kinds.Count > 1 ? "on" : null),
            Block.Head("Measured", "95% interval"),
            Block.Head("Must be"),
            .. withP ? [Block.Head("p", "corrected")] : Array.Empty<Markup>(),
            Block.TextHead("Outcome"),
        ];
        return Markup.Of($"""
            <div class="comparisons">{Block.Table($"claim-{claim.Id}_comparisons", $"What the rule asks for{on}{n}", heads,
                [Rows("Tests", false), Rows("Controls", true)])}</div>
            """);

        Markup Rows(string name, bool controls)
        {
            var rows = claim.Comparisons.Where(c => c.IsControl == controls)
                .Select(c => Row(c, on.Length > 0, n.Length > 0, withP)).ToList();
            return rows.Count == 0 ? Markup.None : Block.Body(rows.Prepend(Block.GroupRow(name, heads.Length)));
        }
    }

    private static Markup Row(ComparisonRecord of, bool sameOn, bool sameN, bool withP)
    {
        string?[] beneath = [sameOn ? null : of.On, of.Value.Detail];
        var detail = Markup.Join(beneath.OfType<string>().Select(b => Markup.Of($"<small>{b}</small>")));
        var (style, sign) = of.Outcome switch
        {
            ComparisonOutcome.Passes => ("yes", "✓"),
            ComparisonOutcome.Fails => ("no", "✕"),
            _ => ("words", "–"),
        };
        var p = !withP ? Markup.None : of.P is { } known ? Block.Number(Format.P(known), known) : Block.Blank();
        return Markup.Of($"""
            <tr><th scope="row">{of.What}{detail}</th>
            {Figure(of, sameN)}
            {Block.Number(of.Demand(Units.Cell(of.Unit, of.Bound)), of.Bound)}
            {p}
            <td class="text {style}"><span aria-hidden="true">{sign}</span> {of.OutcomeWords}</td></tr>
            """);
    }

    private static Markup Figure(ComparisonRecord of, bool sameN)
    {
        if (of.Value.Value is not { } value)
            return Block.Missing();
        var decimals = Units.FineDecimals(of.Unit, value);
        string?[] beneath =
        [
            of.Value.Interval is { } interval ? Units.Interval(of.Unit, interval, decimals) : null,
            sameN || of.Value.N is not { } n ? null : $"n = {Format.Count(n)}",
        ];
        return Block.Number(Units.Text(of.Unit, value, decimals), string.Join(", ", beneath.OfType<string>()), value);
    }
}
