using Aim.Reports.Html;
using Aim.Reports.Records;
using Aim.Reports.Sections.Exhibits;

namespace Aim.Reports.Sections;

/// <summary>The report of many runs: the claims, then what needs no run, then run by run, then how to make it again.</summary>
internal static class CollectionPage
{
    public static Markup Render(Collection collection)
    {
        var record = collection.Record;
        return Markup.Of($"""
            <header>
            <p class="eyebrow">{record.Paper}</p>
            <h1>{record.Title}</h1>
            <p class="ask">{record.Summary}</p>
            </header>
            {ClaimsSection.Render(collection.Claims, [.. collection.Runs.Where(r => r.Record.Definition.Limit is not null).Select(r => r.Key)])}
            {Contents(collection)}
            {Own(record)}
            {Measured(collection.Timings)}
            {Markup.Join(collection.Runs.Select(Run))}
            {Provenance(collection)}
            """);
    }

    /// <summary>Where a run's sections stand.</summary>
    public static Place PlaceOf(string run) => new(IdOf(run) + "_", 3);

    /// <summary>A run's address.</summary>
    public static string IdOf(string run) => "run-" + run;

    /// <summary>Where the collection's own exhibits stand.</summary>
    public static readonly Place OwnPlace = new("", 3);

    private static Markup Contents(Collection collection)
    {
        var own = collection.Record.Exhibits.Count > 0
            ? (IEnumerable<(string, string)>)[("own", OwnTitle(collection.Record))] : [];
        var timed = collection.Timings is { Exhibits.Count: > 0 }
            ? (IEnumerable<(string, string)>)[("measured", MeasuredTitle)] : [];
        var all = own.Concat(timed).Concat(collection.Runs.Select(r => (IdOf(r.Key), TitleOf(r)))).Append(("provenance",
            "How to make it again"));
        return Markup.Of($"""
            <nav class="contents" aria-labelledby="contents_title">
            <h2 id="contents_title">What follows</h2>
            <ol>{Markup.Join(all.Select(((string Id, string Title) a) => Markup.Of($"<li><a href=\"#{a.Id}\">{a.Title}</a></li>")))}</ol>
            </nav>
            """);
    }

    private static string OwnTitle(CollectionRecord record) => record.ExhibitsTitle ?? "Costs, computed";

    private static Markup Own(CollectionRecord record) => record.Exhibits.Count == 0 ? Markup.None : Markup.Of($"""
        <section id="own" class="run" aria-labelledby="own_title">
        <h2 id="own_title">{OwnTitle(record)}</h2>
        <p class="lead">{record.ExhibitsLead ?? "Costs follow from shapes alone: they need no model and no run. FLOPs are floating-point operations; a multiply-add is two."}</p>
        {ExhibitSection.RenderAll(OwnPlace, record.Exhibits)}
        </section>
        """);

    private const string MeasuredTitle = "Time and memory";

    private static Markup Measured(CollectionTimings? timings) =>
        timings is not { Exhibits.Count: > 0, Machine: var m } ? Markup.None : Markup.Of($"""
        <section id="measured" class="run" aria-labelledby="measured_title">
        <h2 id="measured_title">{MeasuredTitle}</h2>
        <p class="lead">Measured on {m.Cpu}, {m.InstructionSet}, {Format.Count(m.Threads, "thread")}, {Format.Number(m.PeakGflops, 0)} GFLOP/s measured in the same run; another run gives other figures.</p>
        {ExhibitSection.RenderAll(OwnPlace, timings.Exhibits)}
        </section>
        """);

    private static Markup Run(CollectedRun run)
    {
        var data = new ReportData(run.Record, run.Timings, PlaceOf(run.Key));
        var folded = new ReportData(run.Record, run.Timings, data.Place with { Folded = true });
        var grid = run.Record.Cells.Count > 1;

        // a run without exhibits is its grid; otherwise the grid is what stands behind them
        var tradeoff = grid ? TradeoffSection.Render(run.Record.Exhibits.Count == 0 ? data : folded) : Markup.None;
        return Markup.Of($"""
            <section id="{IdOf(run.Key)}" class="run" aria-labelledby="{IdOf(run.Key)}_title">
            <h2 id="{IdOf(run.Key)}_title">{TitleOf(run)}</h2>
            {HeadlineSection.RenderWithin(data)}
            {ExhibitSection.RenderAll(data.Place, run.Record.Exhibits)}
            {tradeoff}
            {SeedSection.Render(data)}
            <div class="more">
            {(grid ? KindSections.ByKind(folded) : Markup.None)}
            {(run.Record.Controls.Count > 0 ? KindSections.Controls(folded) : Markup.None)}
            {(run.Record.Horizon.Count > 0 ? KindSections.Horizon(folded) : Markup.None)}
            {(grid ? CostSections.TokensPerLayer(folded) : Markup.None)}
            {(run.Timings is { Cells.Count: > 0 } ? CostSections.WallClock(folded) : Markup.None)}
            {(run.Record.CostChecks.Count > 0 ? CostSections.CostCheck(folded) : Markup.None)}
            {ProvenanceSection.Render(folded)}
            </div>
            </section>
            """);
    }

    private static Markup Provenance(Collection collection)
    {
        var record = collection.Record;
        var commit = record.Code.Commit is { } c ? c + (record.Code.Dirty == true ? ", with local changes" : "")
            : Format.NotRecorded;
        var wall = collection.Runs.All(r => r.Timings?.WallSeconds is not null)
            ? Format.Time(collection.Runs.Sum(r => r.Timings!.WallSeconds!.Value))
            : Format.NotMeasured;
        return Markup.Of($"""
            <section id="provenance" class="run" aria-labelledby="provenance_title">
            <h2 id="provenance_title">How to make it again</h2>
            <pre tabindex="0"><code>{record.Command}</code></pre>
            <dl class="facts">
            <div><dt>Commit</dt><dd>{commit}</dd></div>
            <div><dt>Engine</dt><dd>{record.Code.Engine}, {record.Code.InstructionSet}</dd></div>
            <div><dt>Wall clock of all runs</dt><dd>{wall}</dd></div>
            </dl>
            {Block.Table(
                "table-runs",
                "The runs, by the SHA-256 of what they found",
                [
                    Block.Head("Run"), Block.Head("Settings"), Block.Head("Questions", "of the largest setting"),
                    Block.Head("Wall clock"), Block.TextHead("Machine"), Block.TextHead("results.json"),
                ],
                [Block.Body(record.Runs.Zip(collection.Runs, RunRow))])}
            </section>
            """);
    }

    private static Markup RunRow(CollectionRunRecord named, CollectedRun run) => Block.Row(named.Key,
    [
        Block.Number(Format.Count(run.Record.Cells.Count), (double)run.Record.Cells.Count),
        Block.Number(Format.Count(run.Record.Data.Samples), (double)run.Record.Data.Samples),
        run.Timings?.WallSeconds is { } wall ? Block.Number(Format.Time(wall), wall) : Block.Missing(),
        run.Timings is { Machine: var m } ? Markup.Of($"""
            <td class="text">{m.Cpu}, {Format.Count(m.Threads, "thread")}<small>{Format.Number(m.PeakGflops, 0)} GFLOP/s measured</small></td>
            """) : Markup.Of($"<td class=\"text missing\">{Format.NotRecorded}</td>"),
        Markup.Of($"<td class=\"text\"><code>{named.ResultsSha256}</code></td>"),
    ]);

    private static string TitleOf(CollectedRun run) => run.Record.Definition.Title ?? run.Record.Definition.Name;
}
