using Aim.Reports.Html;
using Aim.Reports.Records;

namespace Aim.Reports.Sections;

/// <summary>What a claim's rule asks for, a row each: the difference, what it must keep to, what came out.</summary>
internal static class ComparisonTable
{
    private const int Columns = 5;

    public static Markup Render(ClaimRecord claim)
    {
        if (claim.Comparisons.Count == 0)
            return Markup.None;
        // A number of samples, or an object of comparison, that all rows share is said once.
        var n = claim.Comparisons.Select(c => c.Value.N).Distinct().ToList() is [{ } common] ? $" (n = {Format.Count(common)} each)" : "";
        var on = claim.Comparisons.Select(c => c.On).Distinct().ToList() is [{ } one] ? $", on {one}" : "";
        Markup[] heads =
        [
            Block.TextHead("Comparison", on.Length > 0 ? null : "on"),
            Block.Head("Difference", "95% interval"),
            Block.Head("Must be"),
            Block.Head("p", "corrected"),
            Block.TextHead("Outcome"),
        ];
        return Markup.Of($"""
            <div class="comparisons">{Block.Table($"claim-{claim.Id}_comparisons", $"What the rule asks for{on}{n}", heads,
                [Rows("Tests", false), Rows("Controls", true)])}</div>
            """);

        Markup Rows(string name, bool controls)
        {
            var rows = claim.Comparisons.Where(c => c.IsControl == controls).Select(c => Row(c, on.Length > 0, n.Length > 0)).ToList();
            return rows.Count == 0 ? Markup.None : Block.Body(rows.Prepend(Block.GroupRow(name, Columns)));
        }
    }

    private static Markup Row(ComparisonRecord of, bool sameOn, bool sameN)
    {
        string?[] beneath = [sameOn ? null : of.On, of.Value.Detail];
        var detail = Markup.Join(beneath.OfType<string>().Select(b => Markup.Of($"<small>{b}</small>")));
        var (value, n) = (of.Value, sameN || of.Value.N is null ? "" : $", n = {Format.Count(of.Value.N.Value)}");
        var (style, sign, word) = of.Outcome switch
        {
            ComparisonOutcome.Passes => ("yes", "✓", "passes"),
            ComparisonOutcome.Fails => ("no", "✕", "fails"),
            _ => ("words", "–", "stays open"),
        };
        return Markup.Of($"""
            <tr><th scope="row">{of.What}{detail}</th>
            {Block.Number(Units.Text(of.Unit, value.Value!.Value), (value.Interval is { } i ? Units.Interval(of.Unit, i) : "") + n, value.Value)}
            {Block.Number((of.Below ? "below " : "above ") + Units.Cell(of.Unit, of.Bound), of.Bound)}
            {Block.Number(Format.P(of.P), of.P)}
            <td class="text {style}"><span aria-hidden="true">{sign}</span> {word}</td></tr>
            """);
    }
}
