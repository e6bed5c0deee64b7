using System.Diagnostics.CodeAnalysis;

namespace Aim.Tensors;

/// <summary>One weight of a model, by its checkpoint name. A trainable one is an autograd leaf.</summary>
public sealed class Weight
{
    internal Weight(string name, Tensor tensor, bool trainable)
    {
        Name = name;
        Tensor = tensor;
        Trainable = trainable;
    }

    public string Name { get; }

    public long[] Shape => Tensor.shape;

    public ScalarType Dtype => Tensor.dtype;

    /// <summary>The values, float32; a <see cref="Modules.Parameter"/> if trainable.</summary>
    public Tensor Tensor { get; }

    public bool Trainable { get; }
}

/// <summary>
/// A model's weights by name. The store owns them: no dispose scope does, and <see cref="Dispose"/> frees them. Models use the
/// large ones through <see cref="FusedOps.linear"/> and <see cref="FusedOps.embedding"/>, the small ones through <see
/// cref="Get"/>.
/// </summary>
public sealed class WeightStore : IDisposable
{
    private readonly Dictionary<string, Weight> _weights = [];
    private readonly List<string> _names = [];

    /// <summary>Names in the order of <see cref="Add"/>.</summary>
    public IEnumerable<string> Names => _names;

    public int Count => _names.Count;

    /// <summary>Number of elements of all weights.</summary>
    public long ParameterCount => _weights.Values.Sum(w => w.Tensor.numel());

    /// <exception cref="KeyNotFoundException">No weight has this name.</exception>
    public Weight this[string name] => _weights.TryGetValue(name, out var weight)
        ? weight
        : throw new KeyNotFoundException($"no weight is named '{name}' (the store has {Count})");

    /// <summary>Takes a tensor over, out of all dispose scopes.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public Weight Add(string name, Tensor value, bool trainable = false)
    {
        if (_weights.ContainsKey(name))
            throw new ArgumentException($"the store already has a weight named '{name}'", nameof(name));
        value.DetachFromDisposeScope();
        var weight = new Weight(name, trainable ? torch.nn.Parameter(value).DetachFromDisposeScope() : value, trainable);
        _weights.Add(name, weight);
        _names.Add(name);
        return weight;
    }

    public bool TryGet(string name, [NotNullWhen(true)] out Weight? weight) => _weights.TryGetValue(name, out weight);

    /// <summary>The tensor of a small weight: norms, biases, positions.</summary>
    /// <exception cref="KeyNotFoundException">No weight has this name.</exception>
    public Tensor Get(string name) => this[name].Tensor;

    /// <summary>The trainable weights, in order.</summary>
    public IEnumerable<Modules.Parameter> Parameters() =>
        _names.Select(n => _weights[n]).Where(w => w.Trainable).Select(w => (Modules.Parameter)w.Tensor);

    public void Dispose()
    {
        foreach (var weight in _weights.Values)
            weight.Tensor.Dispose();
        _weights.Clear();
        _names.Clear();
    }
}
