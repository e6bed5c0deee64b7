namespace Aim.Models;

/// <summary>The values that a function, method, filter or test is called with.</summary>
internal sealed record JinjaCall(IReadOnlyList<object?> Positional, IReadOnlyDictionary<string, object?> Named)
{
    public static readonly JinjaCall None = new([], new Dictionary<string, object?>());

    /// <summary>An argument by its place or its name; false where it is not given.</summary>
    public bool TryGet(int index, string name, out object? value)
    {
        if (index >= Positional.Count)
            return Named.TryGetValue(name, out value);
        value = Positional[index];
        return true;
    }

    /// <summary>An argument that must be a string.</summary>
    public string Text(string function, int index, string name = "")
        => !TryGet(index, name, out object? value) ? throw new JinjaException($"{function}: argument {index + 1} is missing")
            : value as string
                ?? throw new JinjaException($"{function}: argument {index + 1} is no string, but {JinjaValue.TypeName(value)}");

    /// <summary>Refuses more arguments than are known.</summary>
    public void Allow(string function, int positional, params string[] named)
    {
        if (Positional.Count > positional)
            throw JinjaException.NotSupported($"{function} with {Positional.Count} arguments");
        if (Named.Keys.FirstOrDefault(k => !named.Contains(k)) is { } other)
            throw JinjaException.NotSupported($"{function} with the argument {other}");
    }
}

/// <summary>Something that a template can call.</summary>
internal sealed class JinjaFunction(Func<JinjaRun, JinjaCall, object?> invoke)
{
    private const int MaxRange = 100_000;

    /// <summary>What every template can call by name.</summary>
    public static readonly IReadOnlyDictionary<string, JinjaFunction> Globals =
        new Dictionary<string, JinjaFunction>(StringComparer.Ordinal)
        {
            ["raise_exception"] = new((run, call) =>
                throw new JinjaException(
                    call.TryGet(0, "message", out object? message) ? JinjaValue.Text(run, message) : "raise_exception")),
            ["namespace"] = new((_, call) =>
            {
                call.Allow("namespace", 0, [.. call.Named.Keys]);
                return new JinjaNamespace(new Dictionary<string, object?>(call.Named));
            }),
            ["range"] = new(Range),
            ["strftime_now"] =
            new((_, _) => throw JinjaException.NotSupported("strftime_now, which makes a prompt depend on the day,")),
        };

    public object? Invoke(JinjaRun run, JinjaCall call) => invoke(run, call);

    private static List<object?> Range(JinjaRun run, JinjaCall call)
    {
        call.Allow("range", 3);
        long[] numbers =
            [.. call.Positional.Select(p => p as long? ?? throw new JinjaException("range: whole numbers are expected"))];
        if (numbers.Length == 0)
            throw new JinjaException("range: a number is expected");
        long start = numbers.Length > 1 ? numbers[0] : 0, stop = numbers.Length > 1 ? numbers[1] : numbers[0];
        long step = numbers.Length > 2 ? numbers[2] : 1;
        if (step == 0)
            throw new JinjaException("range: the step cannot be zero");
        var length = ((Int128)stop - start + step - Math.Sign(step)) / step;
        if (length > MaxRange)
            throw new JinjaException($"range: more than {MaxRange} numbers");
        run.Spend(Math.Max(0, (long)length));
        return [.. Enumerable.Range(0, Math.Max(0, (int)length)).Select(i => (object?)(start + (i * step)))];
    }
}
