using System.Globalization;
using Aim.Reports.Records;
using Microsoft.Playwright;

namespace Aim.Reports.Tests;

/// <summary>The report in a real browser, opened from disk as a user opens it.</summary>
[NonParallelizable]
public class BrowserTests
{
    private const string Chromium = "/usr/bin/chromium";

    private readonly RunRecord record = SampleRecord.Create();
    private readonly List<string> complaints = [];
    private readonly List<string> requests = [];
    private string directory = null!;
    private string report = null!;
    private IPlaywright playwright = null!;
    private IBrowser browser = null!;
    private IPage page = null!;

    [OneTimeSetUp]
    public async Task Launch()
    {
        if (!File.Exists(Chromium))
            Assert.Ignore($"chromium is not installed: {Chromium} is absent (Debian: apt-get install chromium)");
        directory = Directory.CreateTempSubdirectory("aim-browser-").FullName;
        report = Path.Combine(directory, "report.html");
        ReportWriter.Write(record, SampleRecord.CreateTimings(record), report);
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Chromium,
            Headless = true,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
                "--disable-sync",
            ],
        });
        page = await browser.NewPageAsync();
        page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                complaints.Add(message.Text);
        };
        page.PageError += (_, error) => complaints.Add(error);
        page.Request += (_, request) => requests.Add(request.Url);
        await page.GotoAsync(new Uri(report).AbsoluteUri);
        await Until("document.querySelectorAll('.plot .main-svg').length >= 4");
    }

    [OneTimeTearDown]
    public async Task Close()
    {
        if (browser is not null)
            await browser.DisposeAsync();
        playwright?.Dispose();
        if (directory is not null)
            Directory.Delete(directory, recursive: true);
    }

    [SetUp]
    public async Task Wide_and_light()
    {
        await page.SetViewportSizeAsync(1280, 900);
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Light });
    }

    [TearDown]
    public void Nothing_is_fetched_and_nothing_complains()
    {
        Assert.That(complaints, Is.Empty, "console");
        Assert.That(requests.Where(r => !r.StartsWith("data:", StringComparison.Ordinal)), Is.EqualTo((string[])[new Uri(report).AbsoluteUri]), "requests");
    }

    [Test]
    public async Task The_curve_has_a_trace_for_each_series_on_a_logarithmic_axis()
    {
        var names = await page.EvaluateAsync<string[]>("document.querySelector('#figure-tradeoff .plot').data.map(t => t.name)");
        var drawn = await page.Locator("#figure-tradeoff .scatterlayer .trace").CountAsync();
        var points = await page.EvaluateAsync<int>("document.querySelector('#figure-tradeoff .plot').data.reduce((n, t) => n + t.x.length, 0)");
        var bars = await page.Locator("#figure-tradeoff .errorbar").CountAsync();
        var grids = record.Cells.Where(c => c.Method == "downsample").Select(c => c.FlopsHonest).Distinct().Count();

        Assert.Multiple(() =>
        {
            Assert.That(names, Is.EqualTo((string[])
            [
                "Unreduced", "AIM, merging only", "AIM + pruning, default schedule (6, 9)", "AIM + pruning, searched schedule (8, 12)",
                "Random at AIM's counts, no pruning", "Random at AIM's counts, default schedule (6, 9)", "Random at AIM's counts, searched schedule (8, 12)",
                "Downsampled frames",
            ]));
            Assert.That(drawn, Is.EqualTo(names.Length));
            Assert.That(points, Is.EqualTo(record.Cells.Count(c => c.Method != "downsample") + grids));
            Assert.That(bars, Is.EqualTo(points), "an interval each");
        });
        Assert.That(await page.EvaluateAsync<string>("document.querySelector('#figure-tradeoff .plot')._fullLayout.xaxis.type"), Is.EqualTo("log"));
    }

    [Test]
    public async Task Hovering_over_a_point_shows_its_figures()
    {
        await page.Locator("#figure-tradeoff").ScrollIntoViewIfNeededAsync();
        var star = page.Locator("#figure-tradeoff .scatterlayer .trace").First.Locator(".point");
        var box = (await star.BoundingBoxAsync())!;

        await page.Mouse.MoveAsync(box.X + box.Width / 2, box.Y + box.Height / 2);

        var hover = page.Locator("#figure-tradeoff .hoverlayer .hovertext");
        await hover.WaitForAsync();
        var shown = ReportData.Shown(record.Cells.Single(c => c.Id == record.Baseline));
        Assert.That(await hover.TextContentAsync(), Does.Contain("Unreduced").And.Contain($"accuracy {Format.Percent(shown.Accuracy)}"));
    }

    [Test]
    public async Task Every_cell_stands_in_the_table_with_a_head_for_each_column()
    {
        var main = record.Cells.Count(c => c.Headline || c.Method is "none" or "aim");

        Assert.That(await page.Locator("#table-tradeoff tr[data-cell]").CountAsync(), Is.EqualTo(main));
        Assert.That(await page.Locator("#table-tradeoff-controls tr[data-cell]").CountAsync(), Is.EqualTo(record.Cells.Count - main));
        Assert.That(
            await page.EvaluateAsync<int[]>("[...document.querySelectorAll('#table-tradeoff tr[data-cell]')].map(r => r.cells.length)"),
            Has.All.EqualTo(await page.Locator("#table-tradeoff thead th").CountAsync()));
        Assert.That(await page.EvaluateAsync<int>("[...document.querySelectorAll('table')].filter(t => !t.caption).length"), Is.Zero, "tables without a caption");
    }

    [Test]
    public async Task The_heat_map_shows_each_kind_and_cell()
    {
        var shape = await page.EvaluateAsync<int[]>("(h => [h.z.length, h.z[0].length])(document.querySelector('#figure-by-kind .plot').data[0])");

        Assert.That(shape, Is.EqualTo((int[])[record.Cells.Count(ReportData.IsMain), record.Kinds.Count]));
        Assert.That(await page.Locator("#figure-by-kind .heatmaplayer image").CountAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task Figures_take_the_colours_of_dark_mode()
    {
        const string ink = "document.querySelector('#figure-tradeoff .plot')._fullLayout.font.color";
        var light = await page.EvaluateAsync<string>(ink);

        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Dark });
        await Until($"{ink} !== '{light}'");

        Assert.That(
            await page.EvaluateAsync<string>(ink),
            Is.EqualTo(await page.EvaluateAsync<string>("getComputedStyle(document.documentElement).getPropertyValue('--ink').trim()")));
        Assert.That(await page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor"), Is.EqualTo("rgb(21, 23, 26)"));
    }

    [TestCase(1280)]
    [TestCase(390)]
    public async Task The_page_itself_never_scrolls_sideways(int width)
    {
        await page.SetViewportSizeAsync(width, 900);
        await Until(
            $"document.querySelector('#figure-tradeoff .plot')._fullLayout.width < {width.ToString(CultureInfo.InvariantCulture)}");

        Assert.That(await page.EvaluateAsync<int>("document.documentElement.scrollWidth"), Is.LessThanOrEqualTo(width));
    }

    [Test]
    public async Task Figures_offer_nothing_that_leaves_the_page()
    {
        var titles = await page.EvaluateAsync<string[]>("[...document.querySelectorAll('.modebar-btn')].map(b => b.dataset.title)");

        Assert.That(titles, Is.Not.Empty);
        Assert.That(titles.Distinct(), Is.SubsetOf((string[])["Download plot as a PNG", "Download plot", "Zoom in", "Zoom out", "Reset axes"]));
    }

    // WaitForFunctionAsync evaluates a string inside the page, which the page's content policy forbids.
    private async Task Until(string condition)
    {
        for (var attempt = 0; attempt < 200; attempt++)
        {
            if (await page.EvaluateAsync<bool>(condition))
                return;
            await Task.Delay(50);
        }

        Assert.Fail($"not within 10 s: {condition}");
    }
}
