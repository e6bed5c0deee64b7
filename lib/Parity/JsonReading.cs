using System.Text.Json;

namespace Aim.Parity;

/// <summary>Fields of a fixture's JSON, with errors that name them.</summary>
public static class JsonReading
{
    /// <summary>A field that must be there.</summary>
    /// <exception cref="BadFixtureException">It is not.</exception>
    public static JsonElement Need(this JsonElement element, string field)
        => element.TryField(field, out var value) ? value : throw new BadFixtureException($"the field {field} is missing");

    /// <summary>A field, if the element is an object that has it.</summary>
    public static bool TryField(this JsonElement element, string field, out JsonElement value)
    {
        value = default;
        return element.ValueKind == JsonValueKind.Object && element.TryGetProperty(field, out value);
    }

    /// <summary>Whether the element is an object with this field.</summary>
    public static bool Has(this JsonElement element, string field) => element.TryField(field, out _);

    /// <summary>A field that must be a string.</summary>
    public static string NeedText(this JsonElement element, string field)
        => element.Need(field) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : throw Wrong(field, "a string");

    /// <summary>A field that must be a number.</summary>
    public static double NeedNumber(this JsonElement element, string field)
        => element.Need(field) is { ValueKind: JsonValueKind.Number } number
            ? number.GetDouble()
            : throw Wrong(field, "a number");

    /// <summary>A field that must be a whole number.</summary>
    public static int NeedInt(this JsonElement element, string field)
        => element.Need(field) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out int value)
            ? value
            : throw Wrong(field, "a whole number");

    /// <summary>A field that must be true or false.</summary>
    public static bool NeedBool(this JsonElement element, string field) => element.Need(field).ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong(field, "true or false"),
    };

    /// <summary>A field that must be an array.</summary>
    public static JsonElement NeedArray(this JsonElement element, string field)
        => element.Need(field) is { ValueKind: JsonValueKind.Array } array ? array : throw Wrong(field, "an array");

    /// <summary>A field that must be an array of whole numbers.</summary>
    public static int[] NeedInts(this JsonElement element, string field)
    {
        static int? Whole(JsonElement e) => e.ValueKind == JsonValueKind.Number && e.TryGetInt32(out int value) ? value : null;
        var items = element.NeedArray(field).EnumerateArray();
        return [.. items.Select(e => Whole(e) ?? throw Wrong(field, "an array of whole numbers"))];
    }

    /// <summary>A field that must be an array of numbers.</summary>
    public static double[] NeedNumbers(this JsonElement element, string field)
        => [.. element.NeedArray(field).EnumerateArray().Select(e => e.ValueKind == JsonValueKind.Number
            ? e.GetDouble()
            : throw Wrong(field, "an array of numbers"))];

    /// <summary>A string, or null where the field is absent or something else.</summary>
    public static string? TextOrNull(this JsonElement element, string field)
        => element.TryField(field, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static BadFixtureException Wrong(string field, string expected) => new($"the field {field} must be {expected}");
}
