using System.Text.Json;

namespace Aim.Experiments.Jupyter;

/// <summary>A Python that imports ipykernel: what Jupyter starts to run the kernel.</summary>
/// <param name="Path">Its absolute path.</param>
/// <param name="Version">ipykernel's version.</param>
/// <param name="DataDirectory">Where its Jupyter keeps the user's kernels, <c>JUPYTER_DATA_DIR</c> included.</param>
internal sealed record PythonInterpreter(string Path, string Version, string DataDirectory)
{
    private const string Question =
        "import json, sys, ipykernel, jupyter_core.paths as p; "
        + "print(json.dumps([sys.executable, ipykernel.__version__, p.jupyter_data_dir()]))";

    /// <summary>
    /// The one that is named, else the first that imports ipykernel of: the one that runs <c>jupyter</c>, those on the PATH, the
    /// system's. The first Python on the PATH is often another one than Jupyter's.
    /// </summary>
    /// <exception cref="IOException">There is none; the message says what was tried and how to get one.</exception>
    public static PythonInterpreter Find(string? named)
    {
        string[] tries = named is null ? [.. Candidates().Distinct()] : [named];
        foreach (string path in tries)
        {
            if (Ask(path) is { } found)
                return found;
        }

        throw new IOException(named is not null
            ? $"--python {named}: it does not run or cannot import ipykernel; "
                + $"install it there with '{named} -m pip install ipykernel'"
            : $"no Python here imports ipykernel "
                + $"(tried {(tries.Length > 0 ? string.Join(", ", tries) : "none: no python3 on the PATH")}); "
                + "install Jupyter ('apt install jupyter-notebook', 'pip install notebook'), or name its Python with --python");
    }

    /// <summary>What a Python says of itself; null: it does not run or has no ipykernel.</summary>
    public static PythonInterpreter? Ask(string path)
    {
        if (Machinery.FirstLine(path, null, "-c", Question) is not { } line || !line.StartsWith('['))
            return null;
        return JsonSerializer.Deserialize<string[]>(line) is [var executable, var version, var data]
            ? new PythonInterpreter(executable, version, data) : null;
    }

    private static IEnumerable<string> Candidates()
    {
        if (Machinery.Program("jupyter", "jupyter-notebook", "jupyter-lab") is { } jupyter && Shebang(jupyter) is { } its)
            yield return its;
        foreach (string folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator))
        {
            foreach (string name in (string[])["python3", "python"])
            {
                string path = System.IO.Path.Combine(folder, name);
                if (folder.Length > 0 && File.Exists(path))
                    yield return path;
            }
        }

        if (File.Exists("/usr/bin/python3"))
            yield return "/usr/bin/python3";
    }

    // Of a script that begins with #!/path/to/python3.
    private static string? Shebang(string script)
    {
        using var reader = new StreamReader(script);
        var buffer = new char[256];
        string text = new(buffer, 0, reader.ReadBlock(buffer));
        return text.StartsWith("#!/", StringComparison.Ordinal)
            && text.Split('\n')[0][2..].Trim() is var path && File.Exists(path)
            ? path : null;
    }
}
