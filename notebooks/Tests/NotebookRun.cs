namespace Aim.Notebooks.Tests;

/// <summary>Executes notebooks headless, as a user does: <c>jupyter nbconvert --execute</c>.</summary>
internal static class NotebookRun
{
    // Guards against what never ends; on any machine a notebook with a few samples takes a fraction of it.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);
    private const int SecondsOfCell = 240;

    /// <summary>Executes a notebook to its end, also behind errors.</summary>
    /// <param name="kernel">The kernel; its folder is the notebook's working directory.</param>
    /// <param name="name">The copy's name there.</param>
    /// <param name="json">The notebook.</param>
    /// <returns>It, with its outputs.</returns>
    public static async Task<NotebookFile> ExecuteAsync(InstalledKernel kernel, string name, string json)
    {
        await File.WriteAllTextAsync(Path.Combine(kernel.Folder, $"{name}.ipynb"), json);
        using var process = kernel.Start("-m", "nbconvert", "--to", "notebook", "--execute", "--allow-errors",
            $"--ExecutePreprocessor.timeout={SecondsOfCell}", "--output", $"{name}.executed.ipynb", $"{name}.ipynb");
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{name} did not end within {Patience.TotalMinutes} minutes:\n{await errors}");
        }

        Assert.That(process.ExitCode, Is.Zero, $"{await output}{await errors}");
        Assert.That(await errors, Does.Not.Contain("is invalid"), "nbformat's validation");
        return NotebookFile.Read(Path.Combine(kernel.Folder, $"{name}.executed.ipynb"));
    }
}
