namespace Aim.Models;

/// <summary>The tests: <c>value is name(arguments)</c>.</summary>
internal static class JinjaTests
{
    private static readonly Dictionary<string, Func<JinjaRun, object?, JinjaCall, bool>> s_tests = new(StringComparer.Ordinal)
    {
        ["boolean"] = (_, value, _) => value is bool,
        ["defined"] = (_, value, _) => value is not JinjaUndefined,
        ["eq"] = (run, value, call) => JinjaValue.AreEqual(run, value, Only("eq", call)),
        ["equalto"] = (run, value, call) => JinjaValue.AreEqual(run, value, Only("equalto", call)),
        ["=="] = (run, value, call) => JinjaValue.AreEqual(run, value, Only("==", call)),
        ["false"] = (_, value, _) => value is false,
        ["float"] = (_, value, _) => value is double,
        ["in"] = (run, value, call) => JinjaOperators.Compare(run, "in", value, Only("in", call)),
        ["integer"] = (_, value, _) => value is long,
        ["iterable"] = (_, value, _) => value is string or List<object?> or Dictionary<string, object?> or JinjaUndefined,
        ["mapping"] = (_, value, _) => value is Dictionary<string, object?>,
        ["ne"] = (run, value, call) => !JinjaValue.AreEqual(run, value, Only("ne", call)),
        ["none"] = (_, value, _) => value is null,
        ["number"] = (_, value, _) => value is bool or long or double,
        ["sequence"] = (_, value, _) => value is string or List<object?> or Dictionary<string, object?> or JinjaUndefined,
        ["string"] = (_, value, _) => value is string,
        ["true"] = (_, value, _) => value is true,
        ["undefined"] = (_, value, _) => value is JinjaUndefined,
    };

    /// <summary>The tests that there are.</summary>
    public static IReadOnlyCollection<string> Names { get; } = [.. s_tests.Keys];

    public static bool Holds(JinjaRun run, string name, object? value, JinjaCall call)
    {
        run.Spend(1);
        return s_tests[name](run, value, call);
    }

    private static object? Only(string test, JinjaCall call)
        => call.Positional.Count == 1 ? call.Positional[0] : throw new JinjaException($"is {test}: one value is expected");
}
