namespace Aim.Notebooks.Tests;

/// <summary>
/// Every notebook of the repository is stored as the house asks, and runs from its first cell to its last with a few samples.
/// They run in one folder, so that they share the store of results.
/// </summary>
[Platform("Linux,MacOsX")]
[Parallelizable(ParallelScope.Children)]
public class NotebookTests
{
    private const int Samples = 4;
    private const string Store = "runs";

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
        var notebook = NotebookFile.Read(Path.Combine(Folder("notebooks"), $"{name}.ipynb"));
        Assert.That(notebook.Faults(), Is.Empty);
        var executed = await NotebookRun.ExecuteAsync(_kernel, name, notebook.With(Samples, Store));
        Assert.That(executed.FaultsOfOutputs(), Is.Empty);
    }

    [Test]
    public async Task A_limit_is_set_behind_the_cell_of_parameters()
    {
        var notebook = NotebookFile.Read(Path.Combine(Folder("Fixtures"), "fine.ipynb"));
        Assert.That(notebook.Faults(), Is.Empty);
        var executed = await NotebookRun.ExecuteAsync(_kernel, "fine", notebook.With(Samples, Store));
        Assert.That(executed.FaultsOfOutputs(), Is.Empty);
        Assert.That(executed.Printed(), Is.EqualTo($"{Samples} points\n"));
    }

    [Test]
    public async Task What_fails_is_found()
    {
        var notebook = NotebookFile.Read(Path.Combine(Folder("Fixtures"), "throws.ipynb"));
        Assert.That(notebook.Faults(), Is.Empty);
        var executed = await NotebookRun.ExecuteAsync(_kernel, "throws", notebook.With(Samples, Store));
        Assert.That(executed.FaultsOfOutputs(), Is.EqualTo((string[])
        [
            "'int[] none = [];': InvalidOperationException: InvalidOperationException: trouble\n   at cell 2, line 2",
            "'display(\"{}\", \"application/vnd.plotly.v1+json\");': a figure is Plotly's JSON alone",
            "'HTML(\"<script>Plotly.newPlot()</script>\")': a figure is HTML alone",
        ]));
    }

    private static string Folder(string name) => Path.Combine(TestContext.CurrentContext.TestDirectory, name);
}
