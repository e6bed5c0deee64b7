using System.Globalization;
using Aim.Reports.Records;
using Microsoft.Playwright;

namespace Aim.Reports.Tests.Browser;

/// <summary>The page of one run.</summary>
public class RunPageTests : BrowserFixture
{
    private readonly RunRecord record = SampleRecord.WithSeeds(SampleRecord.Create()) with { Exhibits = [] };

    protected override void Write(string path) => ReportWriter.Write(record, SampleRecord.CreateTimings(record), path);

    [Test]
    public async Task The_curve_has_a_trace_for_each_series_on_a_logarithmic_axis()
    {
        await Draw("#figure-tradeoff");
        var names = await Page.EvaluateAsync<string[]>("document.querySelector('#figure-tradeoff .plot').data.map(t => t.name)");
        var drawn = await Page.Locator("#figure-tradeoff .scatterlayer .trace").CountAsync();
        var points = await Page.EvaluateAsync<int>(
            "document.querySelector('#figure-tradeoff .plot').data.reduce((n, t) => n + t.x.length, 0)");
        var bars = await Page.Locator("#figure-tradeoff .errorbar").CountAsync();
        var grids = record.Cells.Where(c => c.Method == "downsample").Select(c => c.FlopsHonest).Distinct().Count();

        Assert.Multiple(() =>
        {
            Assert.That(names, Is.EqualTo((string[])
            [
                "Unreduced", "AIM, merging only", "AIM + pruning, default schedule (6, 9)",
                    "AIM + pruning, searched schedule (8, 12)",
                "Random at AIM's counts, no pruning", "Random at AIM's counts, default schedule (6, 9)",
                    "Random at AIM's counts, searched schedule (8, 12)",
                "Downsampled frames",
            ]));
            Assert.That(drawn, Is.EqualTo(names.Length));
            Assert.That(points, Is.EqualTo(record.Cells.Count(c => c.Method != "downsample") + grids));
            Assert.That(bars, Is.EqualTo(points), "an interval each");
        });
        Assert.That(await Page.EvaluateAsync<string>("document.querySelector('#figure-tradeoff .plot')._fullLayout.xaxis.type"),
            Is.EqualTo("log"));
    }

    [Test]
    public async Task Hovering_over_a_point_shows_its_figures()
    {
        await Draw("#figure-tradeoff");
        var star = Page.Locator("#figure-tradeoff .scatterlayer .trace").First.Locator(".point");
        var box = (await star.BoundingBoxAsync())!;

        await Page.Mouse.MoveAsync(box.X + box.Width / 2, box.Y + box.Height / 2);

        var hover = Page.Locator("#figure-tradeoff .hoverlayer .hovertext");
        await hover.WaitForAsync();
        var shown = ReportData.Shown(record.Cells.Single(c => c.Id == record.Baseline));
        Assert.That(await hover.TextContentAsync(),
            Does.Contain("Unreduced").And.Contain($"accuracy {Format.Percent(shown.Accuracy)}"));
    }

    [Test]
    public async Task Every_cell_stands_in_the_table_with_a_head_for_each_column()
    {
        var main = record.Cells.Count(c => c.Headline || c.Method is "none" or "aim");

        Assert.That(await Page.Locator("#table-tradeoff tr[data-cell]").CountAsync(), Is.EqualTo(main));
        Assert.That(await Page.Locator("#table-tradeoff-controls tr[data-cell]").CountAsync(),
            Is.EqualTo(record.Cells.Count - main));
        Assert.That(
            await Page.EvaluateAsync<int[]>(
                "[...document.querySelectorAll('#table-tradeoff tr[data-cell]')].map(r => r.cells.length)"),
            Has.All.EqualTo(await Page.Locator("#table-tradeoff thead th").CountAsync()));
        Assert.That(await Page.EvaluateAsync<int>("[...document.querySelectorAll('table')].filter(t => !t.caption).length"),
            Is.Zero, "tables without a caption");
    }

    [Test]
    public async Task The_heat_map_shows_each_kind_and_cell()
    {
        await Draw("#figure-by-kind");
        var shape = await Page.EvaluateAsync<int[]>(
            "(h => [h.z.length, h.z[0].length])(document.querySelector('#figure-by-kind .plot').data[0])");

        Assert.That(shape, Is.EqualTo((int[])[record.Cells.Count(ReportData.IsMain), record.Kinds.Count]));
        Assert.That(await Page.Locator("#figure-by-kind .heatmaplayer image").CountAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task Figures_take_the_colours_of_dark_mode()
    {
        await Draw("#figure-tradeoff");
        const string ink = "document.querySelector('#figure-tradeoff .plot')._fullLayout.font.color";
        var light = await Page.EvaluateAsync<string>(ink);

        await Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Dark });
        await Until($"{ink} !== '{light}'");

        Assert.That(
            await Page.EvaluateAsync<string>(ink),
            Is.EqualTo(await Page.EvaluateAsync<string>(
                "getComputedStyle(document.documentElement).getPropertyValue('--ink').trim()")));
        Assert.That(await Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor"),
            Is.EqualTo("rgb(21, 23, 26)"));
    }

    [TestCase(1280)]
    [TestCase(360)]
    public async Task The_page_itself_never_scrolls_sideways(int width)
    {
        await Draw("#figure-tradeoff");
        await Page.SetViewportSizeAsync(width, 900);
        await Until(
            $"document.querySelector('#figure-tradeoff .plot')._fullLayout.width < "
                + $"{width.ToString(CultureInfo.InvariantCulture)}");

        Assert.That(await Page.EvaluateAsync<int>("document.documentElement.scrollWidth"), Is.LessThanOrEqualTo(width));
    }

    [Test]
    public async Task Figures_offer_nothing_that_leaves_the_page()
    {
        await Draw("#figure-tradeoff");
        var titles = await Page.EvaluateAsync<string[]>(
            "[...document.querySelectorAll('.modebar-btn')].map(b => b.dataset.title)");

        Assert.That(titles, Is.Not.Empty);
        Assert.That(titles.Distinct(),
            Is.SubsetOf((string[])["Download plot as a PNG", "Download plot", "Zoom in", "Zoom out", "Reset axes"]));
    }
}
