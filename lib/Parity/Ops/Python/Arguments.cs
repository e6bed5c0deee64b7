namespace Aim.Parity.Ops;

/// <summary>A call's arguments, bound and converted; read by parameter name.</summary>
internal sealed class Arguments(Signature signature, object?[] values)
{
    /// <summary>A required tensor.</summary>
    public Tensor this[string name] => (Tensor)Value(name)!;

    public object? Value(string name) => signature.Find(name) is var i and >= 0
        ? values[i]
        : throw new InvalidOperationException($"({signature}) has no parameter {name}");

    public bool Has(string name) => Value(name) is not null;

    public Tensor? Maybe(string name) => (Tensor?)Value(name);

    public Tensor[] Tensors(string name) => (Tensor[])Value(name)!;

    public Scalar Scalar(string name) => (Scalar)Value(name)!;

    public Scalar? ScalarOrNull(string name) => (Scalar?)Value(name);

    public long Int(string name) => (long)Value(name)!;

    public long? IntOrNull(string name) => (long?)Value(name);

    public long[] Ints(string name) => (long[])Value(name)!;

    public long[]? IntsOrNull(string name) => (long[]?)Value(name);

    public double Float(string name) => (double)Value(name)!;

    public double? FloatOrNull(string name) => (double?)Value(name);

    public double[]? FloatsOrNull(string name) => (double[]?)Value(name);

    public bool Flag(string name) => (bool)Value(name)!;

    public bool? FlagOrNull(string name) => (bool?)Value(name);

    public string Text(string name) => (string)Value(name)!;

    public string? TextOrNull(string name) => (string?)Value(name);

    public ScalarType? Dtype(string name) => (ScalarType?)Value(name);

    /// <summary>Calls the form for a tensor or the one for a number, whichever the argument is.</summary>
    public Tensor Operand(string name, Func<Tensor, Tensor> tensor, Func<Scalar, Tensor> scalar) =>
        Value(name) is Tensor t ? tensor(t) : scalar(Scalar(name));

    /// <summary>Admits an argument that the engine lacks at one value only.</summary>
    /// <exception cref="NotExpressibleException">It has another.</exception>
    public void Only(string name, object? admitted)
    {
        if (!Equals(Value(name), admitted))
            throw new NotExpressibleException($"argument {name}");
    }
}
