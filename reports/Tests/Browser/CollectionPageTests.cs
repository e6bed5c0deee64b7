using Aim.Reports.Records;

namespace Aim.Reports.Tests.Browser;

/// <summary>The page of many runs: what a reader does with it.</summary>
public class CollectionPageTests : BrowserFixture
{
    private const string Methods = "#run-table1_exhibit-methods_table";
    private const string Gallery = "#run-table1_exhibit-gallery_gallery";

    private readonly Collection collection = SampleCollection.Create();

    protected override void Write(string path) => ReportWriter.Write(collection, path);

    [Test]
    public async Task Claims_are_filtered_by_verdict()
    {
        var all = collection.Record.Claims.Count;
        Assert.That(await Count(".claims > li:visible"), Is.EqualTo(all));

        await Page.Locator(".filter button.holds").ClickAsync();

        var holding = collection.Record.Claims.Count(c => c.Verdict == ClaimVerdict.Holds);
        Assert.That(await Count(".claims > li:visible"), Is.EqualTo(holding));
        Assert.That(await Page.Locator(".filter .count").TextContentAsync(), Is.EqualTo($"{holding} of {all} claims"));
        Assert.That(await Texts(".filter button[aria-pressed=true]"), Is.EqualTo((string[])[$"✓ Holds {holding}"]));

        await Page.Locator(".filter button[data-verdict=all]").ClickAsync();

        Assert.That(await Count(".claims > li:visible"), Is.EqualTo(all));
    }

    [Test]
    public async Task Links_lead_to_what_they_name_also_inside_closed_parts()
    {
        Assert.That(await Page.EvaluateAsync<string[]>(
            "[...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.hash).filter(h => "
                + "!document.getElementById(h.slice(1)))"), Is.Empty);

        await Page.EvaluateAsync("location.hash = '#run-table1_table-hashes'");

        await Until("document.getElementById('run-table1_table-hashes').getBoundingClientRect().height > 0");
    }

    [Test]
    public async Task Tables_are_sorted_by_a_column_and_back()
    {
        const string names = Methods + " tbody tr:not(.group) th";
        var before = await Texts(names);
        var head = Page.Locator(Methods + " thead th").Nth(1);

        await head.Locator("button").FocusAsync();
        await Page.Keyboard.PressAsync("Enter");

        Assert.That(await head.GetAttributeAsync("aria-sort"), Is.EqualTo("descending"));
        Assert.That(await Page.Locator("#announce").TextContentAsync(), Is.EqualTo("Sorted by Accuracy, descending"));
        Assert.That(await Accuracies(), Is.Ordered.Descending);
        Assert.That(await Count(Methods + " tr.group:visible"), Is.Zero, "groups are dissolved");

        await head.Locator("button").ClickAsync();

        Assert.That(await head.GetAttributeAsync("aria-sort"), Is.EqualTo("ascending"));
        Assert.That(await Accuracies(), Is.Ordered.Ascending);
        Assert.That((await Texts(names))[^1], Does.StartWith("holov"), "what has no number comes last either way");

        await head.Locator("button").ClickAsync();

        Assert.That(await head.GetAttributeAsync("aria-sort"), Is.EqualTo("none"));
        Assert.That(await Texts(names), Is.EqualTo(before));
        Assert.That(await Count(Methods + " tr.group:visible"), Is.EqualTo(3));

        Task<double[]> Accuracies() => Page.EvaluateAsync<double[]>(
            $"[...document.querySelectorAll('{Methods} tbody tr:not(.group)')].map(r => r.cells[1].dataset.v).filter(v => v !== "
                + $"undefined).map(Number)");
    }

    [Test]
    public async Task Tables_whose_rows_need_their_group_are_sorted_within_it()
    {
        const string table = "#run-tradeoff-video_table-tradeoff";
        var groups = await Texts(table + " tr.group");

        await Page.Locator(table + " thead button").Nth(5).ClickAsync();

        Assert.That(await Texts(table + " tr.group"), Is.EqualTo(groups));
        var bodies = await Page.EvaluateAsync<double[][]>(
            $"[...document.querySelectorAll('{table} tbody')].map(b => [...b.rows].slice(1).map(r => "
                + $"Number(r.cells[5].dataset.v)))");
        Assert.That(bodies, Has.All.Ordered.Descending.And.Some.Length.GreaterThan(1));
    }

    [Test]
    public async Task Rows_are_filtered_by_words_of_the_row_or_its_group()
    {
        var tools = Page.Locator("#run-table1_exhibit-methods .tools");

        await tools.Locator("input").FillAsync("adapted");

        Assert.That(await Texts(Methods + " tbody tr:not(.filtered) th[scope=row]"),
            Has.Length.EqualTo(1).And.Some.StartWith("prumerge+"));
        Assert.That(await tools.Locator(".count").TextContentAsync(), Is.EqualTo("1 of 15 rows"));

        await tools.Locator("input").FillAsync("aim controls");

        Assert.That(await Count(Methods + " tr.group:visible"), Is.EqualTo(1));
        Assert.That(await Count(Methods + " tbody tr:not(.group):visible"), Is.EqualTo(4));

        await tools.Locator("input").FillAsync("");

        Assert.That(await Count(Methods + " tbody tr:not(.group):visible"), Is.EqualTo(15));
    }

    [Test]
    public async Task A_heat_map_shows_the_value_that_is_chosen()
    {
        const string figure = "#run-table1_exhibit-schedule-grid_figure";
        const string visible = "document.querySelector('" + figure + " .plot').data.filter(t => t.visible).map(t => t.name)";
        await Draw(figure);
        Assert.That(await Page.EvaluateAsync<string[]>(visible), Is.EqualTo((string[])["Accuracy"]));

        await Page.Locator(figure + " .switch button").Nth(1).ClickAsync();

        Assert.That(await Page.EvaluateAsync<string[]>(visible), Is.EqualTo((string[])["Difference to unreduced"]));
        Assert.That(await Texts(figure + " .switch button[aria-pressed=true]"),
            Is.EqualTo((string[])["Difference to unreduced"]));
    }

    [Test]
    public async Task The_gallery_draws_where_tokens_came_from_and_how_long_they_lived()
    {
        var sample = SampleExhibits.Gallery().Samples[0];
        var provenance = sample.Answers[1].Provenance;
        const string first = Gallery + " .sample:first-of-type ";
        Assert.That(await Count(first + "svg"), Is.EqualTo(sample.Frames.Count));
        Assert.That(await Count(first + ".hit"), Is.EqualTo(provenance.Sum(p => p.Groups.Count)));
        Assert.That(await Count(first + "rect[fill=\"#000\"]"), Is.Zero);

        await Page.Locator(Gallery + " .depth").SelectOptionAsync("10");

        Assert.That(await Count(first + "rect[fill=\"#000\"]"), Is.EqualTo(provenance.Sum(p => p.LastLayers.Count(l => l < 10))),
            "gone before layer 10");
        Assert.That(await Page.Locator(first + ".patch").TextContentAsync(),
            Does.Contain($"{sample.Answers[1].VisualTokens[10]} visual tokens enter layer 10"));

        await Page.Locator(first + ".hit").First.HoverAsync();

        var group = provenance[0].Groups[0];
        Assert.That(await Count(first + ".lit"), Is.EqualTo(provenance.Sum(p => p.Groups.Count(g => g == group))));
        Assert.That(await Page.Locator(first + ".patch").TextContentAsync(), Does.StartWith($"Token {group}: 4 patches, "));

        await Page.Locator(Gallery + " .groups").UncheckAsync();

        Assert.That(await Count(first + ".border"), Is.Zero);

        await Page.Locator(Gallery + " .setting").SelectOptionAsync("random-1/4-searched");

        var dropped = sample.Answers[2].Provenance.Sum(p => p.LastLayers.Count(l => l < 10));
        Assert.That(await Count(first + "rect[fill=\"#000\"]"), Is.EqualTo(dropped));
    }

    [Test]
    public async Task The_gallery_shows_the_samples_that_are_chosen()
    {
        await Page.Locator(Gallery + " .which").SelectOptionAsync("kind:count");
        Assert.That(await Texts(Gallery + " .sample:not([hidden]) .kind"), Is.EqualTo((string[])["count"]));

        await Page.Locator(Gallery + " .which").SelectOptionAsync("lost");
        Assert.That(await Texts(Gallery + " .sample:not([hidden]) .kind"), Is.EqualTo((string[])["is-there"]),
            "only the unreduced model has it right");
        Assert.That(await Page.Locator(Gallery + " .tools .count").TextContentAsync(), Is.EqualTo("1 of 4 samples"));
    }

    [Test]
    public async Task The_reader_chooses_light_or_dark_for_good()
    {
        const string figure = "#run-tradeoff-video_figure-tradeoff";
        const string ink = "document.querySelector('" + figure + " .plot')._fullLayout.font.color";
        await Draw(figure);
        var light = await Page.EvaluateAsync<string>(ink);

        await Page.Locator("#theme").ClickAsync();

        Assert.That(await Page.EvaluateAsync<string>(ink), Is.Not.EqualTo(light));
        await Page.ReloadAsync();
        Assert.That(await Page.EvaluateAsync<string>("document.documentElement.dataset.theme"), Is.EqualTo("dark"));
        await Page.Locator("#theme").ClickAsync();
        Assert.That(await Page.EvaluateAsync<string>("document.documentElement.dataset.theme"), Is.EqualTo("light"));
        await Page.EvaluateAsync("localStorage.clear()");
    }

    [Test]
    public async Task On_paper_everything_is_open_light_and_drawn()
    {
        var closed = await Count("details:not([open])");
        await Page.Locator("#theme").ClickAsync();

        await Page.EvaluateAsync("dispatchEvent(new Event('beforeprint'))");

        Assert.That(await Count("details:not([open])"), Is.Zero);
        Assert.That(await Page.EvaluateAsync<string>("document.documentElement.dataset.theme"), Is.EqualTo("light"));
        Assert.That(await Count(".plot:not(:has(.main-svg))"), Is.Zero, "figures that are not drawn");
        Assert.That(await Count(".frame:not(:has(svg))"), Is.Zero, "frames without their tokens");

        await Page.EvaluateAsync("dispatchEvent(new Event('afterprint'))");

        Assert.That(await Count("details:not([open])"), Is.EqualTo(closed));
        Assert.That(await Page.EvaluateAsync<string>("document.documentElement.dataset.theme"), Is.EqualTo("dark"));
        await Page.EvaluateAsync("localStorage.clear()");
    }
}
