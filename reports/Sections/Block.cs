using System.Globalization;
using Aim.Reports.Html;
using Aim.Reports.Plotly;

namespace Aim.Reports.Sections;

/// <summary>The parts that sections share: figures, tables, sections.</summary>
internal static class Block
{
    /// <summary>A section under its heading; where the place is folded, a heading that opens it.</summary>
    public static Markup Section(Place place, string id, string title, Markup lead, Markup body)
    {
        var here = place.Id(id);
        if (!place.Folded)
        {
            return Markup.Of($"""
                <section id="{here}" aria-labelledby="{here}_title">
                {Heading(place.Level, title, $"{here}_title")}
                <p class="lead">{lead}</p>
                {body}
                </section>
                """);
        }

        return Markup.Of($"""
            <details class="section" id="{here}">
            <summary>{Heading(place.Level, title, $"{here}_title")}</summary>
            <p class="lead">{lead}</p>
            {body}
            </details>
            """);
    }

    public static Markup Heading(int level, string text, string? id = null, Markup after = default)
    {
        var named = id is null ? Markup.None : Markup.Of($" id=\"{id}\"");
        return Markup.Of($"<h{level}{named}>{text}{after}</h{level}>");
    }

    /// <summary>
    /// A figure with its text alternative: one sentence for those who cannot see it, and where there is no other table, its data.
    /// </summary>
    /// <param name="id">Of the element.</param>
    /// <param name="figure">What is drawn.</param>
    /// <param name="alternative">What it shows, in a sentence.</param>
    /// <param name="caption">What stands beneath.</param>
    /// <param name="data">Its data as a table, or nothing where a table follows.</param>
    /// <param name="minimumWidth">Pixels below which the figure scrolls sideways and does not shrink.</param>
    public static Markup Figure(
        string id, Figure figure, string alternative, Markup caption, Markup data, int minimumWidth = 0) => Markup.Of($"""
        <figure id="{id}">
        {Plot(figure, alternative, minimumWidth)}
        <figcaption>{caption}</figcaption>
        {data}
        </figure>
        """);

    /// <summary>A plot without frame and caption. Where it scrolls sideways, the keyboard can scroll it too.</summary>
    /// <inheritdoc cref="Figure" path="/param"/>
    /// <param name="maximumWidth">Pixels above which it does not grow; null: as wide as the page.</param>
    public static Markup Plot(Figure figure, string alternative, int minimumWidth = 0, int? maximumWidth = null)
    {
        var focus = minimumWidth > 0 ? new Markup(" tabindex=\"0\"") : Markup.None;
        var most = maximumWidth is { } width ? Markup.Of($"; max-width:{width}px") : Markup.None;
        return Markup.Of($"""
            <div class="plotted"><div class="sideways" role="group" aria-label="{alternative}"{focus}>
            <div class="plot" style="min-height:{figure.Layout.Height}px; min-width:{minimumWidth}px{most}"></div></div>
            <script type="application/json" class="figure">{new Markup(figure.ToJson())}</script></div>
            """);
    }

    /// <summary>A table that scrolls sideways within itself on narrow screens; the caption says what it holds.</summary>
    /// <param name="id">Of the table.</param>
    /// <param name="caption">What it holds.</param>
    /// <param name="heads">Its column heads.</param>
    /// <param name="bodies">Its groups of rows.</param>
    /// <param name="flat">Whether sorting may take rows out of their groups (their names say enough without).</param>
    public static Markup Table(
        string id, string caption, IEnumerable<Markup> heads, IEnumerable<Markup> bodies, bool flat = false) => Markup.Of($"""
        <div class="scroll" role="region" aria-labelledby="{id}_caption" tabindex="0">
        <table id="{id}"{(flat ? new Markup(" data-flat") : Markup.None)}>
        <caption><span id="{id}_caption">{caption}</span></caption>
        <thead><tr>{Markup.Join(heads)}</tr></thead>
        {Markup.Join(bodies)}
        </table>
        </div>
        """);

    public static Markup Body(IEnumerable<Markup> rows) => Markup.Of($"<tbody>{Markup.Join(rows)}</tbody>");

    public static Markup GroupRow(string name, int columns) =>
        Markup.Of($"<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"{columns}\">{name}</th></tr>");

    public static Markup Row(string head, IEnumerable<Markup> cells) =>
        Markup.Of($"<tr><th scope=\"row\">{head}</th>{Markup.Join(cells)}</tr>");

    public static Markup Head(string text) => Markup.Of($"<th scope=\"col\">{text}</th>");

    /// <summary>The head of a column of words.</summary>
    public static Markup TextHead(string text, string? detail = null) =>
        Markup.Of($"<th scope=\"col\" class=\"text\">{text}"
            + $"{(detail is null ? Markup.None : Markup.Of($"<small>{detail}</small>"))}</th>");

    /// <summary>A column's head, with what stands beneath its numbers.</summary>
    public static Markup Head(string text, string detail) => Markup.Of($"<th scope=\"col\">{text}<small>{detail}</small></th>");

    /// <summary>A number as printed.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="value">What the column is sorted by; null: by the text.</param>
    public static Markup Number(string text, double? value = null) => Markup.Of($"<td class=\"n\"{Sort(value)}>{text}</td>");

    /// <summary>A number with what qualifies it (an interval, a prediction) beneath, smaller.</summary>
    public static Markup Number(string text, string detail, double? value = null) =>
        Markup.Of($"<td class=\"n\"{Sort(value)}>{text}<small>{detail}</small></td>");

    public static Markup Missing() => Markup.Of($"<td class=\"n missing\">{Format.NotMeasured}</td>");

    public static Markup Blank() => Markup.Of(
        $"<td class=\"n missing\"><span aria-hidden=\"true\">–</span><span class=\"unseen\">does not apply</span></td>");

    public static Markup Details(string summary, Markup content) =>
        Markup.Of($"<details><summary>{summary}</summary>{content}</details>");

    public static Markup Badge(string text) => Markup.Of($" <span class=\"badge\">{text}</span>");

    /// <summary>The attribute by which a cell is sorted.</summary>
    public static Markup Sort(double? value) => value is { } v
        ? Markup.Of($" data-v=\"{v.ToString("R", CultureInfo.InvariantCulture)}\"")
        : Markup.None;
}
