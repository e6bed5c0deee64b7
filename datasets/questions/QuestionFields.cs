using System.Text.Json;

namespace Aim.Datasets;

/// <summary>The fields of one line's object, asked for by name.</summary>
internal readonly struct QuestionFields
{
    private readonly JsonElement _object;
    private readonly string _place;

    /// <exception cref="QuestionFileException">It is no object, or has a field that is not known, or one twice.</exception>
    public QuestionFields(JsonElement element, string place, string known)
    {
        (_object, _place) = (element, place);
        if (element.ValueKind != JsonValueKind.Object)
            throw new QuestionFileException(place, $"a line is one JSON object of {known}");
        string[] names = known.Split(", ");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var field in element.EnumerateObject())
        {
            if (!names.Contains(field.Name))
                throw new QuestionFileException(place, $"{field.Name}: unknown field; known: {known}");
            if (!seen.Add(field.Name))
                throw new QuestionFileException(place, $"{field.Name}: stands there twice");
        }
    }

    /// <summary>A text that is not empty; null where the field is not there.</summary>
    public string? Text(string name) => !_object.TryGetProperty(name, out var value) ? null
        : Word(value) ?? throw new QuestionFileException(_place, $"{name}: must be a text that is not empty");

    /// <summary>A list of texts, or (if <paramref name="single"/>) one text; null where the field is not there.</summary>
    public IReadOnlyList<string>? Texts(string name, bool single)
    {
        if (!_object.TryGetProperty(name, out var value))
            return null;
        if (single && Word(value) is { } one)
            return [one];
        var texts = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(Word).ToList() : [];
        return texts.Count > 0 && texts.All(t => t is not null)
            ? [.. texts.Select(t => t!)]
            : throw new QuestionFileException(
                _place, $"{name}: must be {(single ? "a text or " : "")}a list of texts that are not empty");
    }

    private static string? Word(JsonElement value)
        => value.ValueKind == JsonValueKind.String && value.GetString() is { } text && text.Trim().Length > 0 ? text : null;
}
