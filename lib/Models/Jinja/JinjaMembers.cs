namespace Aim.Models;

/// <summary>
/// Members and items of values. Python's methods that templates use are there; another method of Python's is an error that names
/// it, and a member that Python would not have either is undefined. Nothing beyond the values can be reached.
/// </summary>
internal static class JinjaMembers
{
    private static readonly Dictionary<string, Func<string, JinjaRun, JinjaCall, object?>> s_text = new(StringComparer.Ordinal)
    {
        ["upper"] = (text, run, _) => JinjaFilters.Apply(run, "upper", text, JinjaCall.None),
        ["lower"] = (text, run, _) => JinjaFilters.Apply(run, "lower", text, JinjaCall.None),
        ["strip"] = (text, run, call) => Strip(run, text, call, true, true),
        ["lstrip"] = (text, run, call) => Strip(run, text, call, true, false),
        ["rstrip"] = (text, run, call) => Strip(run, text, call, false, true),
        ["startswith"] = (text, _, call) => text.StartsWith(call.Text("startswith", 0), StringComparison.Ordinal),
        ["endswith"] = (text, _, call) => text.EndsWith(call.Text("endswith", 0), StringComparison.Ordinal),
        ["split"] = Split,
        ["replace"] = (text, run, call) => JinjaFilters.Apply(run, "replace", text, call),
    };

    private static readonly Dictionary<string, Func<Dictionary<string, object?>, JinjaRun, JinjaCall, object?>> s_map =
        new(StringComparer.Ordinal)
        {
            ["items"] = (map, run, _) => JinjaFilters.Apply(run, "items", map, JinjaCall.None),
            ["keys"] = (map, run, _) => JinjaValue.Iterate(run, map).ToList(),
            ["values"] = (map, run, _) =>
            {
                run.Spend(map.Count);
                return map.Values.ToList();
            },
            ["get"] = (map, _, call)
                => map.TryGetValue(call.Text("get", 0), out object? value) ? value : call.Positional.ElementAtOrDefault(1),
        };

    // What else Python's types have: naming one must not pass for an absent member.
    private static readonly Dictionary<Type, HashSet<string>> s_unsupported = new()
    {
        [typeof(string)] =
        [
            "capitalize", "casefold", "center", "count", "encode", "expandtabs", "find", "format", "format_map", "index",
            "isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "isidentifier", "islower", "isnumeric",
            "isprintable", "isspace", "istitle", "isupper", "join", "ljust", "maketrans", "partition", "removeprefix",
            "removesuffix", "rfind", "rindex", "rjust", "rpartition", "rsplit", "splitlines", "swapcase", "title",
            "translate", "zfill",
        ],
        [typeof(Dictionary<string, object?>)] = ["clear", "copy", "fromkeys", "pop", "popitem", "setdefault", "update"],
        [typeof(List<object?>)] =
            ["append", "clear", "copy", "count", "extend", "index", "insert", "pop", "remove", "reverse", "sort"],
        [typeof(long)] = ["bit_length", "conjugate", "denominator", "imag", "numerator", "real", "to_bytes"],
        [typeof(double)] = ["as_integer_ratio", "conjugate", "hex", "imag", "is_integer", "real"],
    };

    /// <summary><c>target.name</c>: a method if the type has it, else the item of that key.</summary>
    public static object? Attribute(JinjaRun run, object? target, string name)
    {
        if (target is JinjaUndefined undefined)
            throw undefined.Error();
        return Method(target, name) ?? (target is Dictionary<string, object?> map && map.TryGetValue(name, out object? value)
            ? value
            : target is JinjaNamespace space && space.Values.TryGetValue(name, out value) ? value
            : target is JinjaLoop loop ? Loop(loop, name)
            : Missing(target, name));
    }

    /// <summary><c>target[key]</c>: the item of that key, else a method.</summary>
    public static object? Item(JinjaRun run, object? target, object? key)
    {
        switch (target, JinjaValue.AsNumber(key) ?? key)
        {
            case (JinjaUndefined undefined, _):
                throw undefined.Error();
            case (Dictionary<string, object?> map, string name) when map.TryGetValue(name, out object? value):
                return value;
            case (List<object?> list, long index):
                return index < 0 && (index += list.Count) < 0 || index >= list.Count ? Missing(target, $"{index}")
                    : list[(int)index];
            case (string text, long index):
                var characters = JinjaValue.Iterate(run, text);
                return index < 0 && (index += characters.Count) < 0 || index >= characters.Count
                    ? Missing(target, $"{index}")
                    : characters[(int)index];
            case (_, string name):
                return Method(target, name)
                    ?? (target is JinjaLoop or JinjaNamespace ? Attribute(run, target, name) : Missing(target, name));
            default:
                return Missing(target, JinjaValue.TypeName(key));
        }
    }

    /// <summary><c>target[start:stop:step]</c>; bounds are numbers or null.</summary>
    public static object? Slice(JinjaRun run, object? target, object?[] bounds)
    {
        if (target is JinjaUndefined undefined)
            throw undefined.Error();
        if (target is not (string or List<object?>))
            return Missing(target, "slice");
        long? Bound(int i) => bounds[i] switch
        {
            null => null,
            long n => n,
            _ => throw new JinjaException($"a slice needs whole numbers, not {JinjaValue.TypeName(bounds[i])}"),
        };
        var items = JinjaValue.Iterate(run, target);
        long step = Bound(2) ?? 1, count = items.Count;
        if (step == 0)
            throw new JinjaException("a slice's step cannot be zero");
        long Clamp(long? bound, long fallback) => bound is not { } b ? fallback
            : Math.Clamp(b < 0 ? b + count : b, step > 0 ? 0 : -1, step > 0 ? count : count - 1);
        long start = Clamp(Bound(0), step > 0 ? 0 : count - 1), stop = Clamp(Bound(1), step > 0 ? count : -1);
        var taken = new List<object?>();
        for (long i = start; (step > 0 ? i < stop : i > stop) && Math.Abs(step) <= count; i += step)
            taken.Add(items[(int)i]);
        if (Math.Abs(step) > count && (step > 0 ? start < stop : start > stop))
            taken.Add(items[(int)start]);
        return target is string ? string.Concat(taken) : taken;
    }

    private static JinjaFunction? Method(object? target, string name)
    {
        if (name.StartsWith("__", StringComparison.Ordinal))
            throw JinjaException.NotSupported($"the member {name}");
        if (target is string text && s_text.TryGetValue(name, out var method))
            return new JinjaFunction((run, call) => method(text, run, call));
        if (target is Dictionary<string, object?> map && s_map.TryGetValue(name, out var ofMap))
            return new JinjaFunction((run, call) => ofMap(map, run, call));
        if (target is not null && s_unsupported.TryGetValue(target.GetType(), out var names) && names.Contains(name))
            throw JinjaException.NotSupported($"the method {name} of {JinjaValue.TypeName(target)}");
        return null;
    }

    private static JinjaUndefined Missing(object? target, string name)
        => new($"'{name}' of {JinjaValue.TypeName(target)}");

    private static object? Loop(JinjaLoop loop, string name) => name switch
    {
        "index" => loop.Index + 1L,
        "index0" => (long)loop.Index,
        "revindex" => (long)loop.Items.Count - loop.Index,
        "revindex0" => loop.Items.Count - loop.Index - 1L,
        "first" => loop.Index == 0,
        "last" => loop.Index == loop.Items.Count - 1,
        "length" => (long)loop.Items.Count,
        "previtem" => loop.Index > 0 ? loop.Items[loop.Index - 1] : Missing(loop, name),
        "nextitem" => loop.Index + 1 < loop.Items.Count ? loop.Items[loop.Index + 1] : Missing(loop, name),
        "cycle" or "changed" or "depth" or "depth0" => throw JinjaException.NotSupported($"loop.{name}"),
        _ => Missing(loop, name),
    };

    private static string Strip(JinjaRun run, string text, JinjaCall call, bool start, bool end)
    {
        string? given = call.Positional.Count > 0 && call.Positional[0] is not null ? call.Text("strip", 0) : null;
        run.Spend((long)text.Length * (given?.Length ?? 1) / 64);
        bool Stripped(char c) => given is null ? JinjaValue.IsSpace(c) : given.Contains(c);
        int from = 0, to = text.Length;
        while (start && from < to && Stripped(text[from]))
            from++;
        while (end && to > from && Stripped(text[to - 1]))
            to--;
        return text[from..to];
    }

    private static List<object?> Split(string text, JinjaRun run, JinjaCall call)
    {
        run.SpendText(text.Length * 2L);
        if (call.Positional.Count > 1 || call.Named.Count > 0)
            throw JinjaException.NotSupported("split with more than a separator");
        if (call.Positional.Count == 0 || call.Positional[0] is null)
        {
            string spaced = string.Concat(text.Select(c => JinjaValue.IsSpace(c) ? ' ' : c));
            return [.. spaced.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        }

        string separator = call.Text("split", 0);
        run.Spend((long)text.Length * separator.Length / 1024);
        return separator.Length > 0 ? [.. text.Split(separator)] : throw new JinjaException("split: the separator is empty");
    }
}
