namespace Aim.Models;

/// <summary>From the tower's width to the decoder's: linear, gelu (erf), linear; or one linear layer.</summary>
public sealed class MultimodalProjector
{
    private readonly Linear _first;
    private readonly Linear? _second;

    /// <summary>Wires the projector to its weights, which stay the store's.</summary>
    /// <param name="weights">Weights under Hugging Face's names.</param>
    /// <param name="prefix">What stands before <c>linear_1.weight</c>.</param>
    /// <param name="layers">2, or 1.</param>
    public MultimodalProjector(WeightStore weights, string prefix, int layers)
    {
        ArgumentNullException.ThrowIfNull(weights);
        _first = new Linear(weights, prefix + "linear_1");
        _second = layers > 1 ? new Linear(weights, prefix + "linear_2") : null;
    }

    /// <summary><c>[.., vision dim]</c> -> <c>[.., dim]</c>.</summary>
    public Tensor Forward(Tensor features)
    {
        using var scope = NewDisposeScope();
        var first = _first.Forward(features);
        return (_second is null ? first : _second.Forward(nn.functional.gelu(first))).MoveToOuterDisposeScope();
    }
}
