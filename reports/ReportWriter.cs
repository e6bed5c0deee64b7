using System.Text;
using Aim.Reports.Html;
using Aim.Reports.Records;
using Aim.Reports.Sections;

namespace Aim.Reports;

/// <summary>
/// Turns a run's records into one HTML file that needs nothing else: style, script and plotly.js are inlined, nothing is fetched
/// (the page's own content policy forbids it). Every number on the page comes from the records; a part that they lack is shown as not
/// measured. Equal records give equal bytes.
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
    /// <inheritdoc cref="Write" path="/param"/>
    /// <inheritdoc cref="Write" path="/exception"/>
    public static string Render(RunRecord record, Timings? timings)
    {
        RunRecordValidation.Check(record, RunRecordFile.ResultsName);
        if (timings is not null)
            RunRecordValidation.Check(timings, RunRecordFile.TimingsName);
        var data = new ReportData(record, timings);
        return Page(record.Definition.Name, Markup.Join(
        [
            HeadlineSection.Render(data),
            TradeoffSection.Render(data),
            KindSections.ByKind(data),
            KindSections.Controls(data),
            KindSections.Horizon(data),
            CostSections.TokensPerLayer(data),
            CostSections.WallClock(data),
            CostSections.CostCheck(data),
            ProvenanceSection.Render(data),
        ])).Text;
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
        <title>{title} · AIM run report</title>
        <style>
        {new Markup(Assets.Style)}
        </style>
        </head>
        <body>
        <main>
        {body}
        <footer>
        <p>Made from results.json and timings.json by Aim.Reports. Figures by plotly.js (MIT licence), inlined; this page requests nothing.</p>
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
