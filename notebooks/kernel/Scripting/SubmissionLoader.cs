using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using Aim.Kernel.References;

namespace Aim.Kernel.Scripting;

/// <summary>
/// Loads what cells compiled to, and the assemblies that <c>#r</c> added; whatever the host itself has comes from the host, so
/// that a type is one type on both sides.
/// </summary>
internal sealed class SubmissionLoader : AssemblyLoadContext
{
    private readonly ReferenceBook _references;
    private readonly Dictionary<string, (Assembly Assembly, string Cell, string Source)> _submissions = [];
    private readonly Dictionary<string, string> _native = [];

    public SubmissionLoader(ReferenceBook references)
        : base("notebook cells")
    {
        _references = references;
        ResolvingUnmanagedDll += (_, name) => Native(name);
    }

    /// <summary>Loads a cell's assembly.</summary>
    /// <param name="name">The assembly's name.</param>
    /// <param name="cell">How stack traces call the cell.</param>
    /// <param name="source">The cell's text.</param>
    /// <param name="assembly">What it was compiled to.</param>
    /// <param name="symbols">Its symbols.</param>
    public Assembly Submission(string name, string cell, string source, Stream assembly, Stream symbols)
    {
        var loaded = LoadFromStream(assembly, symbols);
        _submissions[name] = (loaded, cell, source);
        return loaded;
    }

    /// <summary>The texts of a cell and of all cells that it uses, each once; null where the assembly is no cell's.</summary>
    /// <param name="assembly">The cell's.</param>
    /// <param name="added">The files that <c>#r</c> added and these cells use, by full path.</param>
    public static IReadOnlyList<string>? Sources(Assembly assembly, out IReadOnlyList<string> added)
    {
        added = [];
        if (CellOf(assembly) is null)
            return null;
        var loader = (SubmissionLoader)GetLoadContext(assembly)!;
        var cells = new List<string> { assembly.GetName().Name! };
        var files = new List<string>();
        for (int i = 0; i < cells.Count; i++)
        {
            foreach (string used in loader._submissions[cells[i]].Assembly.GetReferencedAssemblies().Select(a => a.Name!))
            {
                if (loader._submissions.ContainsKey(used) && !cells.Contains(used))
                    cells.Add(used);
                else if (loader._references.Added(used) is { } file && !files.Contains(file))
                    files.Add(file);
            }
        }

        added = files;
        return [.. cells.Select(c => loader._submissions[c].Source)];
    }

    /// <summary>What stack traces call the cell whose code it is; null: it is no cell's.</summary>
    public static string? CellOf(Assembly assembly) =>
        GetLoadContext(assembly) is SubmissionLoader loader
            && loader._submissions.TryGetValue(assembly.GetName().Name!, out var submission) ? submission.Cell : null;

    /// <summary>A native library of a package, found by its file name.</summary>
    public void AddNative(string path) => _native[Path.GetFileName(path)] = path;

    protected override Assembly? Load(AssemblyName name)
    {
        if (name.Name is null)
            return null;
        if (_submissions.TryGetValue(name.Name, out var submission))
            return submission.Assembly;
        if (_references.IsPlatform(name.Name))
            return null;
        string? path = _references.Added(name.Name)
            ?? _references.Folders.Select(f => Path.Combine(f, name.Name + ".dll")).FirstOrDefault(File.Exists);
        return path is null ? null : LoadFromAssemblyPath(path);
    }

    private nint Native(string name)
    {
        string[] tries = [name, $"{name}.so", $"lib{name}.so", $"lib{name}", $"{name}.dylib", $"lib{name}.dylib", $"{name}.dll"];
        foreach (string file in tries)
        {
            if (_native.TryGetValue(file, out string? path) && NativeLibrary.TryLoad(path, out nint handle))
                return handle;
        }

        return 0;
    }
}
