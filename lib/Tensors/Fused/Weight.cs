namespace Aim.Tensors;

/// <summary>
/// One weight of a model, by its checkpoint name: a float32 tensor (an autograd leaf if it trains), or memory in its file's type
/// that <see cref="FusedOps.linear"/> and <see cref="FusedOps.embedding"/> read as it is.
/// </summary>
public sealed partial class Weight
{
    private readonly long[] _shape;
    private readonly Tensor? _tensor;

    internal Weight(string name, Tensor tensor, bool trainable)
    {
        Name = name;
        Trainable = trainable;
        Dtype = tensor.dtype;
        _shape = tensor.shape;
        _tensor = tensor;
    }

    public string Name { get; }

    public long[] Shape => [.. _shape];

    /// <summary>The type that its values are kept in.</summary>
    public ScalarType Dtype { get; }

    /// <summary>How it is kept.</summary>
    public WeightResidency Residency { get; private init; }

    public bool Trainable { get; }

    /// <summary>The float32 tensor itself; a <see cref="Modules.Parameter"/> if trainable.</summary>
    /// <exception cref="InvalidOperationException">
    /// The weight is mapped or packed, so that there is none: <see cref="Widen"/> makes a copy.
    /// </exception>
    public Tensor Tensor => _tensor ?? throw new InvalidOperationException(
        $"weight '{Name}' is {Residency}, {Dtype} [{string.Join(", ", _shape)}]: FusedOps.linear and FusedOps.embedding read it "
        + "as it is; load it as Widened for a tensor, or make a float32 copy with Widen()");

    /// <summary>Number of elements.</summary>
    public long Count => _shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Elements of a row: the last dimension.</summary>
    private long Columns => _shape.Length == 0 ? 1 : _shape[^1];
}
