using Aim.Reports.Html;
using Aim.Reports.Records;

namespace Aim.Reports.Sections.Exhibits;

/// <summary>A table of values in groups.</summary>
internal static class TableExhibit
{
    public static Markup Render(string id, TableRecord table)
    {
        var common = ExhibitSection.Common(table.Rows.SelectMany(r => r.Values));
        var caption = table.Title + (common is { } n ? $" (n = {Format.Count(n)} each)" : "");
        var grouped = table.Rows.Any(r => r.Group is not null);
        var heads = table.Columns.Select((c, i) =>
            Head(c, table.Rows.Select(r => r.Values[i]))).Prepend(Block.Head(table.RowTitle));
        var bodies = table.Rows.GroupBy(r => r.Group ?? "").Select(g =>
        {
            var rows = g.Select(r => Row(table, r, common));
            return Block.Body(grouped && g.Key.Length > 0 ? rows.Prepend(Block.GroupRow(g.Key, table.Columns.Count + 1)) : rows);
        });
        return Block.Table($"{id}_table", caption, heads, bodies, flat: true);
    }

    // figures as another source prints them stand like numbers
    private static Markup Head(ColumnRecord column, IEnumerable<ValueRecord> values) =>
        column.Unit == Unit.Text && values.All(v => v.Value is null) ? Block.TextHead(column.Title, column.Detail)
        : column.Detail is { } detail ? Block.Head(column.Title, detail)
        : Block.Head(column.Title);

    private static Markup Row(TableRecord table, RowRecord row, int? common)
    {
        var headline = row.Headline ? new Markup(" class=\"headline\"") : Markup.None;
        var badge = row.Exploratory ? Block.Badge("exploratory") : Markup.None;
        var detail = row.Detail is { } d ? Markup.Of($"<small>{d}</small>") : Markup.None;
        return Markup.Of($"""
            <tr{headline}><th scope="row">{row.Name}{badge}{detail}</th>
            {Markup.Join(row.Values.Select((v, c) => Cell(v, table.Columns[c].Unit, table.Columns[c].Decimals, common)))}</tr>
            """);
    }

    /// <summary>A value as a table's cell: the number, and beneath it interval, samples and what else is known.</summary>
    public static Markup Cell(ValueRecord value, Unit unit, int? decimals = null, int? common = null)
    {
        if (value is { Value: null, Text: null })
            return Block.Missing();
        string?[] beneath =
        [
            value.Interval is { } i ? Units.Interval(unit, i, decimals) : null,
            value.N is { } n && n != common ? $"n {Format.Count(n)}" : null,
            value.Detail,
        ];
        var small = string.Join(", ", beneath.OfType<string>());
        var text = value.Text ?? Units.Cell(unit, value.Value!.Value, decimals);
        var style = value.Value is not null ? "n" : unit == Unit.Text ? "text" : "n words";
        var sign = unit != Unit.YesNo || value.Text is not null ? Markup.None
            : value.Value > 0 ? new Markup("<span class=\"yes\" aria-hidden=\"true\">✓</span> ")
            : new Markup("<span class=\"no\" aria-hidden=\"true\">✕</span> ");
        var detail = small.Length > 0 ? Markup.Of($"<small>{small}</small>") : Markup.None;
        return Markup.Of($"<td class=\"{style}\"{Block.Sort(value.Value)}>{sign}{text}{detail}</td>");
    }
}
