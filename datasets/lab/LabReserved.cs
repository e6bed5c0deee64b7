using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Aim.Datasets;

/// <summary>How a demonstration of the in-context tests is worded.</summary>
/// <param name="Name">Names it in records.</param>
/// <param name="Demonstration">
/// Thing and label: <c>{thing}</c> stands for a picture's placeholder or a name, <c>{label}</c> for the label.
/// </param>
/// <param name="Query">The same up to where the label would follow (behind a space).</param>
public sealed record LabTemplate(string Name, string Demonstration, string Query)
{
    /// <summary>What stands for the thing, and for the label.</summary>
    public const string Thing = "{thing}", Label = "{label}";

    /// <summary>A demonstration. <paramref name="thing"/> is a placeholder, or a name with a space before it.</summary>
    public string Demonstrate(string thing, string label) =>
        Demonstration.Replace(Thing, thing, StringComparison.Ordinal).Replace(Label, label, StringComparison.Ordinal);

    /// <summary>A query.</summary>
    public string Ask(string thing) => Query.Replace(Thing, thing, StringComparison.Ordinal);

    /// <summary>Finds the template's words in a text: after a picture or any word, with any label or none.</summary>
    public Regex Pattern { get; } = new(@"(>|\w)\s*"
        + Regex.Escape(Query[Thing.Length..].Trim()).Replace(@"\ ", @"\s+", StringComparison.Ordinal),
        RegexOptions.CultureInvariant);
}

/// <summary>
/// What is kept for the tests of in-context learning (`reserved.json`): label words and templates that occur in no training data,
/// and objects that occur in no story with several pictures (whether a model or a projection is trained on it).
/// </summary>
/// <param name="Labels">Label words, each of two syllables of <see cref="LabWorld.Syllables"/>.</param>
/// <param name="HeldOutObjects">Names of objects.</param>
/// <param name="Templates">Wordings of demonstrations.</param>
public sealed record LabReserved(
    IReadOnlyList<string> Labels, IReadOnlyList<string> HeldOutObjects, IReadOnlyList<LabTemplate> Templates)
{
    private const int Schema = 1;

    /// <summary>The committed file.</summary>
    public static LabReserved Current { get; } = Read(Resource(), "reserved.json");

    /// <summary>Objects that stories with several pictures may show, as indices into <see cref="LabWorld.Objects"/>.</summary>
    public IReadOnlyList<int> StoryObjects =>
        [.. Enumerable.Range(0, LabWorld.Objects.Count).Where(i => !HeldOutObjects.Contains(LabWorld.Objects[i].Name))];

    /// <summary>Objects that the in-context tests show, as indices into <see cref="LabWorld.Objects"/>.</summary>
    public IReadOnlyList<int> TestObjects => [.. HeldOutObjects.Select(LabWorld.IndexOf)];

    /// <summary>The first reserved label or template that a text holds; null if there is none.</summary>
    public string? FindIn(string text)
    {
        foreach (Match word in Regex.Matches(text, @"[a-z]+"))
            if (Labels.Contains(word.Value))
                return word.Value;
        return Templates.FirstOrDefault(template => template.Pattern.IsMatch(text))?.Name;
    }

    /// <summary>Reads and checks a file's text.</summary>
    /// <param name="json">The text.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <exception cref="FormatException">
    /// It is not such a file, or what it reserves is not of this data version; the message says where.
    /// </exception>
    public static LabReserved Read(string json, string file)
    {
        JsonElement root;
        try
        {
            root = JsonDocument.Parse(json).RootElement;
        }
        catch (JsonException e)
        {
            throw new FormatException($"{file}: not JSON: {e.Message}", e);
        }
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("schema", out var schema)
            || schema.ValueKind != JsonValueKind.Number || !schema.TryGetInt32(out int number) || number != Schema)
            throw new FormatException($"{file}: schema: {Schema} is known");
        if (Text(root, "dataVersion", file) is var version && version != LabWorld.Version)
            throw new FormatException($"{file}: dataVersion: '{version}', but the lab's data is of version '{LabWorld.Version}'");
        string[] labels = Words(root, "labels", file), objects = Words(root, "heldOutObjects", file);
        foreach (string label in labels)
            if (!LabWorld.Syllables.First.Any(first => LabWorld.Syllables.Second.Any(second => first + second == label)))
                throw new FormatException($"{file}: labels: '{label}' is not spelled from two syllables of the lab");
        foreach (string name in objects)
            if (LabWorld.Objects.All(thing => thing.Name != name))
                throw new FormatException($"{file}: heldOutObjects: the lab has no object '{name}'");
        var templates = Array(root, "templates", file).Select(t => Template(t, file)).ToArray();
        if (templates.Select(t => t.Name).Distinct().Count() != templates.Length)
            throw new FormatException($"{file}: templates: a name occurs twice");
        return new LabReserved(labels, objects, templates);
    }

    private static LabTemplate Template(JsonElement json, string file)
    {
        string name = Text(json, "name", file), demonstration = Text(json, "demonstration", file),
            query = Text(json, "query", file);
        string rest = query + " " + LabTemplate.Label;
        if (!query.StartsWith(LabTemplate.Thing, StringComparison.Ordinal)
            || !demonstration.StartsWith(rest, StringComparison.Ordinal)
            || query.Length <= LabTemplate.Thing.Length || query.Contains(LabTemplate.Label, StringComparison.Ordinal))
            throw new FormatException($"{file}: templates: '{name}': the query must begin with {LabTemplate.Thing} "
                + $"and the demonstration with the query, a space and {LabTemplate.Label}");
        return new LabTemplate(name, demonstration, query);
    }

    private static string[] Words(JsonElement json, string field, string file)
    {
        string[] words = [.. Array(json, field, file).Select(word => word.ValueKind == JsonValueKind.String
            ? word.GetString()!
            : throw new FormatException($"{file}: {field}: a list of words is needed"))];
        return words.Distinct().Count() == words.Length
            ? words
            : throw new FormatException($"{file}: {field}: a word occurs twice");
    }

    private static IEnumerable<JsonElement> Array(JsonElement json, string field, string file) =>
        json.TryGetProperty(field, out var list) && list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0
            ? list.EnumerateArray()
            : throw new FormatException($"{file}: {field}: a list with entries is needed");

    private static string Text(JsonElement json, string field, string file) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(field, out var value)
            && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new FormatException($"{file}: {field}: a text is needed");

    private static string Resource()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("reserved.json")
            ?? throw new FormatException("reserved.json: it is not in the assembly");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
