namespace Aim.Models;

/// <summary>
/// Several projections of the same input as one: q, k and v, or gate and up. Checkpoints keep them apart; one matmul over their
/// stacked rows packs the input once, and its output is what FusedOps.swiglu and the heads' views want.
/// </summary>
internal sealed class CombinedLinear
{
    // Beyond this many weights a matmul is long enough to hide packing the input again, and a stacked copy of tensors would
    // double the memory. (A stack of mapped weights is their only copy in memory.)
    private const long StackLimit = 1 << 22;

    private readonly Weight[] _parts;
    private readonly Weight[]? _biases;
    private readonly Weight? _stacked;
    private readonly Tensor? _stackedBias;

    /// <param name="own">Owns the stack of frozen weights; stays empty where the weights train.</param>
    /// <param name="name">Name of the stacked weight in <paramref name="own"/>.</param>
    /// <param name="parts">Weights [out_i, in].</param>
    /// <param name="biases">Their biases [out_i], or null.</param>
    /// <param name="mapped">Whether mapped parts are packed into a stack, or stay mapped and run apart.</param>
    public CombinedLinear(WeightStore own, string name, Weight[] parts, Weight[]? biases, WeightResidency mapped)
    {
        _parts = parts;
        _biases = biases;
        if (parts.Any(p => p.Trainable))
            return;
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        bool All(WeightResidency residency) => parts.All(p => p.Residency == residency && p.Dtype == parts[0].Dtype);
        if (All(WeightResidency.Mapped) && mapped == WeightResidency.Packed)
            _stacked = own.AddStack(name + ".weight", parts);
        else if (All(WeightResidency.Widened) && parts.Sum(p => p.Count) <= StackLimit)
            _stacked = own.Add(name + ".weight", cat(parts.Select(p => p.Tensor).ToArray(), 0));
        else
            return;
        _stackedBias = biases is null ? null : own.Add(name + ".bias", cat(biases.Select(b => b.Tensor).ToArray(), 0)).Tensor;
    }

    /// <summary>The weights whose outputs stand side by side: the stack, or the parts.</summary>
    public IReadOnlyList<Weight> Weights => _stacked is null ? _parts : [_stacked];

    /// <summary>Their biases, or null.</summary>
    public IReadOnlyList<Tensor>? Biases
        => _biases is null ? null : _stacked is null ? [.. _biases.Select(b => b.Tensor)] : [_stackedBias!];

    /// <summary>[.., in] -> [.., sum of out_i].</summary>
    public Tensor Forward(Tensor x)
    {
        if (_stacked is not null)
            return FusedOps.linear(x, _stacked, _stackedBias);
        if (_parts.Any(p => p.Trainable))
        {
            // Stacking some hundred kilobytes of weights is nothing beside the activations; autograd hands each part its
            // gradient.
            var weight = cat(_parts.Select(p => p.Tensor).ToArray(), 0);
            var bias = _biases is null ? null : cat(_biases.Select(b => b.Tensor).ToArray(), 0);
            return nn.functional.linear(x, weight, bias);
        }

        return cat(_parts.Select((p, i) => FusedOps.linear(x, p, _biases?[i].Tensor)).ToArray(), -1);
    }
}
