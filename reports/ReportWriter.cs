using System.Text;
using Aim.Reports.Html;
using Aim.Reports.Records;
using Aim.Reports.Sections;
using Aim.Reports.Sections.Exhibits;

namespace Aim.Reports;

/// <summary>
/// Turns a run's records into one HTML file that needs nothing else: style, script and plotly.js are inlined, nothing is fetched
/// (the page's own content policy forbids it). Every number on the page comes from the records; a part that they lack is shown as
/// not measured. Equal records give equal bytes.
/// </summary>
public static class ReportWriter
{
    /// <summary>Writes the report atomically.</summary>
    /// <param name="record">The results.</param>
    /// <param name="timings">The timings, or null where the run was not timed.</param>
    /// <param name="path">The HTML file; its directory exists.</param>
    /// <exception cref="RunRecordException">The record contradicts itself.</exception>
    public static void Write(RunRecord record, Timings? timings, string path) =>
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(Render(record, timings)));

    /// <summary>The page as text.</summary>
    /// <inheritdoc cref="Write(RunRecord, Timings?, string)" path="/param"/>
    /// <inheritdoc cref="Write(RunRecord, Timings?, string)" path="/exception"/>
    public static string Render(RunRecord record, Timings? timings)
    {
        RunRecordValidation.Check(record, RunRecordFile.ResultsName);
        if (timings is not null)
            RunRecordValidation.Check(timings, RunRecordFile.TimingsName);
        var data = new ReportData(record, timings, Place.Page);
        return Page(record.Definition.Name, Markup.Join(
        [
            HeadlineSection.Render(data),
            ExhibitSection.RenderAll(data.Place, record.Exhibits),
            TradeoffSection.Render(data),
            SeedSection.Render(data),
            KindSections.ByKind(data),
            KindSections.Controls(data),
            KindSections.Horizon(data),
            CostSections.TokensPerLayer(data),
            CostSections.WallClock(data),
            CostSections.CostCheck(data),
            ProvenanceSection.Render(data),
        ])).Text;
    }

    /// <summary>Writes the report of many runs atomically.</summary>
    /// <param name="collection">The collection and its runs, as <see cref="CollectionFile.Read"/> gives them.</param>
    /// <param name="path">The HTML file; its directory exists.</param>
    /// <exception cref="RunRecordException">The collection or one of its runs contradicts itself.</exception>
    public static void Write(Collection collection, string path) =>
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(Render(collection)));

    /// <summary>The page of many runs as text.</summary>
    /// <param name="collection">The collection and its runs.</param>
    /// <exception cref="RunRecordException">The collection or one of its runs contradicts itself.</exception>
    public static string Render(Collection collection)
    {
        var check = new Checker(CollectionFile.Name);
        CollectionValidation.Check(check, collection.Record);
        if (collection.Timings is { } own)
            CollectionValidation.Check(new Checker(RunRecordFile.TimingsName), own);
        check.That(collection.Runs.Select(r => r.Key).SequenceEqual(collection.Record.Runs.Select(r => r.Key)), "runs",
            "are not those that were loaded");
        foreach (var run in collection.Runs)
        {
            RunRecordValidation.Check(run.Record, $"{run.Key}/{RunRecordFile.ResultsName}");
            if (run.Timings is { } timings)
                RunRecordValidation.Check(timings, $"{run.Key}/{RunRecordFile.TimingsName}");
        }

        CollectionValidation.CheckLinks(check, collection);
        return Page(collection.Record.Title, CollectionPage.Render(collection)).Text;
    }

    private static Markup Page(string title, Markup body) => Markup.Of($"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'">
        <meta name="generator" content="Aim.Reports">
        <link rel="icon" href="data:,">
        <title>{title} · AIM report</title>
        <style>
        {new Markup(Assets.Style)}
        </style>
        <script>
        {new Markup(Assets.Theme)}
        </script>
        </head>
        <body>
        <button type="button" id="theme" hidden>Dark</button>
        <p id="announce" class="unseen" role="status"></p>
        <main>
        {body}
        <footer>
        <p>Made from run records by Aim.Reports; every number on this page stands in them. Figures by plotly.js (MIT licence), inlined; this page requests nothing.</p>
        </footer>
        </main>
        <script>{new Markup(Assets.Plotly)}</script>
        <script>
        {new Markup(Assets.Script)}
        </script>
        </body>
        </html>

        """);
}
