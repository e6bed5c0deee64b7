using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Aim.Parity;

/// <summary>
/// Results as text, a line a case, and as JSON. Names and reasons may come from hostile files: control characters are taken out.
/// </summary>
public static class CaseReport
{
    /// <summary>How a status is spelled.</summary>
    public static string Spell(CaseStatus status) => status switch
    {
        CaseStatus.Pass => "pass",
        CaseStatus.Fail => "fail",
        CaseStatus.NotSupported => "not-supported",
        _ => "informative",
    };

    /// <summary>Status, kind/name, each tensor's largest absolute (and relative) difference, reason.</summary>
    public static string Line(CaseResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var line = new StringBuilder($"{Spell(result.Status),-13} {result.Kind}/{result.Name}");
        string separator = "  ";
        foreach (var (tensor, abs, rel) in result.Differences)
        {
            line.Append(CultureInfo.InvariantCulture, $"{separator}{tensor} {Number(abs)} ({Number(rel)})");
            separator = ", ";
        }

        if (result.Reason is { } reason)
            line.Append("  # ").Append(reason);
        return OneLine(line.ToString());
    }

    /// <summary>
    /// Writes <c>{"cases":[...],"summary":{...}}</c>. A difference that is not finite (nothing to compare with, an infinity met a
    /// number) is null, which is what JSON has; <c>reason</c> is left out where there is none.
    /// </summary>
    public static void WriteJson(Stream target, IEnumerable<CaseResult> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        var counts = new CaseCounts();
        using var json = new Utf8JsonWriter(target);
        json.WriteStartObject();
        json.WriteStartArray("cases");
        foreach (var result in results)
        {
            counts.Add(result);
            Write(json, result);
        }

        json.WriteEndArray();
        json.WriteStartObject("summary");
        Write(json, counts.Total);
        json.WriteStartObject("kinds");
        foreach (var (kind, count) in counts.ByKind)
        {
            json.WriteStartObject(kind);
            Write(json, count);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>The text without line breaks and control characters.</summary>
    public static string OneLine(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return string.Create(text.Length, text, static (target, source) =>
        {
            for (int i = 0; i < source.Length; i++)
                target[i] = char.IsControl(source[i]) || source[i] is '\u2028' or '\u2029' ? ' ' : source[i];
        });
    }

    private static void Write(Utf8JsonWriter json, CaseResult result)
    {
        json.WriteStartObject();
        json.WriteString("kind", result.Kind);
        json.WriteString("name", result.Name);
        json.WriteString("status", Spell(result.Status));
        json.WriteStartArray("differences");
        foreach (var (tensor, abs, rel) in result.Differences)
        {
            json.WriteStartObject();
            json.WriteString("tensor", tensor);
            Write(json, "abs", abs);
            Write(json, "rel", rel);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (result.Reason is { } reason)
            json.WriteString("reason", reason);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
            json.WriteNumber(name, value);
        else
            json.WriteNull(name);
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyDictionary<CaseStatus, int> counts)
    {
        json.WriteNumber("total", counts.Values.Sum());
        foreach (var status in Enum.GetValues<CaseStatus>())
            json.WriteNumber(Spell(status), counts.GetValueOrDefault(status));
    }

    private static string Number(double value) => value.ToString("0.##e+0", CultureInfo.InvariantCulture);
}

/// <summary>How many cases ended in which way, by kind and in all.</summary>
public sealed class CaseCounts
{
    private readonly SortedDictionary<string, Dictionary<CaseStatus, int>> _kinds = new(StringComparer.Ordinal);
    private readonly Dictionary<CaseStatus, int> _total = [];

    /// <summary>Cases by how they ended.</summary>
    public IReadOnlyDictionary<CaseStatus, int> Total => _total;

    /// <summary>The same for each kind, in the order of their names.</summary>
    public IEnumerable<(string Kind, IReadOnlyDictionary<CaseStatus, int> Counts)> ByKind
        => _kinds.Select(k => (k.Key, (IReadOnlyDictionary<CaseStatus, int>)k.Value));

    /// <summary>Counts one more.</summary>
    public void Add(CaseResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        if (!_kinds.TryGetValue(result.Kind, out var kind))
            _kinds[result.Kind] = kind = [];
        kind[result.Status] = kind.GetValueOrDefault(result.Status) + 1;
        _total[result.Status] = _total.GetValueOrDefault(result.Status) + 1;
    }
}
