using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace Aim.Kernel.References;

/// <summary>
/// The assemblies that cells compile against: the framework's and the host's own, which are loaded already, and those that
/// <c>#r</c> added.
/// </summary>
internal sealed class ReferenceBook
{
    private readonly Dictionary<string, string> _platform = ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .GroupBy(p => Path.GetFileNameWithoutExtension(p), StringComparer.OrdinalIgnoreCase)
        .ToDictionary(g => g.Key, g => g.First(), StringComparer.OrdinalIgnoreCase);

    private readonly Dictionary<string, string> _added = new(StringComparer.OrdinalIgnoreCase);

    public ReferenceBook() =>
        All = [.. _platform.Values.Where(p => p.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) && File.Exists(p))
            .Select(Reference)];

    /// <summary>What the next cell compiles against.</summary>
    public ImmutableArray<MetadataReference> All { get; private set; }

    /// <summary>Folders in which an added assembly's own dependencies may lie.</summary>
    public IEnumerable<string> Folders => _added.Values.Select(p => Path.GetDirectoryName(p)!).Distinct();

    /// <summary>Where an added assembly is; null: it is not one.</summary>
    public string? Added(string name) => _added.GetValueOrDefault(name);

    /// <summary>Whether the host has loaded or can load an assembly of this name by itself.</summary>
    public bool IsPlatform(string name) => _platform.ContainsKey(name);

    /// <summary>Adds an assembly; one of a name that is known already stays as it is.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="compile">What is compiled against, where that is another file.</param>
    /// <returns>False: nothing was added.</returns>
    public bool Add(string path, string? compile = null)
    {
        string name = Path.GetFileNameWithoutExtension(path);
        if (IsPlatform(name) || !_added.TryAdd(name, path))
            return false;
        All = All.Add(Reference(compile ?? path));
        return true;
    }

    // With the documentation that lies beside it, for quick info.
    internal static MetadataReference Reference(string path) =>
        MetadataReference.CreateFromFile(
            path, documentation: XmlDocumentationProvider.CreateFromFile(Path.ChangeExtension(path, ".xml")));
}
