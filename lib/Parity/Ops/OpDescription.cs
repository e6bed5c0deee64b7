using System.Text.Json;

namespace Aim.Parity.Ops;

/// <summary>One case of ops.json, its fields checked.</summary>
internal sealed record OpDescription(string Id, string Op)
{
    /// <summary>Keyword arguments.</summary>
    public IReadOnlyDictionary<string, object?> Arguments { get; private init; } = new Dictionary<string, object?>();

    /// <summary>Names of the stored input tensors.</summary>
    public IReadOnlyList<string> Inputs { get; private init; } = [];

    /// <summary>The parameters that the inputs are for; null where they are passed in order.</summary>
    public IReadOnlyList<string>? Parameters { get; private init; }

    public bool InputsAreAList { get; private init; }

    /// <summary>What is done to an input before the call: a method of Tensor and its arguments.</summary>
    public IReadOnlyDictionary<string, (string Method, object?[] Arguments)[]> Views { get; private init; } =
        new Dictionary<string, (string, object?[])[]>();

    public IReadOnlyList<string> Expected { get; private init; } = [];

    /// <summary>The gradient of each result; null where none is fed.</summary>
    public IReadOnlyList<string?> Upstream { get; private init; } = [];

    /// <summary>The expected gradient of each input; null where none is checked.</summary>
    public IReadOnlyList<string?> Gradients { get; private init; } = [];

    /// <summary>Only the first result is compared; indices need only lead to it.</summary>
    public bool ValuesOnly { get; private init; }

    /// <summary>The fixture requires no match.</summary>
    public bool Informative { get; private init; }

    /// <summary>Zeros must have the expected sign too: the note says so.</summary>
    public bool ZerosAreSigned { get; private init; }

    private IReadOnlyDictionary<string, Tolerance> Tolerances { get; init; } = new Dictionary<string, Tolerance>();

    private Tolerance Loosest { get; init; }

    /// <summary>How far a tensor may be off.</summary>
    public Tolerance ToleranceOf(string tensor) => Tolerances.TryGetValue(tensor, out var own) ? own : Loosest;

    /// <exception cref="BadFixtureException">A field is missing or of another kind than the format says.</exception>
    public static OpDescription Read(JsonElement json)
    {
        var note = json.TextOrNull("note") ?? "";
        return new OpDescription(json.NeedText("id"), json.NeedText("op"))
        {
            Arguments = Optional(json, "args", JsonValueKind.Object) is { } args
                ? args.EnumerateObject().ToDictionary(p => p.Name, p => Values.FromJson(p.Value))
                : new Dictionary<string, object?>(),
            Inputs = Names(json, "inputs"),
            Parameters = Optional(json, "params", JsonValueKind.Array) is null ? null : Names(json, "params"),
            InputsAreAList = json.TryField("inputs_are_a_list", out var list) && list.ValueKind == JsonValueKind.True,
            Views = Optional(json, "views", JsonValueKind.Object) is { } views
                ? views.EnumerateObject().ToDictionary(p => p.Name, p => Steps(p.Value))
                : new Dictionary<string, (string, object?[])[]>(),
            Expected = Names(json, "expected"),
            Upstream = NamesOrNull(json, "upstream"),
            Gradients = NamesOrNull(json, "grads"),
            ValuesOnly = json.TextOrNull("check") == "values_only",
            Informative = IsInformative(json, note),
            ZerosAreSigned = note.Contains("sign of zero", StringComparison.OrdinalIgnoreCase)
                || note.Contains("signs of zero", StringComparison.OrdinalIgnoreCase),
            Tolerances = Optional(json, "tolerances", JsonValueKind.Object) is { } tolerances
                ? tolerances.EnumerateObject().ToDictionary(p => p.Name, p => ReadTolerance(p.Value))
                : new Dictionary<string, Tolerance>(),
            Loosest = json.TryField("tolerance", out var loosest) ? ReadTolerance(loosest) : default,
        };
    }

    /// <summary>Marked <c>informative</c>, or EDGE or QUIRK without the value that a sane implementation gives.</summary>
    private static bool IsInformative(JsonElement json, string note)
    {
        if (json.TryField("informative", out var flag) && flag.ValueKind is not (JsonValueKind.False or JsonValueKind.Null))
            return true;
        return !json.Has("sane")
            && note.Split([' ', ':', ';', ',', '.', '(', ')']).Any(w => w is "EDGE" or "QUIRK");
    }

    private static JsonElement? Optional(JsonElement json, string field, JsonValueKind kind)
    {
        if (!json.TryField(field, out var v) || v.ValueKind == JsonValueKind.Null)
            return null;
        return v.ValueKind == kind ? v : throw new BadFixtureException($"the field {field} must be an {kind}, not {v.ValueKind}");
    }

    private static string[] Names(JsonElement json, string field) =>
        [.. NamesOrNull(json, field).Select(n =>
            n ?? throw new BadFixtureException($"the field {field} must hold names, not null"))];

    private static string?[] NamesOrNull(JsonElement json, string field) =>
        Optional(json, field, JsonValueKind.Array)?.EnumerateArray().Select(v => v.ValueKind switch
        {
            JsonValueKind.String => v.GetString(),
            JsonValueKind.Null => null,
            _ => throw new BadFixtureException($"the field {field} must hold names"),
        }).ToArray() ?? [];

    private static (string, object?[])[] Steps(JsonElement steps)
    {
        if (steps.ValueKind != JsonValueKind.Array
            || steps.EnumerateArray().Any(s => s.ValueKind != JsonValueKind.Array || s.GetArrayLength() == 0
                || s[0].ValueKind != JsonValueKind.String))
            throw new BadFixtureException("the field views must hold lists of a method's name and its arguments");
        return [.. steps.EnumerateArray().Select(s =>
            (s[0].GetString()!, s.EnumerateArray().Skip(1).Select(Values.FromJson).ToArray()))];
    }

    private static Tolerance ReadTolerance(JsonElement json) => new(Number(json, "abs"), Number(json, "rel"));

    private static double Number(JsonElement json, string field) => Values.ToScalar(Values.FromJson(json.Need(field)))?.ToDouble()
        ?? throw new BadFixtureException($"the field {field} must be a number");
}
