using Aim.Experiments.Jupyter;

namespace Aim.Notebooks.Tests;

/// <summary>
/// Every notebook of the repository is stored as the house asks, and runs from its first cell to its last with a few samples.
/// They run in one folder, so that they share the store of answers.
/// </summary>
[Platform("Linux,MacOsX")]
[Parallelizable(ParallelScope.Children)]
public class NotebookTests
{
    private const string Samples = "4";

    private InstalledKernel _kernel = null!;

    [OneTimeSetUp]
    public async Task Install() => _kernel = await InstalledKernel.CreateAsync();

    [OneTimeTearDown]
    public void Remove() => _kernel?.Dispose();

    private static string[] Stored => [.. Directory.GetFiles(Folder("notebooks"), "*.ipynb")
        .Select(p => Path.GetFileNameWithoutExtension(p)).Order(StringComparer.Ordinal)];

    [TestCaseSource(nameof(Stored))]
    public async Task Runs(string name)
    {
        var executed = await Execute("notebooks", name);
        Assert.That(executed.FaultsOfOutputs(), Is.Empty);
    }

    [Test]
    public async Task A_limit_is_set_behind_the_cell_of_parameters()
    {
        var executed = await Execute("Fixtures", "fine");
        Assert.That(executed.FaultsOfOutputs(), Is.Empty);
        Assert.That(executed.Printed(), Is.EqualTo($"{Samples} points\n"));
    }

    [Test]
    public async Task What_fails_is_found()
    {
        var executed = await Execute("Fixtures", "throws");
        Assert.That(executed.FaultsOfOutputs(), Is.EqualTo((string[])
        [
            "'int[] none = [];': InvalidOperationException: InvalidOperationException: trouble\n   at cell 2, line 2",
            "'display(\"{}\", \"application/vnd.plotly.v1+json\");': a figure is Plotly's JSON alone",
            "'HTML(\"<script>Plotly.newPlot()</script>\")': a figure is HTML alone",
        ]));
    }

    // With the limit set as 'aim notebooks run --set limit=4' does.
    private async Task<NotebookFile> Execute(string folder, string name)
    {
        var stored = new StoredNotebook(Path.Combine(Folder(folder), $"{name}.ipynb"));
        var notebook = NotebookFile.Read(stored.Path);
        Assert.That(notebook.Faults(), Is.Empty);
        string json = stored.With(notebook.HasParameters ? [("limit", Samples)] : []);
        return await NotebookRun.ExecuteAsync(_kernel, name, NotebookFile.Parse(json).WithAnswersIn("runs"));
    }

    private static string Folder(string name) => Path.Combine(TestContext.CurrentContext.TestDirectory, name);
}
