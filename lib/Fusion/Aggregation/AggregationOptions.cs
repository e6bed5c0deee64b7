using System.Globalization;

namespace Aim.Fusion;

/// <summary>Whose hidden states stand for a demonstration.</summary>
public enum TextPositions
{
    /// <summary>All tokens of its text, instruction and reference: the paper's 'the same length as its texts'.</summary>
    All,

    /// <summary>The reference's alone: the paper's 'textual labels', read narrowly (an ablation).</summary>
    Reference,
}

/// <summary>
/// What of the frozen model's reading becomes the aggregate. The paper leaves layer and norm open; 'on top of the text' and the
/// authors' sibling code say the last layer behind the final norm, which is the default.
/// </summary>
/// <param name="Layer">0: embeddings, k: the k-th decoder layer's output; null: the last layer's.</param>
/// <param name="Norm">Whether the final norm follows.</param>
/// <param name="Positions">Whose states.</param>
public sealed record AggregationOptions(int? Layer = null, bool Norm = true, TextPositions Positions = TextPositions.All)
{
    /// <summary>The layer in a given host.</summary>
    /// <exception cref="ArgumentException">The host has no such layer.</exception>
    public int LayerIn(IFusionHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
        int layer = Layer ?? host.Layers;
        return layer >= 0 && layer <= host.Layers
            ? layer
            : throw new ArgumentException(
                $"layer {layer} was asked for, but the decoder has layers 1 to {host.Layers} (0 is its input)");
    }

    /// <summary>A text that differs when the options do, for a given host.</summary>
    public string Canonical(IFusionHost host)
        => string.Create(CultureInfo.InvariantCulture, $"layer {LayerIn(host)} norm {(Norm ? 1 : 0)} positions {Positions}");
}
