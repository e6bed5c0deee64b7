using System.Diagnostics;
using System.Runtime.Versioning;
using Aim.Experiments.Cli;

namespace Aim.Notebooks.Tests.Publish;

/// <summary>
/// <c>aim notebooks publish</c>, in a process of its own: its Jupyter must know the kernel by a prefix, and nothing of the
/// machine's own.
/// </summary>
[Platform("Linux,MacOsX")]
[UnsupportedOSPlatform("windows")]
[NonParallelizable]
public class PublishTests
{
    private readonly string _folder =
        Path.Combine(TestContext.CurrentContext.WorkDirectory, $"a públished folder {Guid.NewGuid():N}");

    private string Prefix => Path.Combine(_folder, "prefix");

    private string Pages => Path.Combine(_folder, "pages");

    [OneTimeSetUp]
    public async Task Install()
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        if (await CommandLine.RunAsync(["kernel", "install", "--prefix", Prefix], output, error) != CommandLine.Done)
            Assert.Ignore($"Jupyter's side is not tested: {error}");
    }

    [OneTimeTearDown]
    public void Remove()
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task WritesAPageThatNeedsNothingElse()
    {
        var notebook = TestNotebook.Write(
            Path.Combine(_folder, "fine.ipynb"), "# Fine?\n\n[first look](01-first-look.ipynb)", "var limit = 9;",
            "Console.WriteLine($\"limit {limit}\");",
            "Plotly(new[] { new { type = \"bar\", x = new[] { 1 }, y = new[] { limit } } })");
        var (code, output, error) = await Aim("notebooks", "publish", notebook.Path, "--set", "limit=3", "--output", Pages);
        Assert.That((code, error), Is.EqualTo((0, "")));
        Assert.That(output, Does.Contain("fine: cell 1 of 5").And.Contain("fine.html"));
        string page = File.ReadAllText(Path.Combine(Pages, "fine.html"));
        Assert.That(page, Does.Contain("limit 3").And.Contain("Plotly.newPlot").And.Contain("Content-Security-Policy"));
        Assert.That(page, Does.Not.Match("<script[^>]*src=").And.Not.Match("<link[^>]*href=\"(?!data:)"));
        Assert.That(page, Does.Contain("href=\"01-first-look.html\""));
    }

    [Test]
    public async Task NamesTheCellThatFailsAndLeavesNoPage()
    {
        var notebook = TestNotebook.Write(Path.Combine(_folder, "broken.ipynb"), "# Broken?", "var limit = 9;",
            "Console.WriteLine(1);", "int[] none = [];\nthrow new IndexOutOfRangeException();", "Console.WriteLine(2);");
        var (code, _, error) = await Aim("notebooks", "publish", notebook.Path, "--output", Pages);
        Assert.That(code, Is.EqualTo(CommandLine.Fault));
        Assert.That(error, Does.StartWith("aim: broken, cell 4 of 5: IndexOutOfRangeException").And.Contain("line 2"));
        Assert.That(Directory.Exists(Pages) ? Directory.GetFiles(Pages, "broken*") : [], Is.Empty);
    }

    [Test]
    public async Task SaysThatTheKernelIsNotInstalled()
    {
        var notebook = TestNotebook.Write(Path.Combine(_folder, "fine2.ipynb"), "# Fine?", "var limit = 9;");
        var (code, _, error) = await Aim(["notebooks", "run", notebook.Path], withKernel: false);
        Assert.That(code, Is.EqualTo(CommandLine.UserError));
        Assert.That(error,
            Does.Contain("asks for the kernel 'aim-csharp', which Jupyter does not know").And.Contain("aim kernel install"));
    }

    [Test]
    public async Task SaysThatThereIsNoJupyter()
    {
        var notebook = TestNotebook.Write(Path.Combine(_folder, "fine3.ipynb"), "# Fine?", "var limit = 9;");
        string python = Path.Combine(_folder, "python");
        File.WriteAllText(python, "#!/bin/sh\nexit 1\n");
        File.SetUnixFileMode(python, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var (code, _, error) = await Aim("notebooks", "run", notebook.Path, "--python", python);
        Assert.That(code, Is.EqualTo(CommandLine.UserError));
        Assert.That(error, Does.Contain("does not run or cannot import ipykernel"));
    }

    private Task<(int Code, string Output, string Error)> Aim(params string[] arguments) => Aim(arguments, withKernel: true);

    private async Task<(int Code, string Output, string Error)> Aim(string[] arguments, bool withKernel)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "aim.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["JUPYTER_PATH"] = withKernel ? Path.Combine(Prefix, "share", "jupyter") : "";
        start.Environment["JUPYTER_DATA_DIR"] = Path.Combine(_folder, "data");
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
