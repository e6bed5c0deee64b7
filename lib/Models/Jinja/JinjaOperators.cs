using System.Globalization;

namespace Aim.Models;

/// <summary>Python's operators on template values.</summary>
internal static class JinjaOperators
{
    /// <exception cref="JinjaException">The values cannot be compared.</exception>
    public static bool Compare(JinjaRun run, string sign, object? left, object? right) => sign switch
    {
        "==" => JinjaValue.AreEqual(run, left, right),
        "!=" => !JinjaValue.AreEqual(run, left, right),
        "in" => Contains(run, right, left),
        "not in" => !Contains(run, right, left),
        "<" => Order(sign, left, right) < 0,
        "<=" => Order(sign, left, right) <= 0,
        ">" => Order(sign, left, right) > 0,
        _ => Order(sign, left, right) >= 0,
    };

    private static bool Contains(JinjaRun run, object? container, object? item)
    {
        switch (container)
        {
            case string text when item is string part:
                // Searching may take time as the product of the lengths.
                run.Spend((text.Length / 64) + ((long)text.Length * part.Length / 1024));
                return text.Contains(part, StringComparison.Ordinal);
            case string:
                throw new JinjaException($"in: {JinjaValue.TypeName(item)} cannot be in a string");
            case Dictionary<string, object?> when item is List<object?> or Dictionary<string, object?>:
                throw new JinjaException($"in: {JinjaValue.TypeName(item)} cannot be a key");
            case Dictionary<string, object?> map:
                return item is string key && map.ContainsKey(key);
            default:
                return JinjaValue.Iterate(run, container).Any(i => JinjaValue.AreEqual(run, i, item));
        }
    }

    private static int Order(string sign, object? left, object? right)
    {
        if (left is string a && right is string b)
            return string.CompareOrdinal(a, b);
        if (JinjaValue.AsNumber(left) is { } x && JinjaValue.AsNumber(right) is { } y)
            return x is long i && y is long j ? i.CompareTo(j) : ToDouble(x).CompareTo(ToDouble(y));
        throw Wrong(sign, left, right);
    }

    /// <exception cref="JinjaException">The values have no such operation.</exception>
    public static object? Arithmetic(JinjaRun run, string sign, object? left, object? right)
    {
        switch (sign, left, right)
        {
            case ("~", _, _):
                return Join(run, JinjaValue.Text(run, left), JinjaValue.Text(run, right));
            case (_, JinjaUndefined undefined, _):
                throw undefined.Error();
            case (_, _, JinjaUndefined undefined):
                throw undefined.Error();
            case ("+", string a, string b):
                return Join(run, a, b);
            case ("+", List<object?> a, List<object?> b):
                run.Spend(a.Count + b.Count);
                return new List<object?>([.. a, .. b]);
            case ("*", string a, long count):
                return Repeat(run, a, count);
            case ("*", long count, string a):
                return Repeat(run, a, count);
            case ("%", string, _):
                throw JinjaException.NotSupported("formatting by %");
        }

        if (JinjaValue.AsNumber(left) is not { } x || JinjaValue.AsNumber(right) is not { } y)
            throw Wrong(sign, left, right);
        bool divides = sign is "/" or "//" or "%";
        if (divides && ToDouble(y) == 0)
            throw new JinjaException($"{sign}: division by zero");
        try
        {
            return sign != "/" && x is long i && y is long j ? Whole(sign, i, j) : (object)Real(sign, ToDouble(x), ToDouble(y));
        }
        catch (OverflowException)
        {
            throw JinjaException.NotSupported("a whole number beyond 64 bits");
        }
    }

    // Python rounds quotients down, and remainders have the sign of the divisor.
    private static long Whole(string sign, long a, long b) => sign switch
    {
        "+" => checked(a + b),
        "-" => checked(a - b),
        "*" => checked(a * b),
        "//" => checked(a / b) - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0),
        _ => b == -1 ? 0 : a % b is var rest && rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest,
    };

    private static double Real(string sign, double a, double b) => sign switch
    {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" => a / b,
        "//" => Math.Floor(a / b),
        _ => a - (b * Math.Floor(a / b)),
    };

    private static string Join(JinjaRun run, string a, string b)
    {
        run.SpendText((long)a.Length + b.Length);
        return a + b;
    }

    private static string Repeat(JinjaRun run, string text, long count)
    {
        if (count <= 0 || text.Length == 0)
            return "";
        run.SpendText(count > JinjaRun.MaxOutput * 8L ? count : count * text.Length);
        return new System.Text.StringBuilder().Insert(0, text, (int)count).ToString();
    }

    private static double ToDouble(object number) => Convert.ToDouble(number, CultureInfo.InvariantCulture);

    private static JinjaException Wrong(string sign, object? left, object? right)
        => (left as JinjaUndefined ?? right as JinjaUndefined)?.Error()
            ?? new JinjaException($"{JinjaValue.TypeName(left)} {sign} {JinjaValue.TypeName(right)} is not possible");
}
