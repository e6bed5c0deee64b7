using System.Text.Json.Nodes;

namespace Aim.Notebooks.Tests.Kernel;

/// <summary>
/// The installed kernel, started and spoken to by Jupyter's own client: <c>jupyter_checks.py</c> does the checks, each is a test
/// here.
/// </summary>
[Platform("Linux,MacOsX")]
[NonParallelizable]
public class JupyterTests
{
    private static readonly string[] Checks =
    [
        "kernel_info", "stdout", "stderr", "child_output", "result", "silent", "display", "display_update", "clear_output",
        "error", "error_stops_the_queue", "completion", "inspection", "completeness", "history", "growth", "interrupt",
        "interrupt_by_message", "host_that_ends", "host_that_is_killed", "host_that_does_not_stop", "two_at_once",
        "program_that_is_gone", "program_that_does_not_start", "no_host_is_left",
    ];

    private readonly Dictionary<string, string?> _results = [];
    private string _all = "";

    [OneTimeSetUp]
    public async Task Run()
    {
        using var kernel = await InstalledKernel.CreateAsync();
        string script = Path.Combine(TestContext.CurrentContext.TestDirectory, "kernel", "jupyter_checks.py");
        using var process = kernel.Start(script, kernel.Kernels);
        var errors = process.StandardError.ReadToEndAsync();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            var check = JsonNode.Parse(line)!;
            _results[(string)check["check"]!] = (string?)check["error"];
        }

        await process.WaitForExitAsync();
        _all = await errors;
    }

    [TestCaseSource(nameof(Checks))]
    public void Check(string name)
    {
        Assert.That(_results, Does.ContainKey(name), $"the script ended before this check:\n{_all}");
        Assert.That(_results[name], Is.Null);
    }
}
