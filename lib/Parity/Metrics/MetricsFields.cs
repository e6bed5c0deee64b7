using System.Text.Json;

namespace Aim.Parity;

/// <summary>Fields of a metric's file, and how its values are compared.</summary>
internal static class MetricsFields
{
    /// <summary>README of the fixtures: 1e-9 unless a file says otherwise.</summary>
    public static readonly Tolerance Usual = new(1e-9, 1e-9);

    /// <summary>The items of a list, which must be there.</summary>
    public static JsonElement[] NeedItems(this JsonElement element, string field)
        => [.. element.NeedArray(field).EnumerateArray()];

    /// <summary>A field that must be an array of strings.</summary>
    public static string[] NeedTexts(this JsonElement element, string field)
        => [.. element.NeedItems(field).Select(e => e.ValueKind == JsonValueKind.String
            ? e.GetString()!
            : throw new BadFixtureException($"the field {field} must be an array of strings"))];

    /// <summary>A number that must be met within <see cref="Usual"/>.</summary>
    public static void Number(this Comparison c, JsonElement expected, string field, double actual, string? name = null)
        => c.Close(name ?? field, [actual], [expected.NeedNumber(field)], Usual);

    /// <summary>A number of each item, which must be met within <see cref="Usual"/>.</summary>
    public static void Numbers(this Comparison c, JsonElement[] items, string field, Func<JsonElement, double> actual)
        => c.Close(field, [.. items.Select(actual)], [.. items.Select(i => i.NeedNumber(field))], Usual);

    /// <summary>A text of each item, which must be met.</summary>
    public static void Texts(this Comparison c, JsonElement[] items, string field, Func<JsonElement, string> actual)
    {
        for (int i = 0; i < items.Length; i++)
            c.Text($"{field} of item {i}", actual(items[i]), items[i].NeedText(field));
    }

    /// <summary>A text that must be met.</summary>
    public static void Text(this Comparison c, string what, string actual, string expected)
        => c.Holds(actual == expected, $"{what} is '{actual}', expected '{expected}'");

    /// <summary>A number for each name, of which neither side may have more.</summary>
    public static void Named(
        this Comparison c, string what, IReadOnlyDictionary<string, double> actual, JsonElement expected)
    {
        foreach (var field in expected.EnumerateObject())
        {
            if (actual.TryGetValue(field.Name, out double value))
                c.Number(expected, field.Name, value, what);
            else
                c.Holds(false, $"{what} has no {field.Name}");
        }

        var extra = actual.Keys.Where(k => !expected.Has(k)).ToList();
        c.Holds(extra.Count == 0, $"{what} has {string.Join(", ", extra)}, which is not expected");
    }
}
