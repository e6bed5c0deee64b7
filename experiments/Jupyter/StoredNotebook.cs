using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Aim.Experiments.Planning;

namespace Aim.Experiments.Jupyter;

/// <summary>A notebook of the repository, or any other, as it is stored.</summary>
/// <param name="Path">Its file.</param>
internal sealed partial record StoredNotebook(string Path)
{
    /// <summary>Where a clone keeps its notebooks.</summary>
    public const string Folder = "notebooks";

    // The tag by which papermill finds the cell of parameters, and the one of the cell that it puts behind.
    private const string Parameters = "parameters", Injected = "injected-parameters", Extension = ".ipynb";

    /// <summary>Its name: the file's without extension.</summary>
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>The repository's notebooks, by name.</summary>
    public static IReadOnlyList<StoredNotebook> All()
    {
        string folder = System.IO.Path.Combine(Places.Root(), Folder);
        return Directory.Exists(folder)
            ? [.. Directory.GetFiles(folder, "*" + Extension).Order(StringComparer.Ordinal).Select(p => new StoredNotebook(p))]
            : [];
    }

    /// <summary>A notebook by its file, its name, or what its name begins with (<c>02</c>).</summary>
    /// <exception cref="DefinitionException">There is none, or several.</exception>
    public static StoredNotebook Find(string name)
    {
        if (File.Exists(name))
            return new StoredNotebook(System.IO.Path.GetFullPath(name));
        var all = All();
        var found = all.Where(n => n.Name == name).ToList();
        if (found.Count == 0)
            found = [.. all.Where(n => n.Name.StartsWith(name, StringComparison.Ordinal))];
        return found.Count == 1 ? found[0] : throw new DefinitionException(found.Count > 1
            ? $"{name}: several notebooks begin so: {string.Join(", ", found.Select(n => n.Name))}"
            : $"{name}: no such notebook; name a file, or one of: {string.Join(", ", all.Select(n => n.Name))}");
    }

    /// <summary>The first heading; its name where there is none.</summary>
    /// <exception cref="DefinitionException">The file is no notebook.</exception>
    public string Title => Cells(Read()).Where(c => (string?)c["cell_type"] == "markdown").SelectMany(c => Source(c).Split('\n'))
        .FirstOrDefault(l => l.StartsWith("# ", StringComparison.Ordinal))?[2..].Trim() ?? Name;

    /// <summary>
    /// The lines of the cell that is tagged <c>parameters</c>, which a reader changes; empty where there is none.
    /// </summary>
    /// <inheritdoc cref="Title" path="/exception"/>
    public string ParameterCell => Tagged(Cells(Read())) is { } cell ? Source(cell) : "";

    /// <summary>The name of the kernel that it asks for; empty where it asks for none.</summary>
    /// <inheritdoc cref="Title" path="/exception"/>
    public string Kernel => (string?)Read()["metadata"]?["kernelspec"]?["name"] ?? "";

    /// <summary>The notebook with other values for its parameters, set in a cell behind theirs, as papermill does.</summary>
    /// <param name="values">Names and values, C# both.</param>
    /// <exception cref="DefinitionException">It has no such parameter, or is no notebook.</exception>
    public string With(IReadOnlyList<(string Name, string Value)> values)
    {
        var root = Read();
        if (values.Count == 0)
            return root.ToJsonString();
        var cells = root["cells"]!.AsArray();
        var tagged = Tagged(Cells(root))
            ?? throw new DefinitionException($"{Path}: no cell is tagged '{Parameters}', so nothing of it can be set");
        foreach (var (name, _) in values)
        {
            if (!Declared().Matches(Source(tagged)).Any(m => m.Groups[1].Value == name))
            {
                string known = string.Join(", ", Declared().Matches(Source(tagged)).Select(m => m.Groups[1].Value));
                throw new DefinitionException($"{Path}: no parameter '{name}'; it has {known}");
            }
        }

        cells.Insert(cells.IndexOf(tagged) + 1, new JsonObject
        {
            ["cell_type"] = "code",
            ["execution_count"] = null,
            ["id"] = Injected,
            ["metadata"] = new JsonObject { ["tags"] = new JsonArray(Injected) },
            ["outputs"] = new JsonArray(),
            ["source"] = string.Join('\n', values.Select(v => $"{v.Name} = {v.Value};")),
        });
        return root.ToJsonString();
    }

    private JsonObject Read()
    {
        try
        {
            if (JsonNode.Parse(File.ReadAllText(Path)) is JsonObject root && root["cells"] is JsonArray)
                return root;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new DefinitionException(
                $"{Path}: cannot be read as a notebook ({error.Message.ReplaceLineEndings(" ").TrimEnd('.')})");
        }

        throw new DefinitionException($"{Path}: is no notebook of format 4: it has no list of cells");
    }

    private static IEnumerable<JsonObject> Cells(JsonObject root) => root["cells"]!.AsArray().OfType<JsonObject>();

    private static JsonObject? Tagged(IEnumerable<JsonObject> cells) =>
        cells.FirstOrDefault(c => c["metadata"]?["tags"] is JsonArray tags && tags.Any(t => (string?)t == Parameters));

    private static string Source(JsonObject cell) => cell["source"] switch
    {
        JsonArray lines => string.Concat(lines.Select(l => (string?)l)),
        { } text => (string?)text ?? "",
        null => "",
    };

    [GeneratedRegex(@"^\s*\w[\w<>\[\]]*\s+(\w+)\s*=[^=]", RegexOptions.Multiline)]
    private static partial Regex Declared();
}
