using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Aim.Kernel;

namespace Aim.Experiments.Jupyter;

/// <summary>
/// The folder by which Jupyter knows the kernel: <c>kernel.json</c> with absolute paths of Python and of this program, and the
/// Python file that it runs.
/// </summary>
/// <param name="Folder">The folder, named as the kernel.</param>
internal sealed partial record KernelSpec(string Folder)
{
    /// <summary>The kernel's name in notebooks.</summary>
    public const string Name = "aim-csharp";

    private const string Owner = "aim";
    private const string SpecFile = "kernel.json";

    /// <summary>Where kernels lie below a prefix, as Jupyter looks for them.</summary>
    public static string Below(string prefix) => Path.Combine(prefix, "share", "jupyter", "kernels");

    /// <summary>Writes a kernelspec.</summary>
    /// <param name="kernels">The folder of all kernels.</param>
    /// <param name="name">Its name.</param>
    /// <param name="python">What Jupyter starts.</param>
    /// <exception cref="IOException">Another program's kernel has the name, or the folder cannot be written.</exception>
    public static KernelSpec Install(string kernels, string name, PythonInterpreter python)
    {
        if (!ValidName().IsMatch(name))
            throw new InvalidDataException($"'{name}' is no name of a kernel: letters, digits, '.', '_' and '-' make one");
        var spec = new KernelSpec(Path.Combine(Path.GetFullPath(kernels), name));
        if (Directory.Exists(spec.Folder) && !spec.IsOurs)
            throw new IOException(
                $"{spec.Folder} is another program's kernel; remove it with 'jupyter kernelspec remove {name}' first");
        string wrapper = Path.Combine(spec.Folder, KernelFiles.Entry);
        var json = new JsonObject
        {
            ["argv"] = new JsonArray(
                [python.Path, wrapper, "-f", "{connection_file}", "--host", .. HostCommand().Select(a => (JsonNode)a)]),
            ["display_name"] = name == Name ? "C# (Aim)" : $"C# (Aim, {name})",
            ["language"] = "C#",
            ["interrupt_mode"] = "signal",
            ["metadata"] = new JsonObject { [Owner] = KernelFiles.Entry },
        };
        var options = new JsonSerializerOptions { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        try
        {
            foreach (string file in KernelFiles.Names)
                AtomicFile.Write(Path.Combine(spec.Folder, file), KernelFiles.Bytes(file));
            AtomicFile.WriteText(Path.Combine(spec.Folder, SpecFile), json.ToJsonString(options) + "\n");
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            throw new IOException(
                $"{spec.Folder} cannot be written ({error.Message}); install for yourself with --user, "
                    + "or name a folder with --prefix", error);
        }

        return spec;
    }

    /// <summary>Every kernelspec of ours in a folder of kernels.</summary>
    public static IReadOnlyList<KernelSpec> In(string kernels) => !Directory.Exists(kernels)
        ? []
        : [.. Directory.GetDirectories(kernels).Order(StringComparer.Ordinal)
            .Select(d => new KernelSpec(d)).Where(s => s.IsOurs)];

    /// <summary>Removes the folder.</summary>
    public void Remove() => Directory.Delete(Folder, recursive: true);

    /// <summary>What keeps it from running, and the cure; null: nothing was found.</summary>
    public string? Fault()
    {
        const string Again = "run 'aim kernel install' again";
        string[] argv = [.. Read()!["argv"]!.AsArray().Select(a => (string)a!)];
        if (argv is not [var python, var wrapper, _, _, "--host", .. var host])
            return $"its argv is not what this version writes: {Again}";
        if (PythonInterpreter.Ask(python) is null)
            return $"{python} does not run or cannot import ipykernel: {Again}";
        foreach (string file in KernelFiles.Names)
        {
            string path = Path.Combine(Path.GetDirectoryName(wrapper)!, file);
            if (!File.Exists(path) || !File.ReadAllBytes(path).AsSpan().SequenceEqual(KernelFiles.Bytes(file)))
                return $"{path} is not this version's: {Again}";
        }

        return host.Take(2).FirstOrDefault(p => Path.IsPathRooted(p) && !File.Exists(p)) is { } missing
            ? $"{missing} is not there any more: {Again}" : null;
    }

    private bool IsOurs => Read()?["metadata"]?[Owner] is not null;

    private JsonNode? Read()
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, SpecFile)));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    // The runtime's own program, absolute: Jupyter's PATH may be another one.
    private static string[] HostCommand()
    {
        string root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));
        string dotnet = Path.Combine(root, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");
        return [File.Exists(dotnet) ? dotnet : "dotnet", Path.Combine(AppContext.BaseDirectory, "aim.dll"), "kernel", "host"];
    }

    [GeneratedRegex(@"^[A-Za-z0-9._-]+$")]
    private static partial Regex ValidName();
}
