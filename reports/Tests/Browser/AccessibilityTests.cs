using Aim.Reports.Records;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Aim.Reports.Tests.Browser;

/// <summary>The page of many runs, every part of it open, for readers with any device.</summary>
public class AccessibilityTests : BrowserFixture
{
    private readonly Collection collection = SampleCollection.Create();

    protected override void Write(string path) => ReportWriter.Write(collection, path);

    [Test]
    public async Task Nothing_serious_is_found([Values(360, 1280)] int width, [Values] bool dark)
    {
        await Page.SetViewportSizeAsync(width, 900);
        await Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light });
        await Page.EvaluateAsync("document.querySelectorAll('details').forEach(d => { d.open = true; })");
        await Draw("#run-tradeoff-video_figure-tradeoff");
        await Draw("#run-table1_exhibit-schedule-grid_figure");
        await Draw("#run-table1_exhibit-redundancy_figure");
        Assert.That(await Page.EvaluateAsync<string>("document.documentElement.dataset.theme"), Is.EqualTo(dark ? "dark" : "light"));

        var result = await Page.RunAxe();

        Assert.That(
            result.Violations.Where(v => v.Impact is "serious" or "critical").Select(v => $"{v.Id}: {v.Help}: {string.Join("; ", v.Nodes.Take(5).Select(n => n.Html))}"),
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
