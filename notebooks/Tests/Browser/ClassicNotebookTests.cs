using System.Diagnostics;
using Microsoft.Playwright;

namespace Aim.Notebooks.Tests.Browser;

/// <summary>A notebook in the classic notebook, in a real browser: what a user sees and does with it.</summary>
[Platform("Linux")]
[NonParallelizable]
public class ClassicNotebookTests
{
    private const string Chromium = "/usr/bin/chromium";

    // A machine may be busy; on a quiet one everything takes seconds.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private InstalledKernel? _kernel;
    private NotebookServer? _server;
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private IPage _page = null!;
    private string _cell = "";

    [OneTimeSetUp]
    public async Task Open_a_notebook_and_run_all()
    {
        if (!File.Exists(Chromium))
            Assert.Ignore($"chromium is not installed: {Chromium} is absent (Debian: apt-get install chromium)");
        _kernel = await InstalledKernel.CreateAsync();
        _server = await NotebookServer.StartAsync(_kernel);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Chromium,
            Headless = true,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync",
            ],
        });
        _page = await RunAll("Fixtures", "fine.ipynb");
    }

    [OneTimeTearDown]
    public async Task Close()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        _server?.Dispose();
        _kernel?.Dispose();
    }

    [SetUp]
    public async Task Add_a_cell()
    {
        _cell = await _page.EvaluateAsync<string>(
            """
            () => {
              const cell = Jupyter.notebook.insert_cell_at_bottom('code');
              cell.element.attr('id', 'cell-' + cell.cell_id);
              Jupyter.notebook.select(Jupyter.notebook.ncells() - 1);
              Jupyter.notebook.scroll_to_bottom();
              return '#cell-' + cell.cell_id;
            }
            """);
        await _page.ClickAsync($"{_cell} .CodeMirror");
    }

    [Test]
    public async Task Figures_are_drawn_with_a_point_for_each_value()
    {
        await Until("document.querySelectorAll('.output .scatterlayer .point').length === 100");
        await Until("document.querySelectorAll('.output .barlayer .point').length === 100");
        Assert.That(await _page.TextContentAsync(".output .gtitle"), Is.EqualTo("A sine"));
        Assert.That(await _page.Locator(".output_stdout").First.TextContentAsync(), Is.EqualTo("100 points\n"));
        Assert.That(await _page.TextContentAsync("#kernel_indicator .kernel_indicator_name"), Is.EqualTo("C# (Aim)"));
    }

    [Test]
    public async Task A_notebook_of_the_repository_draws_all_its_figures()
    {
        var page = await RunAll("notebooks", "05-cost-model.ipynb");
        const string outputs = "Jupyter.notebook.get_cells().flatMap(c => c.output_area ? c.output_area.outputs : [])";
        int figures = await page.EvaluateAsync<int>(
            $"{outputs}.filter(o => o.data && 'application/vnd.plotly.v1+json' in o.data).length");
        Assert.That(figures, Is.GreaterThan(3));
        Assert.That(
            await page.EvaluateAsync<string[]>($"{outputs}.filter(o => o.output_type === 'error').map(o => o.evalue)"), Is.Empty);
        await Until($"document.querySelectorAll('.output .js-plotly-plot:has(.main-svg)').length === {figures}", page);
        await page.CloseAsync();
    }

    [Test]
    public async Task A_long_cell_is_interrupted_and_the_state_survives()
    {
        await Write("var survivor = 17; Console.WriteLine(\"begun\");\nwhile (true) { }");
        await Run();
        await Until($"(document.querySelector('{_cell} .output_stdout') || {{}}).textContent === 'begun\\n'");

        await _page.ClickAsync("button[data-jupyter-action='jupyter-notebook:interrupt-kernel']");

        await Until($"document.querySelector('{_cell} .output_error') !== null");
        Assert.That(
            await _page.TextContentAsync($"{_cell} .output_error"), Does.Contain("Interrupted: the cell was interrupted"));

        await Write("$\"{survivor} of {limit}\"");
        await Run();

        await Until($"document.querySelector('{_cell} .output_result') !== null");
        Assert.That(await _page.TextContentAsync($"{_cell} .output_result"), Does.Contain("17 of 100"));
    }

    [Test]
    public async Task Tab_completes_a_word()
    {
        await Write("limit.GetTypeC");

        await _page.Keyboard.PressAsync("Tab");

        await Until($"document.querySelector('{_cell} .CodeMirror').CodeMirror.getValue() === 'limit.GetTypeCode'");
    }

    [Test]
    public async Task Tab_shows_what_a_word_may_become()
    {
        await Write("Math.Sq");
        await Write("Math.S");

        await _page.Keyboard.PressAsync("Tab");

        await Until("[...document.querySelectorAll('.completions option')].some(o => o.textContent === 'Sqrt')");
        await _page.Keyboard.PressAsync("Escape");
    }

    [Test]
    public async Task Shift_Tab_explains_a_word()
    {
        await Write("Math.Sqrt");

        await _page.Keyboard.PressAsync("Shift+Tab");

        await Until("document.querySelector('#tooltip .tooltiptext').textContent.includes('double Math.Sqrt(double d)')");
        Assert.That(await _page.TextContentAsync("#tooltip .tooltiptext"),
            Does.Contain("Returns the square root of a specified number"));
        await _page.Keyboard.PressAsync("Escape");
    }

    // Puts a text into the test's cell and the cursor behind it.
    private Task Write(string code) => _page.EvaluateAsync(
        """
        ([cell, code]) => {
          const editor = document.querySelector(cell + ' .CodeMirror').CodeMirror;
          editor.setValue(code);
          editor.focus();
          editor.setCursor(editor.lineCount(), 0);
        }
        """, new[] { _cell, code });

    // Opens a copy of a notebook, chooses Cell, Run All, and waits until every cell has run.
    private async Task<IPage> RunAll(string folder, string name)
    {
        File.Copy(
            Path.Combine(TestContext.CurrentContext.TestDirectory, folder, name), Path.Combine(_kernel!.Folder, name));
        var page = await _browser!.NewPageAsync();
        page.SetDefaultTimeout((float)Patience.TotalMilliseconds);
        await page.SetViewportSizeAsync(1280, 900);
        await page.GotoAsync(_server!.Address(name));
        await Until("window.Jupyter?.notebook?.kernel?.is_connected()", page);
        await page.ClickAsync("#menubar a:text-is('Cell')");
        await page.ClickAsync("#run_all_cells a");
        await Until("Jupyter.notebook.get_cells().every(c => c.cell_type !== 'code' || c.input_prompt_number > 0)", page);
        return page;
    }

    private Task Run() => _page.Keyboard.PressAsync("Control+Enter");

    private async Task Until(string condition, IPage? page = null)
    {
        page ??= _page;
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Patience; await Task.Delay(50))
        {
            if (await page.EvaluateAsync<bool>($"!!({condition})"))
                return;
        }

        string shown = await page.EvaluateAsync<string>("document.body.innerText");
        Assert.Fail($"not within {Patience.TotalMinutes} minutes: {condition}\n{shown}");
    }
}
