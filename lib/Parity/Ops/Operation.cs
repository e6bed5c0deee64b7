namespace Aim.Parity.Ops;

/// <summary>One Python function with its overloads, tried in order, and all names that it goes by.</summary>
internal sealed class Operation(string[] names, (string Signature, Func<Arguments, object?> Body)[] overloads)
{
    private readonly (Signature Signature, Func<Arguments, object?> Body)[] _overloads =
        [.. overloads.Select(o => (new Signature(o.Signature), o.Body))];

    /// <summary>Full names: <c>torch.add</c>, <c>Tensor.add</c>.</summary>
    public IReadOnlyList<string> Names => names;

    /// <summary>The name without where it lives.</summary>
    public string ShortName { get; } = names[0][(names[0].LastIndexOf('.') + 1)..];

    /// <summary>The parameter that takes a list of tensors.</summary>
    public string? ListParameter => _overloads.Select(o => o.Signature.ListParameter).FirstOrDefault(p => p is not null);

    /// <summary>Binds and calls; a tensor, a tuple of values, or another Python value comes back.</summary>
    /// <exception cref="TorchException">The arguments fit no overload.</exception>
    /// <exception cref="NotExpressibleException">The engine lacks what they ask for.</exception>
    public object? Call(IReadOnlyList<object?> positional, IReadOnlyDictionary<string, object?> keywords)
    {
        try
        {
            var error = "";
            foreach (var (signature, body) in _overloads)
            {
                if (signature.Bind(ShortName, positional, keywords, out error) is { } arguments)
                    return body(arguments);
            }

            if (_overloads.Length == 1)
                throw new TorchException(error);
            var got = positional.Select(Values.TypeName)
                .Concat(keywords.Select(k => $"{k.Key}={Values.TypeName(k.Value)}"));
            throw new TorchException($"{ShortName}() received an invalid combination of arguments - got "
                + $"({string.Join(", ", got)}), but expected one of: "
                + string.Join("; ", _overloads.Select(o => $"({o.Signature})")) + $" ({error})");
        }
        catch (NotExpressibleException e)
        {
            e.Operation ??= this;
            throw;
        }
    }

    /// <summary>The same operation, its result written into its first tensor.</summary>
    public static Func<Arguments, object?> IntoFirst(string first, Func<Arguments, object?> body) => a =>
        Assign(a[first], (Tensor)body(a)!);

    /// <summary>Writes a result into a tensor under torch's rules for in-place operations.</summary>
    /// <exception cref="TorchException">Shapes differ, or the type cannot be cast.</exception>
    public static Tensor Assign(Tensor target, Tensor result)
    {
        if (!target.shape.SequenceEqual(result.shape))
        {
            throw new TorchException($"output with shape {Values.Shape(target.shape)} doesn't match the broadcast shape "
                + Values.Shape(result.shape));
        }

        if ((Values.IsFloat(result.dtype) && !Values.IsFloat(target.dtype))
            || (target.dtype == ScalarType.Bool && result.dtype != ScalarType.Bool))
        {
            throw new TorchException($"result type {Values.Described(result.dtype)} can't be cast to the desired output type "
                + Values.Described(target.dtype));
        }

        return target.copy_(result);
    }
}
