using Aim.Experiments.Jupyter;
using Aim.Kernel;
using Aim.Notebooks.Tests.Kernel;

namespace Aim.Notebooks.Tests.Lib;

/// <summary>
/// A host whose cells see <c>Aim.Notebook</c>, as those of the installed kernel do; runs are kept in a folder of its own.
/// </summary>
public abstract class NotebookFixture : HostFixture
{
    private protected override KernelSetup Setup => NotebookSetup.Create();

    /// <summary>The folder of the runs.</summary>
    private protected string Runs { get; } =
        Path.Combine(TestContext.CurrentContext.WorkDirectory, $"notebook runs {Guid.NewGuid():N}");

    [OneTimeSetUp]
    public Task KeepRunsApart() => Ok($"Study.Output = @\"{Runs}\";");

    [OneTimeTearDown]
    public void RemoveRuns()
    {
        if (Directory.Exists(Runs))
            Directory.Delete(Runs, recursive: true);
    }
}
