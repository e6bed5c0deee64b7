using Aim.Reports.Records;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Aim.Reports.Tests.Browser;

/// <summary>The page of many runs, every part of it open, for readers with any device.</summary>
public class AccessibilityTests : BrowserFixture
{
    protected override void Write(string path) => ReportWriter.Write(Small(SampleCollection.Create()), path);

    // one of everything: axe takes its time for each element
    private static Collection Small(Collection collection)
    {
        var (grid, table) = (collection.Runs[0].Record, collection.Runs[1].Record);
        grid = grid with
        {
            Cells = [.. grid.Cells.Where(c => c.Headline && c.Method != "downsample")],
            Horizon = [.. grid.Horizon.Take(2)]
        };
        table = table with
        {
            Cells = [.. table.Cells.Where(c => c.Id == table.Baseline)],
            Verdicts = [],
            Controls = [],
            Horizon = [],
            Exhibits = [.. table.Exhibits.Select(e => e is GalleryRecord g
                ? g with { Samples = [.. g.Samples.Take(1).Select(Short)] } : e)],
        };
        return collection with { Runs = [collection.Runs[0] with { Record = grid }, collection.Runs[1] with { Record = table }] };
    }

    private static GallerySampleRecord Short(GallerySampleRecord sample) => sample with
    {
        Frames = [.. sample.Frames.Take(2)],
        Answers = [.. sample.Answers.Select(a => a with { Provenance = [.. a.Provenance.Take(2)] })],
    };

    [Test]
    public async Task Nothing_serious_is_found([Values(360, 1280)] int width, [Values] bool dark)
    {
        await Page.SetViewportSizeAsync(width, 900);
        await Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light });
        await Page.EvaluateAsync("document.querySelectorAll('details').forEach(d => { d.open = true; })");
        await Draw("#run-tradeoff-video_figure-tradeoff");
        await Draw("#run-table1_exhibit-schedule-grid_figure");
        await Draw("#run-table1_exhibit-redundancy_figure");
        Assert.That(await Page.EvaluateAsync<string>("document.documentElement.dataset.theme"),
            Is.EqualTo(dark ? "dark" : "light"));

        // the nodes of what passes are not listed: naming each takes most of the time
        var result = await Page.RunAxe(new AxeRunOptions { ResultTypes = [ResultType.Violations] });

        Assert.That(
            result.Violations.Where(v => v.Impact is "serious" or "critical").Select(v =>
                $"{v.Id}: {v.Help}: {string.Join("; ", v.Nodes.Take(5).Select(n => n.Html))}"),
            Is.Empty);
        Assert.That(result.Passes, Has.Length.GreaterThan(15), "rules that found something to check");
    }

    [TestCase(1280)]
    [TestCase(360)]
    public async Task The_page_never_scrolls_sideways_with_everything_open(int width)
    {
        await Page.SetViewportSizeAsync(width, 900);
        await Page.EvaluateAsync("document.querySelectorAll('details').forEach(d => { d.open = true; })");
        await Draw("#run-table1_exhibit-schedule-grid_figure");
        await Draw("#run-table1_exhibit-long-video_figure");

        Assert.That(await Page.EvaluateAsync<int>("document.documentElement.scrollWidth"), Is.LessThanOrEqualTo(width));
    }
}
