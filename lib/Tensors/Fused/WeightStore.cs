using System.Diagnostics.CodeAnalysis;

namespace Aim.Tensors;

/// <summary>
/// A model's weights by name. The store owns them: no dispose scope does, and <see cref="Dispose"/> frees their memory and lets
/// go of mapped files; a weight that is used afterwards throws <see cref="ObjectDisposedException"/>. Models use the large ones
/// through <see cref="FusedOps.linear"/> and <see cref="FusedOps.embedding"/>, whatever type and layout they are kept in, and
/// the small ones through <see cref="Get"/>.
/// </summary>
public sealed class WeightStore : IDisposable
{
    private readonly Dictionary<string, Weight> _weights = [];
    private readonly List<string> _names = [];

    /// <summary>Names in the order of <see cref="Add(string, Tensor, bool)"/>.</summary>
    public IEnumerable<string> Names => _names;

    public int Count => _names.Count;

    /// <summary>Number of elements of all weights.</summary>
    public long ParameterCount => _weights.Values.Sum(w => w.Count);

    /// <exception cref="KeyNotFoundException">No weight has this name.</exception>
    public Weight this[string name] => _weights.TryGetValue(name, out var weight)
        ? weight
        : throw new KeyNotFoundException($"no weight is named '{name}' (the store has {Count})");

    /// <summary>Takes a tensor over, out of all dispose scopes.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public Weight Add(string name, Tensor value, bool trainable = false)
    {
        CheckFree(name);
        value.DetachFromDisposeScope();
        return Keep(new Weight(name, trainable ? torch.nn.Parameter(value).DetachFromDisposeScope() : value, trainable));
    }

    /// <summary>Reads or maps a weight of a file.</summary>
    /// <param name="name">Its name in the store.</param>
    /// <param name="range">Where it lies; checked against the file's length.</param>
    /// <param name="residency">How it is kept. Under TorchSharp every weight is <see cref="WeightResidency.Widened"/>.</param>
    /// <param name="trainable">Whether it is an autograd leaf, which must be widened.</param>
    /// <exception cref="ArgumentException">The name is taken, or the range does not fit type, file or residency.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public Weight Add(string name, WeightRange range, WeightResidency residency, bool trainable = false)
    {
        CheckFree(name);
        var bytes = range.ByteLength;
        if (range.Offset < 0 || range.Offset > range.File.Length - bytes)
        {
            throw new ArgumentException($"weight '{name}' would lie at bytes {range.Offset} to {range.Offset + bytes} of "
                + $"{range.File.FilePath}, which has {range.File.Length}", nameof(range));
        }

        if (trainable && residency != WeightResidency.Widened)
            throw new ArgumentException($"weight '{name}' trains and must be Widened, not {residency}", nameof(residency));
        using var scope = torch.NewDisposeScope();
        return residency == WeightResidency.Widened || bytes == 0
            ? Add(name, Weight.ReadTensor(range), trainable)
            : Keep(Weight.Read(name, range, residency));
    }

    /// <summary>
    /// Packs the rows of several weights below each other: q, k and v, or gate and up, as one product. Mapped parts stay in
    /// their type, and no more than one part is read at a time.
    /// </summary>
    /// <param name="name">The new weight's name.</param>
    /// <param name="parts">Frozen weights [out_i, in] of one type, mapped or tensors.</param>
    /// <returns>Weight [sum of out_i, in].</returns>
    /// <exception cref="ArgumentException">The name is taken, or the parts do not fit together.</exception>
    public Weight AddStack(string name, IReadOnlyList<Weight> parts)
    {
        CheckFree(name);
        foreach (var part in parts)
        {
            if (part.Trainable || part.Residency == WeightResidency.Packed || part.Shape is not [_, var columns]
                || columns != parts[0].Shape[^1] || part.Dtype != parts[0].Dtype)
            {
                throw new ArgumentException($"weight '{part.Name}' ({part.Residency} {part.Dtype} "
                    + $"[{string.Join(", ", part.Shape)}]) cannot be stacked under '{parts[0].Name}': frozen matrices of one "
                    + "type and width, not packed, are needed", nameof(parts));
            }
        }

        using var scope = torch.NewDisposeScope();
        return Keep(Weight.Stack(name, parts));
    }

    public bool TryGet(string name, [NotNullWhen(true)] out Weight? weight) => _weights.TryGetValue(name, out weight);

    /// <summary>The tensor of a small weight: norms, biases, positions.</summary>
    /// <exception cref="KeyNotFoundException">No weight has this name.</exception>
    /// <exception cref="InvalidOperationException">The weight is mapped or packed.</exception>
    public Tensor Get(string name) => this[name].Tensor;

    /// <summary>The trainable weights, in order.</summary>
    public IEnumerable<Modules.Parameter> Parameters() =>
        _names.Select(n => _weights[n]).Where(w => w.Trainable).Select(w => (Modules.Parameter)w.Tensor);

    public void Dispose()
    {
        foreach (var weight in _weights.Values)
            weight.Free();
        _weights.Clear();
        _names.Clear();
    }

    private void CheckFree(string name)
    {
        if (_weights.ContainsKey(name))
            throw new ArgumentException($"the store already has a weight named '{name}'", nameof(name));
    }

    private Weight Keep(Weight weight)
    {
        _weights.Add(weight.Name, weight);
        _names.Add(weight.Name);
        return weight;
    }
}
