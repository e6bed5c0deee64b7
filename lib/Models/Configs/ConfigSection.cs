using System.Text;
using System.Text.Json;

namespace Aim.Models;

/// <summary>
/// One JSON object of a configuration file, read field by field. Unknown fields are ignored and missing (or null) ones take the
/// default that upstream gives them; a field of the wrong type or out of range is a <see cref="CheckpointException"/> that names
/// file and field.
/// </summary>
public readonly struct ConfigSection
{
    private readonly JsonElement _element;
    private readonly string _file;
    private readonly string _path;

    private ConfigSection(JsonElement element, string file, string path)
    {
        _element = element;
        _file = file;
        _path = path;
    }

    // The largest real file, a tokenizer of 256,000 tokens, has 34 MB.
    private const long MostBytes = 128 << 20;

    /// <summary>Reads a whole file, which must hold one JSON object.</summary>
    public static ConfigSection Load(string file)
    {
        PlainFile.Check(file, "a checkpoint directory in Hugging Face's layout holds it", MostBytes);
        return Parse(ReadBytes(file), file);
    }

    /// <summary>A file's bytes.</summary>
    /// <exception cref="CheckpointException">It cannot be read.</exception>
    internal static byte[] ReadBytes(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException($"{file}: cannot be read: {OneLine(e)}", e);
        }
    }

    /// <summary>Reads text; <paramref name="file"/> only names it in messages.</summary>
    public static ConfigSection Parse(string json, string file) => Parse(Encoding.UTF8.GetBytes(json), file);

    /// <summary>Reads bytes, UTF-8; <paramref name="file"/> only names them in messages.</summary>
    internal static ConfigSection Parse(byte[] json, string file)
    {
        var text = json.AsMemory(json.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0);
        if (JsonText.Fault(text.Span) is { } fault)
            throw new CheckpointException($"{file}: {fault}; download or write the file again");
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new CheckpointException($"{file}: a JSON object is expected, not {Kind(document.RootElement)}");
            return new ConfigSection(document.RootElement.Clone(), file, "");
        }
        catch (JsonException e)
        {
            string duplicate = e.Message.Contains("uplicate", StringComparison.Ordinal) ? " (a name occurs twice)" : "";
            throw new CheckpointException(
                $"{file}: not valid JSON{duplicate} at line {e.LineNumber + 1}; download or write the file again", e);
        }
    }

    /// <summary>The file's name, for messages.</summary>
    public string FileName => _file;

    /// <summary>The object itself.</summary>
    public JsonElement Element => _element;

    /// <summary>Whether the field is there and not null.</summary>
    public bool Has(string field) => TryGet(field, out _);

    /// <summary>The object under a field, or null when it is missing.</summary>
    public ConfigSection? Section(string field)
    {
        if (!TryGet(field, out var value))
            return null;
        if (value.ValueKind != JsonValueKind.Object)
            throw Wrong(field, value, "an object");
        return new ConfigSection(value, _file, Path(field));
    }

    /// <summary>The objects of an array; none when it is missing.</summary>
    public IReadOnlyList<ConfigSection> Sections(string field)
    {
        if (!TryGet(field, out var value))
            return [];
        if (value.ValueKind != JsonValueKind.Array)
            throw Wrong(field, value, "an array of objects");
        var sections = new List<ConfigSection>();
        foreach (var item in value.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object)
                throw Wrong($"{field}[{sections.Count}]", item, "an object");
            sections.Add(new ConfigSection(item, _file, Path($"{field}[{sections.Count}]")));
        }

        return sections;
    }

    /// <summary>A whole number of at least <paramref name="min"/> and at most <paramref name="max"/>.</summary>
    public int Int(string field, int fallback, int min = 1, int max = int.MaxValue)
    {
        if (!TryGet(field, out var value))
            return fallback;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out int number) || number < min)
            throw Wrong(field, value, $"a whole number of at least {min}");
        if (number > max)
            throw Error(field, $"{number} is more than the {max} that are supported");
        return number;
    }

    /// <summary>A finite number greater than zero.</summary>
    public double Positive(string field, double fallback)
    {
        if (!TryGet(field, out var value))
            return fallback;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double number)
            || !double.IsFinite(number) || number <= 0)
        {
            throw Wrong(field, value, "a number greater than zero");
        }

        return number;
    }

    /// <summary>A finite number of at least zero.</summary>
    public double NonNegative(string field, double fallback)
        => TryGet(field, out var value) && value.ValueKind == JsonValueKind.Number
            && value.TryGetDouble(out double number) && number == 0
            ? 0
            : Positive(field, fallback);

    /// <summary>Whether the field is there and an array.</summary>
    public bool IsArray(string field) => TryGet(field, out var value) && value.ValueKind == JsonValueKind.Array;

    /// <summary>True or false.</summary>
    public bool Bool(string field, bool fallback)
    {
        if (!TryGet(field, out var value))
            return fallback;
        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw Wrong(field, value, "true or false"),
        };
    }

    /// <summary>A string; with <paramref name="allowed"/>, one of these.</summary>
    public string Text(string field, string fallback, params string[] allowed)
    {
        if (!TryGet(field, out var value))
            return fallback;
        if (value.ValueKind != JsonValueKind.String)
            throw Wrong(field, value, "a string");
        string text = value.GetString()!;
        if (allowed.Length > 0 && !allowed.Contains(text, StringComparer.Ordinal))
            throw Wrong(field, value, string.Join(" or ", allowed.Select(a => $"\"{a}\"")));
        return text;
    }

    /// <summary>An array of whole numbers of at least <paramref name="min"/>, or null when it is missing.</summary>
    public int[]? Ints(string field, int min = 0)
    {
        if (!TryGet(field, out var value))
            return null;
        string expected = $"an array of whole numbers of at least {min}";
        if (value.ValueKind != JsonValueKind.Array)
            throw Wrong(field, value, expected);
        var numbers = new List<int>();
        foreach (var item in value.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Number || !item.TryGetInt32(out int number) || number < min)
                throw Wrong(field, value, expected);
            numbers.Add(number);
        }

        return [.. numbers];
    }

    /// <summary>An array of pairs of whole numbers of at least 1, heights before widths, or null when it is missing.</summary>
    public IReadOnlyList<(int Height, int Width)>? Pairs(string field)
    {
        if (!TryGet(field, out var value))
            return null;
        const string Expected = "an array of at least one pair [height, width] of whole numbers of at least 1";
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0)
            throw Wrong(field, value, Expected);
        var pairs = new List<(int, int)>();
        foreach (var item in value.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Array || item.GetArrayLength() != 2
                || !IsSize(item[0], out int height) || !IsSize(item[1], out int width))
            {
                throw Wrong(field, value, Expected);
            }

            pairs.Add((height, width));
        }

        return pairs;

        static bool IsSize(JsonElement element, out int size)
        {
            size = 0;
            return element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out size) && size >= 1;
        }
    }

    /// <summary>An array of <paramref name="count"/> finite numbers.</summary>
    public double[] Numbers(string field, double[] fallback, int count)
    {
        if (!TryGet(field, out var value))
            return fallback;
        string expected = $"an array of {count} numbers";
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() != count)
            throw Wrong(field, value, expected);
        var numbers = new double[count];
        for (int i = 0; i < count; i++)
        {
            if (value[i].ValueKind != JsonValueKind.Number || !value[i].TryGetDouble(out numbers[i])
                || !double.IsFinite(numbers[i]))
            {
                throw Wrong(field, value, expected);
            }
        }

        return numbers;
    }

    /// <summary>The error for a field whose value is well typed but does not fit the others.</summary>
    public CheckpointException Error(string field, string problem) => new($"{_file}: {Path(field)}: {problem}");

    private bool TryGet(string field, out JsonElement value)
    {
        value = default;
        return _element.ValueKind == JsonValueKind.Object && _element.TryGetProperty(field, out value)
            && value.ValueKind != JsonValueKind.Null;
    }

    private string Path(string field) => _path.Length == 0 ? field : $"{_path}.{field}";

    private CheckpointException Wrong(string field, JsonElement value, string expected)
    {
        string raw = OneLine(value.GetRawText());
        if (raw.Length > 60)
            raw = string.Concat(raw.AsSpan(0, 57), "...");
        return new CheckpointException($"{_file}: {Path(field)} is {raw}, but must be {expected}");
    }

    private static string Kind(JsonElement element) => element.ValueKind.ToString().ToLowerInvariant();

    private static string OneLine(Exception e) => OneLine(e.Message);

    private static string OneLine(string text)
        => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
