using Aim.Reports.Html;
using Aim.Reports.Records;

namespace Aim.Reports.Sections.Exhibits;

/// <summary>An exhibit under its heading: what it shows, the figure, the table, and where the numbers come from.</summary>
internal static class ExhibitSection
{
    public static Markup RenderAll(Place place, IReadOnlyList<ExhibitRecord> exhibits) =>
        Markup.Join(exhibits.Select(e => Render(place, e)));

    public static Markup Render(Place place, ExhibitRecord exhibit)
    {
        var id = IdOf(place, exhibit.Id);
        var body = exhibit switch
        {
            TableRecord table => TableExhibit.Render(id, table),
            LinesRecord lines => LinesExhibit.Render(id, lines),
            HeatMapRecord map => HeatMapExhibit.Render(id, map),
            BarsRecord bars => BarsExhibit.Render(id, bars),
            GalleryRecord gallery => GalleryExhibit.Render(id, gallery),
            _ => throw new InvalidOperationException($"an exhibit of type {exhibit.GetType().Name} has no section"),
        };
        var badge = exhibit.Exploratory ? Block.Badge("exploratory") : Markup.None;
        string?[] notes = [exhibit.Note, exhibit.Exploratory ? "Exploratory: no verdict rests on it." : null,
            $"From: {exhibit.From}."];
        return Markup.Of($"""
            <section id="{id}" class="exhibit" aria-labelledby="{id}_title">
            {Block.Heading(place.Level, exhibit.Title, $"{id}_title", badge)}
            <p class="lead">{exhibit.Lead}</p>
            {body}
            <p class="note">{string.Join(" ", notes.OfType<string>())}</p>
            </section>
            """);
    }

    /// <summary>
    /// An exhibit's address. Keys have no underscore, and no section begins with "exhibit-": no two elements share an id.
    /// </summary>
    public static string IdOf(Place place, string exhibit) => place.Id("exhibit-" + exhibit);

    /// <summary>The samples behind the values, once where they are the same: "n = 300 each"; empty where none says.</summary>
    public static string Samples(IEnumerable<int?> counts)
    {
        var known = counts.OfType<int>().Distinct().Order().ToList();
        return known switch
        {
            [] => "",
            [var one] => $"n = {Format.Count(one)} each",
            [var low, .., var high] => $"n = {Format.Count(low)} to {Format.Count(high)}",
        };
    }

    /// <summary>The number of samples, where all values share it, and are therefore not told again in each.</summary>
    public static int? Common(IEnumerable<ValueRecord> values)
    {
        var known = values.Where(v => v.Value is not null && v.N is not null).Select(v => v.N!.Value).Distinct().ToList();
        return known.Count == 1 ? known[0] : null;
    }

    /// <summary>A sentence with its first letter large and a full stop, or nothing.</summary>
    public static Markup Sentence(string text) => text.Length == 0 ? Markup.None : Markup.Of($"{text}. ");
}
