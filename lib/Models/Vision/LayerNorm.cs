namespace Aim.Models;

/// <summary>A LayerNorm over the last axis with the weights of a store.</summary>
internal sealed class LayerNorm(WeightStore weights, string name, int dim, double eps)
{
    private readonly Tensor _weight = weights.Get(name + ".weight"), _bias = weights.Get(name + ".bias");

    /// <summary><c>[.., dim]</c> -> the same.</summary>
    public Tensor Forward(Tensor x) => nn.functional.layer_norm(x, [dim], _weight, _bias, eps);
}
