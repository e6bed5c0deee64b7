namespace Aim.Models;

/// <summary>From the tower's width to the decoder's: linear, gelu (erf), linear.</summary>
public sealed class MultimodalProjector
{
    private readonly Linear _first, _second;

    /// <summary>Wires the projector to its weights, which stay the store's.</summary>
    /// <param name="weights">Weights under Hugging Face's names.</param>
    /// <param name="prefix">What stands before <c>linear_1.weight</c>.</param>
    public MultimodalProjector(WeightStore weights, string prefix)
    {
        ArgumentNullException.ThrowIfNull(weights);
        _first = new Linear(weights, prefix + "linear_1");
        _second = new Linear(weights, prefix + "linear_2");
    }

    /// <summary><c>[.., vision dim]</c> -> <c>[.., dim]</c>.</summary>
    public Tensor Forward(Tensor features)
    {
        using var scope = NewDisposeScope();
        return _second.Forward(nn.functional.gelu(_first.Forward(features))).MoveToOuterDisposeScope();
    }
}
