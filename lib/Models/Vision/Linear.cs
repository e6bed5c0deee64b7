namespace Aim.Models;

/// <summary>A linear map with the weights of a store; the bias may be absent.</summary>
internal sealed class Linear
{
    private readonly Weight _weight;
    private readonly Tensor? _bias;

    public Linear(WeightStore weights, string name)
    {
        _weight = weights[name + ".weight"];
        _bias = weights.TryGet(name + ".bias", out var bias) ? bias.Tensor : null;
    }

    /// <summary><c>[.., in]</c> -> <c>[.., out]</c>.</summary>
    public Tensor Forward(Tensor x) => FusedOps.linear(x, _weight, _bias);
}
