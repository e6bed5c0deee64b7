namespace Aim.Models;

/// <summary>The filters: <c>value | name(arguments)</c>.</summary>
internal static class JinjaFilters
{
    private static readonly Dictionary<string, Func<JinjaRun, object?, JinjaCall, object?>> s_filters =
        new(StringComparer.Ordinal)
        {
            ["default"] = Default,
            ["first"] = (run, value, call) => At(run, "first", value, call, first: true),
            ["items"] = Items,
            ["join"] = Join,
            ["last"] = (run, value, call) => At(run, "last", value, call, first: false),
            ["length"] = Length,
            ["list"] = (run, value, call) => JinjaValue.Iterate(run, value).ToList(),
            ["lower"] = (run, value, call) => Change(run, "lower", value, call, s => s.ToLowerInvariant()),
            ["rejectattr"] = (run, value, call) => SelectAttribute(run, value, call, wanted: false),
            ["replace"] = Replace,
            ["selectattr"] = (run, value, call) => SelectAttribute(run, value, call, wanted: true),
            ["string"] = (run, value, call) => JinjaValue.Text(run, value),
            ["tojson"] = ToJson,
            ["trim"] = Trim,
            ["upper"] = (run, value, call) => Change(run, "upper", value, call, s => s.ToUpperInvariant()),
        };

    /// <summary>The filters that there are.</summary>
    public static IReadOnlyCollection<string> Names { get; } = [.. s_filters.Keys];

    public static object? Apply(JinjaRun run, string name, object? value, JinjaCall call) => s_filters[name](run, value, call);

    private static object? Default(JinjaRun run, object? value, JinjaCall call)
    {
        call.Allow("default", 2, "default_value", "boolean");
        bool falsy = call.TryGet(1, "boolean", out object? also) && JinjaValue.IsTrue(also);
        if (value is not JinjaUndefined && !(falsy && !JinjaValue.IsTrue(value)))
            return value;
        return call.TryGet(0, "default_value", out object? other) ? other : "";
    }

    private static object? At(JinjaRun run, string name, object? value, JinjaCall call, bool first)
    {
        call.Allow(name, 0);
        var items = JinjaValue.Iterate(run, value);
        return items.Count == 0 ? new JinjaUndefined($"{name} of nothing") : items[first ? 0 : items.Count - 1];
    }

    private static List<object?> Items(JinjaRun run, object? value, JinjaCall call)
    {
        call.Allow("items", 0);
        if (value is JinjaUndefined)
            return [];
        if (value is not Dictionary<string, object?> map)
            throw new JinjaException($"items: a dictionary is expected, not {JinjaValue.TypeName(value)}");
        run.Spend(map.Count);
        return [.. map.Select(p => new List<object?> { p.Key, p.Value })];
    }

    private static string Join(JinjaRun run, object? value, JinjaCall call)
    {
        call.Allow("join", 1, "d");
        string separator = call.TryGet(0, "d", out object? between) ? JinjaValue.Text(run, between) : "";
        var parts = new List<string>();
        foreach (object? item in JinjaValue.Iterate(run, value))
        {
            parts.Add(JinjaValue.Text(run, item));
            run.SpendText((long)parts[^1].Length + separator.Length);
        }

        return string.Join(separator, parts);
    }

    private static object? Length(JinjaRun run, object? value, JinjaCall call)
    {
        call.Allow("length", 0);
        return value switch
        {
            List<object?> list => (long)list.Count,
            Dictionary<string, object?> map => (long)map.Count,
            JinjaUndefined => 0L,
            string => (long)JinjaValue.Iterate(run, value).Count,
            _ => throw new JinjaException($"length: {JinjaValue.TypeName(value)} has none"),
        };
    }

    private static string Change(JinjaRun run, string name, object? value, JinjaCall call, Func<string, string> change)
    {
        call.Allow(name, 0);
        string text = JinjaValue.Text(run, value);
        run.SpendText(text.Length);
        return change(text);
    }

    private static string Trim(JinjaRun run, object? value, JinjaCall call)
    {
        call.Allow("trim", 1, "chars");
        object? characters = call.TryGet(0, "chars", out object? given) ? given : null;
        string text = JinjaValue.Text(run, value);
        var strip = (JinjaFunction)JinjaMembers.Attribute(run, text, "strip")!;
        return (string)strip.Invoke(run, new JinjaCall([characters], JinjaCall.None.Named))!;
    }

    private static string Replace(JinjaRun run, object? value, JinjaCall call)
    {
        call.Allow("replace", 2, "old", "new");
        string text = JinjaValue.Text(run, value), old = call.Text("replace", 0, "old"), fresh = call.Text("replace", 1, "new");
        if (old.Length == 0)
            throw JinjaException.NotSupported("replace of nothing");
        run.SpendText(text.Length + ((long)text.Length / old.Length * fresh.Length));
        run.Spend((long)text.Length * old.Length / 1024);
        return text.Replace(old, fresh, StringComparison.Ordinal);
    }

    private static string ToJson(JinjaRun run, object? value, JinjaCall call)
    {
        call.Allow("tojson", 0, "indent", "ensure_ascii");
        if (call.Named.TryGetValue("ensure_ascii", out object? ascii) && JinjaValue.IsTrue(ascii))
            throw JinjaException.NotSupported("tojson with ensure_ascii");
        object? indent = call.Named.GetValueOrDefault("indent");
        if (indent is not (null or (>= 0L and <= 16L)))
            throw JinjaException.NotSupported("tojson with an indent that is no number in 0 .. 16");
        return JinjaValue.Json(run, value, (int?)(long?)indent);
    }

    // An attribute may be a path, 'a.b'; without a test, its truth decides.
    private static List<object?> SelectAttribute(JinjaRun run, object? value, JinjaCall call, bool wanted)
    {
        string[] path = call.Text("selectattr", 0).Split('.');
        string? test = call.Positional.Count > 1 ? call.Text("selectattr", 1) : null;
        if (test is not null && !JinjaTests.Names.Contains(test))
            throw JinjaException.NotSupported($"the test {test}");
        var arguments = new JinjaCall([.. call.Positional.Skip(2)], call.Named);
        bool Holds(object? item)
        {
            foreach (string part in path)
                item = JinjaMembers.Item(run, item, long.TryParse(part, out long index) ? index : part);
            return test is null ? JinjaValue.IsTrue(item) : JinjaTests.Holds(run, test, item, arguments);
        }

        // As upstream: of nothing, be it null, nothing is selected.
        return JinjaValue.IsTrue(value) ? [.. JinjaValue.Iterate(run, value).Where(item => Holds(item) == wanted)] : [];
    }
}
