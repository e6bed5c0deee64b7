using System.Diagnostics;
using System.Text.Json.Nodes;
using Aim.Experiments.Cli;

namespace Aim.Notebooks.Tests;

/// <summary>
/// The kernel, installed under a prefix of its own, and Jupyter's programs with it: what they read, write and find is in
/// <see cref="Folder"/>, whose name has a space and letters beyond ASCII.
/// </summary>
internal sealed class InstalledKernel : IDisposable
{
    private InstalledKernel(string folder) => Folder = folder;

    /// <summary>The prefix.</summary>
    public string Folder { get; }

    /// <summary>The folder of kernelspecs.</summary>
    public string Kernels => Path.Combine(Folder, "share", "jupyter", "kernels");

    /// <summary>Where Jupyter's servers say where they are.</summary>
    public string Runtime => Path.Combine(Folder, "runtime");

    /// <summary>The Python that has Jupyter.</summary>
    public string Python => (string)JsonNode.Parse(File.ReadAllText(SpecFile))!["argv"]![0]!;

    /// <summary>The kernelspec's file.</summary>
    public string SpecFile => Path.Combine(Kernels, "aim-csharp", "kernel.json");

    /// <summary>Installs it; the test is ignored where there is no Jupyter.</summary>
    public static async Task<InstalledKernel> CreateAsync()
    {
        string folder = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"an ünïcode prefix {Guid.NewGuid():N}");
        var (output, error) = (new StringWriter(), new StringWriter());
        if (await CommandLine.RunAsync(["kernel", "install", "--prefix", folder], output, error) != CommandLine.Done)
            Assert.Ignore($"Jupyter's side is not tested: {error}");
        return new InstalledKernel(folder);
    }

    /// <summary>Starts Python in <see cref="Folder"/>, with nothing of the user's Jupyter in its sight.</summary>
    public Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(Python, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Folder,
        };
        start.Environment["JUPYTER_PATH"] = Path.Combine(Folder, "share", "jupyter");
        start.Environment["JUPYTER_CONFIG_DIR"] = Path.Combine(Folder, "config");
        start.Environment["JUPYTER_DATA_DIR"] = Path.Combine(Folder, "data");
        start.Environment["JUPYTER_RUNTIME_DIR"] = Runtime;
        start.Environment["IPYTHONDIR"] = Path.Combine(Folder, "ipython");
        return Process.Start(start)!;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
