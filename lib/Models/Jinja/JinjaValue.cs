using System.Collections;
using System.Globalization;
using System.Text;

namespace Aim.Models;

/// <summary>What a name, member or item that does not exist gives: false, empty, and an error where a value is needed.</summary>
internal sealed class JinjaUndefined(string what)
{
    public JinjaException Error() => new($"{what} is undefined");
}

/// <summary>What <c>namespace(...)</c> makes: values that a template can set from inside a loop.</summary>
internal sealed class JinjaNamespace(Dictionary<string, object?> values)
{
    public Dictionary<string, object?> Values { get; } = values;
}

/// <summary>The variable <c>loop</c> of one round of a loop.</summary>
internal sealed record JinjaLoop(IReadOnlyList<object?> Items, int Index);

/// <summary>
/// Values as Python has them: strings, bools, longs, doubles, null (None), lists and dictionaries. All that walks a value counts
/// its parts, and refuses nesting that JSON does not have: a template can build values that are exponentially large or deep.
/// </summary>
internal static class JinjaValue
{
    private const int MaxDepth = 100;

    /// <summary>Python's notion of white space.</summary>
    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\x1c' and <= '\x1f';

    /// <summary>Python's notion of truth.</summary>
    public static bool IsTrue(object? value) => value switch
    {
        null or JinjaUndefined => false,
        bool b => b,
        string s => s.Length > 0,
        long i => i != 0,
        double d => d != 0,
        ICollection c => c.Count > 0,
        _ => true,
    };

    /// <summary>Python's name of a value's type.</summary>
    public static string TypeName(object? value) => value switch
    {
        null => "None",
        string => "a string",
        bool => "a bool",
        long or double => "a number",
        List<object?> => "a list",
        Dictionary<string, object?> => "a dictionary",
        JinjaUndefined => "an undefined value",
        JinjaNamespace => "a namespace",
        JinjaLoop => "loop",
        JinjaFunction => "a function",
        _ => throw new InvalidOperationException(value.GetType().Name),
    };

    /// <summary>What a value can be iterated over as: a list's items, a dictionary's keys, a string's characters.</summary>
    public static IReadOnlyList<object?> Iterate(JinjaRun run, object? value)
    {
        List<object?> items = value switch
        {
            List<object?> list => list,
            JinjaUndefined => [],
            Dictionary<string, object?> map => [.. map.Keys],
            string text => [.. text.EnumerateRunes().Select(r => r.ToString())],
            _ => throw new JinjaException($"{TypeName(value)} cannot be iterated over"),
        };
        run.Spend(items.Count);
        return items;
    }

    /// <summary>Python's <c>==</c>.</summary>
    public static bool AreEqual(JinjaRun run, object? a, object? b, int depth = 0)
    {
        run.Spend(1);
        CheckDepth(depth);
        switch (a, b)
        {
            case (string x, string y):
                run.SpendText(Math.Min(x.Length, y.Length) / 16);
                return x == y;
            case (List<object?> x, List<object?> y):
                return x.Count == y.Count && x.Zip(y).All(p => AreEqual(run, p.First, p.Second, depth + 1));
            case (Dictionary<string, object?> x, Dictionary<string, object?> y):
                return x.Count == y.Count
                    && x.All(p => y.TryGetValue(p.Key, out object? other) && AreEqual(run, p.Value, other, depth + 1));
            case (JinjaUndefined, JinjaUndefined):
                return true;
            default:
                return AsNumber(a) is { } m && AsNumber(b) is { } n ? NumbersEqual(m, n) : ReferenceEquals(a, b);
        }
    }

    private static bool NumbersEqual(object a, object b) => (a, b) switch
    {
        (long x, long y) => x == y,
        _ => Convert.ToDouble(a, CultureInfo.InvariantCulture) == Convert.ToDouble(b, CultureInfo.InvariantCulture),
    };

    /// <summary>A long or a double; bools are numbers in Python. Null for the rest.</summary>
    public static object? AsNumber(object? value) => value switch
    {
        bool b => b ? 1L : 0L,
        long or double => value,
        _ => (object?)null,
    };

    /// <summary>Python's <c>str()</c>; nothing for an undefined value.</summary>
    public static string Text(JinjaRun run, object? value) => value switch
    {
        string text => text,
        JinjaUndefined => "",
        _ => Written(run, value, Style.Python),
    };

    /// <summary>Python's <c>json.dumps(value, ensure_ascii=False)</c>.</summary>
    public static string Json(JinjaRun run, object? value, int? indent = null) => Written(run, value, new Style(true, indent));

    private sealed record Style(bool IsJson, int? Indent)
    {
        public static readonly Style Python = new(false, null);

        public string Line(int depth) => Indent is { } n ? "\n" + new string(' ', n * depth) : "";

        public string Separator => Indent is null ? ", " : ",";
    }

    private static string Written(JinjaRun run, object? value, Style style)
    {
        var result = new StringBuilder();
        Write(run, value, style, result, 0);
        return result.ToString();
    }

    private static void Write(JinjaRun run, object? value, Style style, StringBuilder result, int depth)
    {
        CheckDepth(depth);
        int before = result.Length;
        switch (value)
        {
            case null:
                result.Append(style.IsJson ? "null" : "None");
                break;
            case bool b:
                result.Append(style.IsJson ? (b ? "true" : "false") : (b ? "True" : "False"));
                break;
            case long i:
                result.Append(i.ToString(CultureInfo.InvariantCulture));
                break;
            case double d:
                result.Append(Number(d, style.IsJson));
                break;
            case string text when style.IsJson:
                Quote(text, result);
                break;
            case string text:
                Repr(text, result);
                break;
            case List<object?> list:
                WriteAll(run, list, ('[', ']'), style, result, depth, item => Write(run, item, style, result, depth + 1));
                return;
            case Dictionary<string, object?> map:
                WriteAll(run, map, ('{', '}'), style, result, depth, pair =>
                {
                    Write(run, pair.Key, style, result, depth + 1);
                    result.Append(": ");
                    Write(run, pair.Value, style, result, depth + 1);
                });
                return;
            case JinjaUndefined undefined:
                throw undefined.Error();
            default:
                throw JinjaException.NotSupported($"writing {TypeName(value)} as text");
        }

        run.SpendText(result.Length - before);
    }

    private static void WriteAll<T>(
        JinjaRun run, ICollection<T> items,
            (char Open, char Close) signs, Style style, StringBuilder result, int depth, Action<T> write)
    {
        result.Append(signs.Open);
        bool first = true;
        foreach (var item in items)
        {
            run.Spend(1 + ((style.Indent ?? 0) * depth / 4));
            result.Append(first ? "" : style.Separator).Append(style.Line(depth + 1));
            first = false;
            write(item);
        }

        if (!first)
            result.Append(style.Line(depth));
        result.Append(signs.Close);
    }

    private static void CheckDepth(int depth)
    {
        if (depth > MaxDepth)
            throw new JinjaException($"a value nested more than {MaxDepth} deep");
    }

    // The shortest digits that read back as the number, in Python's form.
    private static string Number(double value, bool json)
    {
        if (!double.IsFinite(value))
        {
            string name = double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
            return !json ? name : name == "nan" ? "NaN" : name.Replace("inf", "Infinity", StringComparison.Ordinal);
        }

        string shortest = value.ToString("R", CultureInfo.InvariantCulture);
        double size = Math.Abs(value);
        if (size is 0 or (>= 1e-4 and < 1e16))
        {
            // All such numbers fit into a decimal, which is never written with an exponent.
            string plain = value == 0 ? shortest : decimal.Parse(shortest, NumberStyles.Float, CultureInfo.InvariantCulture)
                .ToString(CultureInfo.InvariantCulture);
            return plain.Contains('.') ? plain : plain + ".0";
        }

        string digits = shortest.TrimStart('-').Split('E')[0].Replace(".", "", StringComparison.Ordinal).Trim('0');
        int exponent = int.Parse(value.ToString("E16", CultureInfo.InvariantCulture).Split('E')[1], CultureInfo.InvariantCulture);
        string mantissa = digits.Length > 1 ? $"{digits[0]}.{digits[1..]}" : digits;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(value < 0 ? "-" : "")}{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
    }

    private static void Quote(string text, StringBuilder result)
    {
        result.Append('"');
        foreach (char c in text)
        {
            _ = c switch
            {
                '"' => result.Append("\\\""),
                '\\' => result.Append("\\\\"),
                '\n' => result.Append("\\n"),
                '\r' => result.Append("\\r"),
                '\t' => result.Append("\\t"),
                '\b' => result.Append("\\b"),
                '\f' => result.Append("\\f"),
                < ' ' => result.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => result.Append(c),
            };
        }

        result.Append('"');
    }

    private static void Repr(string text, StringBuilder result)
    {
        char quote = text.Contains('\'') && !text.Contains('"') ? '"' : '\'';
        result.Append(quote);
        foreach (var rune in text.EnumerateRunes())
        {
            int code = rune.Value;
            if (code == quote || code == '\\')
                result.Append('\\').Append((char)code);
            else if (code is '\n' or '\r' or '\t')
                result.Append(code == '\n' ? "\\n" : code == '\r' ? "\\r" : "\\t");
            else if (code == ' ' || IsPrintable(rune))
                result.Append(rune.ToString());
            else if (code < 0x100)
                result.Append(CultureInfo.InvariantCulture, $"\\x{code:x2}");
            else
                result.Append(code < 0x10000 ? "\\u" : "\\U")
                    .Append(code.ToString(code < 0x10000 ? "x4" : "x8", CultureInfo.InvariantCulture));
        }

        result.Append(quote);
    }

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.SpaceSeparator);
}
