using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aim.Experiments.Planning;

namespace Aim.Experiments.Jupyter;

/// <summary>Executes notebooks with nbconvert in the installed kernel, and writes them as pages.</summary>
internal sealed class NotebookRunner
{
    private const string Script = "publish_notebook.py";

    private const string Question = """
        import json
        try:
            import nbconvert, nbclient
            from jupyter_client.kernelspec import KernelSpecManager
            print(json.dumps({"kernels": KernelSpecManager().find_kernel_specs()}))
        except ImportError as error:
            print(json.dumps({"missing": error.name}))
        """;

    private readonly PythonInterpreter _python;
    private readonly IReadOnlyDictionary<string, string> _kernels;
    private readonly TextWriter _output;
    private readonly int _seconds;

    /// <summary>Finds Jupyter's side.</summary>
    /// <param name="python">The Python that is named; null: the first that imports ipykernel.</param>
    /// <param name="seconds">That a cell may take.</param>
    /// <param name="output">Takes progress.</param>
    /// <exception cref="IOException">There is no Python with ipykernel.</exception>
    /// <exception cref="DefinitionException">It has no nbconvert.</exception>
    public NotebookRunner(string? python, int seconds, TextWriter output)
    {
        (_seconds, _output) = (seconds, output);
        _python = PythonInterpreter.Find(python);
        var answer = Machinery.FirstLine(_python.Path, null, "-c", Question) is { } line ? JsonNode.Parse(line) : null;
        if (answer?["kernels"] is not JsonObject kernels)
        {
            throw new DefinitionException(
                $"{_python.Path} imports ipykernel but not {(string?)answer?["missing"] ?? "nbconvert"}; install it "
                    + $"('apt install jupyter-nbconvert', or '{_python.Path} -m pip install nbconvert'), "
                    + "or name another Python with --python");
        }

        _kernels = kernels.ToDictionary(k => k.Key, k => (string)k.Value!);
    }

    /// <summary>Says that a notebook cannot run, and the cure, before any does.</summary>
    /// <exception cref="DefinitionException">
    /// The kernel that it asks for is not installed, or what is installed does not run any more.
    /// </exception>
    public void Check(StoredNotebook notebook)
    {
        string name = notebook.Kernel;
        if (!_kernels.TryGetValue(name, out string? folder))
        {
            throw new DefinitionException(
                $"{notebook.Path}: asks for the kernel '{name}', which Jupyter does not know (it knows "
                    + $"{(_kernels.Count > 0 ? string.Join(", ", _kernels.Keys.Order(StringComparer.Ordinal)) : "none")}); "
                    + "run 'aim kernel install', or with --prefix, tell Jupyter of the prefix with JUPYTER_PATH");
        }

        if (KernelSpec.In(Path.GetDirectoryName(folder)!).FirstOrDefault(s => s.Folder == folder)?.Fault() is { } fault)
            throw new DefinitionException($"{folder}: {fault}");
    }

    /// <summary>Executes a notebook from its first cell to its last, or to the first that fails.</summary>
    /// <param name="notebook">Which.</param>
    /// <param name="values">Values of its parameters.</param>
    /// <param name="page">The page to write; null: none. It appears whole, or not at all.</param>
    /// <param name="published">Names of notebooks that have pages beside it.</param>
    /// <param name="cancel">Ends it, the kernel with it.</param>
    /// <returns>What failed; null: nothing did.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was raised.</exception>
    public async Task<string?> RunAsync(
        StoredNotebook notebook, IReadOnlyList<(string Name, string Value)> values, string? page,
        IReadOnlyCollection<string> published, CancellationToken cancel)
    {
        string folder = Directory.CreateTempSubdirectory("aim-notebook-").FullName;
        try
        {
            string script = Path.Combine(folder, Script), copy = Path.Combine(folder, $"{notebook.Name}.ipynb");
            string html = Path.Combine(folder, $"{notebook.Name}.html");
            await File.WriteAllBytesAsync(script, Resource(), cancel);
            await File.WriteAllTextAsync(copy, notebook.With(values), cancel);
            string beside = Path.GetDirectoryName(Path.GetFullPath(notebook.Path))!;
            string? failure = await ExecuteAsync(
                notebook, [script, copy, beside, page is null ? "-" : html, $"{_seconds}"], cancel);
            if (failure is null && page is not null)
            {
                string whole = await File.ReadAllTextAsync(html, cancel);
                AtomicFile.WriteText(page, NotebookPage.SelfContained(whole, notebook, page, published));
            }

            return failure;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<string?> ExecuteAsync(StoredNotebook notebook, string[] arguments, CancellationToken cancel)
    {
        using var process = Process.Start(new ProcessStartInfo(_python.Path, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        }) ?? throw new IOException($"{_python.Path} did not start");
        try
        {
            var errors = process.StandardError.ReadToEndAsync(cancel);
            string cell = "";
            string? failure = null;
            bool done = false;
            while (await process.StandardOutput.ReadLineAsync(cancel) is { } line)
            {
                // Whatever else is printed there is Jupyter's own.
                if (!line.StartsWith('{') || Parse(line) is not { } said)
                    continue;
                if (said["cell"] is { } number)
                {
                    cell = $"cell {number} of {said["of"]}";
                    _output.WriteLine($"{notebook.Name}: {cell}");
                }

                done |= said["done"] is not null;
                if (said["failed"] is not null)
                    failure = $"{notebook.Name}, {cell}: {(string?)said["text"]}";
            }

            await process.WaitForExitAsync(cancel);
            return failure ?? (done
                ? null
                : $"{notebook.Name}{(cell.Length > 0 ? $", {cell}" : "")}: nbconvert ended with exit code "
                    + $"{process.ExitCode}: {Last(await errors)}");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private static JsonNode? Parse(string line)
    {
        try
        {
            return JsonNode.Parse(line);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Last(string text) => text.Trim().Split('\n')[^1].Trim();

    private static byte[] Resource()
    {
        using var stream = typeof(NotebookRunner).Assembly.GetManifestResourceStream(Script)
            ?? throw new InvalidOperationException($"the resource '{Script}' is not embedded in this build");
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }
}
