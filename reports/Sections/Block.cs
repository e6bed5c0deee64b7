using Aim.Reports.Html;
using Aim.Reports.Plotly;

namespace Aim.Reports.Sections;

/// <summary>The parts that sections share: figures, tables, sections.</summary>
internal static class Block
{
    public static Markup Section(string id, string title, Markup lead, Markup body) => Markup.Of($"""
        <section id="{id}" aria-labelledby="{id}-title">
        <h2 id="{id}-title">{title}</h2>
        <p class="lead">{lead}</p>
        {body}
        </section>
        """);

    /// <summary>A figure with its text alternative: one sentence for those who cannot see it, and where there is no other table, its data.</summary>
    /// <param name="id">Of the element.</param>
    /// <param name="figure">What is drawn.</param>
    /// <param name="alternative">What it shows, in a sentence.</param>
    /// <param name="caption">What stands beneath.</param>
    /// <param name="data">Its data as a table, or nothing where a table follows.</param>
    /// <param name="minimumWidth">Pixels below which the figure scrolls sideways and does not shrink.</param>
    public static Markup Figure(string id, Figure figure, string alternative, Markup caption, Markup data, int minimumWidth = 0) => Markup.Of($"""
        <figure id="{id}">
        <div class="sideways"><div class="plot" role="img" aria-label="{alternative}" style="min-height:{figure.Layout.Height}px; min-width:{minimumWidth}px"></div></div>
        <script type="application/json" class="figure">{new Markup(figure.ToJson())}</script>
        <figcaption>{caption}</figcaption>
        {data}
        </figure>
        """);

    /// <summary>A table that scrolls sideways within itself on narrow screens; the caption says what it holds.</summary>
    public static Markup Table(string id, string caption, IEnumerable<Markup> heads, IEnumerable<Markup> bodies) => Markup.Of($"""
        <div class="scroll" role="region" aria-labelledby="{id}-caption" tabindex="0">
        <table id="{id}">
        <caption><span id="{id}-caption">{caption}</span></caption>
        <thead><tr>{Markup.Join(heads)}</tr></thead>
        {Markup.Join(bodies)}
        </table>
        </div>
        """);

    public static Markup Body(IEnumerable<Markup> rows) => Markup.Of($"<tbody>{Markup.Join(rows)}</tbody>");

    public static Markup Row(string head, IEnumerable<Markup> cells) => Markup.Of($"<tr><th scope=\"row\">{head}</th>{Markup.Join(cells)}</tr>");

    public static Markup Head(string text) => Markup.Of($"<th scope=\"col\">{text}</th>");

    /// <summary>A column's head, with what stands beneath its numbers.</summary>
    public static Markup Head(string text, string detail) => Markup.Of($"<th scope=\"col\">{text}<small>{detail}</small></th>");

    public static Markup Number(string text) => Markup.Of($"<td class=\"n\">{text}</td>");

    /// <summary>A number with what qualifies it (an interval, a prediction) beneath, smaller.</summary>
    public static Markup Number(string text, string detail) => Markup.Of($"<td class=\"n\">{text}<small>{detail}</small></td>");

    public static Markup Missing() => Markup.Of($"<td class=\"n missing\">{Format.NotMeasured}</td>");

    public static Markup Blank() => Markup.Of($"<td class=\"n missing\"><span aria-label=\"does not apply\">–</span></td>");

    public static Markup Details(string summary, Markup content) => Markup.Of($"<details><summary>{summary}</summary>{content}</details>");
}
