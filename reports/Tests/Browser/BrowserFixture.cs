using Microsoft.Playwright;

namespace Aim.Reports.Tests.Browser;

/// <summary>
/// A report in a real browser, opened from disk as a user opens it. No test may make it complain or fetch anything.
/// </summary>
[NonParallelizable]
public abstract class BrowserFixture
{
    private const string Chromium = "/usr/bin/chromium";

    private readonly List<string> complaints = [];
    private readonly List<string> requests = [];
    private string directory = null!;
    private IPlaywright playwright = null!;
    private IBrowser browser = null!;

    /// <summary>The page, 1280 x 900 pixels and light at the beginning of each test.</summary>
    protected IPage Page { get; private set; } = null!;

    /// <summary>Writes the report.</summary>
    protected abstract void Write(string path);

    [OneTimeSetUp]
    public async Task Launch()
    {
        if (!File.Exists(Chromium))
            Assert.Ignore($"chromium is not installed: {Chromium} is absent (Debian: apt-get install chromium)");
        directory = Directory.CreateTempSubdirectory("aim-browser-").FullName;
        var report = Path.Combine(directory, "report.html");
        Write(report);
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Chromium,
            Headless = true,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                    "--disable-component-update",
                "--disable-sync",
            ],
        });
        Page = await browser.NewPageAsync();
        Page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
                complaints.Add(message.Text);
        };
        Page.PageError += (_, error) => complaints.Add(error);
        Page.Request += (_, request) => requests.Add(request.Url);
        Address = new Uri(report).AbsoluteUri;
    }

    /// <summary>Of the report's file.</summary>
    protected string Address { get; private set; } = null!;

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
    public async Task Open()
    {
        await Page.SetViewportSizeAsync(1280, 900);
        await Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Light });
        await Page.GotoAsync("about:blank");
        await Page.GotoAsync(Address);
    }

    [TearDown]
    public void Nothing_is_fetched_and_nothing_complains()
    {
        Assert.That(complaints, Is.Empty, "console");
        Assert.That(requests.Where(r => !r.StartsWith("data:", StringComparison.Ordinal) && r != "about:blank").Distinct(),
            Is.EqualTo((string[])[Address]), "requests");
    }

    /// <summary>Brings a figure to the screen and waits until it is drawn.</summary>
    protected async Task Draw(string figure)
    {
        await Page.Locator(figure).First.ScrollIntoViewIfNeededAsync();
        await Until($"document.querySelector('{figure} .plot .main-svg') !== null");
    }

    // WaitForFunctionAsync evaluates a string inside the page, which the page's content policy forbids.
    protected async Task Until(string condition)
    {
        for (var attempt = 0; attempt < 200; attempt++)
        {
            if (await Page.EvaluateAsync<bool>(condition))
                return;
            await Task.Delay(50);
        }

        Assert.Fail($"not within 10 s: {condition}");
    }

    protected Task<string[]> Texts(string selector) =>
        Page.EvaluateAsync<string[]>($"[...document.querySelectorAll('{selector}')].map(e => e.textContent.trim())");

    protected Task<int> Count(string selector) => Page.Locator(selector).CountAsync();
}
