using System.Text.Json;

namespace Aim.Parity.Ops;

/// <summary>A Python list. Tuples are <c>object?[]</c>, dictionaries <see cref="Dictionary{TKey, TValue}"/>.</summary>
internal sealed class PythonList(IEnumerable<object?> items) : List<object?>(items);

/// <summary>A Python slice; null where a bound is left out.</summary>
internal sealed record PythonSlice(long? Start, long? Stop, long? Step);

/// <summary><c>...</c></summary>
internal sealed class PythonEllipsis
{
    public static PythonEllipsis Instance { get; } = new();
}

/// <summary>A string of a fixture's arguments, which may stand for a number that JSON lacks or for a dtype.</summary>
internal sealed record FixtureText(string Text);

/// <summary>Python's values: None is null, then bool, long, double, string, Tensor, ScalarType, and the types above.</summary>
internal static class Values
{
    private static readonly Dictionary<string, ScalarType> DtypeNames = new()
    {
        ["float32"] = ScalarType.Float32,
        ["float"] = ScalarType.Float32,
        ["float64"] = ScalarType.Float64,
        ["double"] = ScalarType.Float64,
        ["float16"] = ScalarType.Float16,
        ["half"] = ScalarType.Float16,
        ["bfloat16"] = ScalarType.BFloat16,
        ["int64"] = ScalarType.Int64,
        ["long"] = ScalarType.Int64,
        ["int32"] = ScalarType.Int32,
        ["int"] = ScalarType.Int32,
        ["int16"] = ScalarType.Int16,
        ["short"] = ScalarType.Int16,
        ["int8"] = ScalarType.Int8,
        ["uint8"] = ScalarType.Byte,
        ["bool"] = ScalarType.Bool,
    };

    /// <summary>The type of torch's name, without <c>torch.</c>; null if there is none such.</summary>
    public static ScalarType? Dtype(string name) => DtypeNames.TryGetValue(name, out var type) ? type : null;

    /// <summary>torch's name of a type in messages: <c>Long</c>, <c>Float</c>, ...</summary>
    public static string Described(ScalarType type) => type switch
    {
        ScalarType.Float32 => "Float",
        ScalarType.Float64 => "Double",
        ScalarType.Float16 => "Half",
        ScalarType.Int64 => "Long",
        ScalarType.Int32 => "Int",
        ScalarType.Int16 => "Short",
        ScalarType.Int8 => "Char",
        _ => type.ToString(),
    };

    public static bool IsFloat(ScalarType type) =>
        type is ScalarType.Float32 or ScalarType.Float64 or ScalarType.Float16 or ScalarType.BFloat16;

    public static string Shape(IEnumerable<long> shape) => $"[{string.Join(", ", shape)}]";

    /// <summary>The name of a value's Python type.</summary>
    public static string TypeName(object? value) => value switch
    {
        null => "NoneType",
        bool => "bool",
        long => "int",
        double => "float",
        string or FixtureText => "str",
        Tensor => "Tensor",
        ScalarType => "torch.dtype",
        PythonList => "list",
        object?[] => "tuple",
        Dictionary<string, object?> => "dict",
        PythonSlice => "slice",
        PythonEllipsis => "ellipsis",
        _ => value.GetType().Name,
    };

    /// <summary>The members of a list or tuple; null if it is neither.</summary>
    public static IReadOnlyList<object?>? Sequence(object? value) => value switch
    {
        PythonList list => list,
        object?[] tuple => tuple,
        _ => null,
    };

    /// <summary>A number's value in the engine's scalar; null if it is no number.</summary>
    public static Scalar? ToScalar(object? value) => value switch
    {
        bool b => b,
        long n => n,
        double d => d,
        FixtureText { Text: "inf" } => double.PositiveInfinity,
        FixtureText { Text: "-inf" } => double.NegativeInfinity,
        FixtureText { Text: "nan" } => double.NaN,
        Tensor t when t.dim() == 0 => t.ToScalar(),
        _ => null,
    };

    /// <summary>An argument of a fixture. Numbers are ints or floats by how they are written.</summary>
    public static object? FromJson(JsonElement e) => e.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String => new FixtureText(e.GetString()!),
        JsonValueKind.Number when e.TryGetInt64(out var n) && !e.GetRawText().AsSpan().ContainsAny('.', 'e', 'E') => n,
        JsonValueKind.Number => e.GetDouble(),
        JsonValueKind.Array => new PythonList(e.EnumerateArray().Select(FromJson)),
        _ => e.EnumerateObject().ToDictionary(p => p.Name, p => FromJson(p.Value)),
    };
}
