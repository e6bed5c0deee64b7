namespace Aim.Parity.Ops;

/// <summary><c>torch.tensor</c>: nested lists of numbers become a tensor, and back.</summary>
internal static class TensorData
{
    /// <param name="type">Null: bool, int64 or float32 by what is in it.</param>
    /// <exception cref="TorchException">The lists are ragged, or hold something else than numbers.</exception>
    public static Tensor Build(object? data, ScalarType? type)
    {
        if (data is Tensor t)
            return type is { } other ? t.detach().to(other).clone() : t.detach().clone();
        var shape = new List<long>();
        for (var level = data; Values.Sequence(level) is { } items; level = items.Count > 0 ? items[0] : null)
        {
            shape.Add(items.Count);
            if (items.Count == 0)
                break;
        }

        var numbers = new List<Scalar>();
        Collect(data, shape, 0, numbers);
        var found = numbers.Count == 0 || numbers.Any(n => n.Type == ScalarType.Float64) ? ScalarType.Float32
            : numbers.Any(n => n.Type == ScalarType.Int64) ? ScalarType.Int64 : ScalarType.Bool;
        var kept = found == ScalarType.Float32
            ? torch.tensor(numbers.Select(n => n.ToDouble()).ToArray(), [.. shape])
            : torch.tensor(numbers.Select(n => n.ToInt64()).ToArray(), [.. shape]);
        return kept.to(type ?? found);
    }

    /// <summary>A tensor's values as Python numbers in lists as deep as it has dimensions.</summary>
    public static object? List(Tensor x) => x.dim() == 0 ? Number(x) : new PythonList(x.unbind(0).Select(List));

    /// <summary>The one value of a tensor as a Python number.</summary>
    public static object Number(Tensor x)
    {
        var value = x.ToScalar();
        return x.dtype == ScalarType.Bool ? value.ToBoolean() : Values.IsFloat(x.dtype) ? value.ToDouble() : value.ToInt64();
    }

    private static void Collect(object? data, List<long> shape, int depth, List<Scalar> numbers)
    {
        if (Values.Sequence(data) is { } items)
        {
            if (depth == shape.Count)
                throw new TorchException("a number is expected where a list stands");
            if (items.Count != shape[depth])
                throw new TorchException($"expected sequence of length {shape[depth]} at dim {depth} (got {items.Count})");
            foreach (var item in items)
                Collect(item, shape, depth + 1, numbers);
            return;
        }

        if (depth != shape.Count)
        {
            throw new TorchException($"expected sequence of length {shape[depth]} at dim {depth}, not "
                + Values.TypeName(data));
        }

        numbers.Add(Values.ToScalar(data)
            ?? throw new TorchException($"new(): invalid data type '{Values.TypeName(data)}'"));
    }
}
