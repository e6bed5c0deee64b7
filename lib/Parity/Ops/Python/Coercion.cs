namespace Aim.Parity.Ops;

/// <summary>Converts Python values to what a parameter's type asks for, as strictly as torch's argument parser.</summary>
internal static class Coercion
{
    /// <param name="wanted">The type's name in torch's messages.</param>
    public static bool Coerce(string type, object? value, out object? result, out string wanted)
    {
        (result, wanted) = type switch
        {
            "Tensor" => (value as Tensor, "Tensor"),
            "Tensors" => (Tensors(value), "tuple of Tensors"),
            "Operand" => (value is Tensor ? value : Values.ToScalar(value), "Tensor"),
            "Scalar" => (Values.ToScalar(value), "Number"),
            "int" => (Int(value), "int"),
            "ints" => (All(value, Int)?.Select(v => (long)v!).ToArray(), "tuple of ints"),
            "list" => (Values.Sequence(value) is null ? null : All(value, Int)?.Select(v => (long)v!).ToArray(), "tuple of ints"),
            "sizes" => (All(value, v => v is null ? DBNull.Value : Int(v))?.Select(v => v as long?).ToArray(), "tuple of ints"),
            "float" => (Float(value), "float"),
            "floats" => (All(value, Float)?.Select(v => (double)v!).ToArray(), "tuple of floats"),
            "bool" => (value is bool ? value : value is 0L ? false : value is 1L ? true : null, "bool"),
            "str" => (value is FixtureText t ? t.Text : value as string, "str"),
            "dtype" => (Dtype(value), "torch.dtype"),
            "any" => (value ?? DBNull.Value, "object"),
            _ => throw new InvalidOperationException($"no such parameter type: {type}"),
        };
        var fits = result is not null;
        if (result is DBNull)
            result = null;
        return fits;
    }

    private static object? Int(object? value) => value switch
    {
        long => value,
        Tensor t when t.numel() == 1 && !Values.IsFloat(t.dtype) && t.dtype != ScalarType.Bool => t.ToInt64(),
        _ => null,
    };

    private static object? Float(object? value) => value switch
    {
        double => value,
        long n => (double)n,
        FixtureText => Values.ToScalar(value)?.ToDouble(),
        Tensor t when t.dim() == 0 => t.ToDouble(),
        _ => null,
    };

    private static object? Dtype(object? value) => value switch
    {
        ScalarType => value,
        FixtureText t => Values.Dtype(t.Text),
        Builtin { Name: "float" } => ScalarType.Float64,
        Builtin { Name: "int" } => ScalarType.Int64,
        Builtin { Name: "bool" } => ScalarType.Bool,
        _ => null,
    };

    private static Tensor[]? Tensors(object? value) =>
        Values.Sequence(value) is { } items && items.All(v => v is Tensor) ? [.. items.Cast<Tensor>()] : null;

    /// <summary>One value or a list of them, each converted; null if one does not fit.</summary>
    private static List<object?>? All(object? value, Func<object?, object?> convert)
    {
        var result = new List<object?>();
        foreach (var item in Values.Sequence(value) ?? [value])
        {
            if (convert(item) is not { } converted)
                return null;
            result.Add(converted);
        }

        return result;
    }
}
