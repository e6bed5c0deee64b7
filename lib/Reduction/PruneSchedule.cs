namespace Aim.Reduction;

/// <summary>
/// How many visual tokens go on after each layer (paper section 2.2): all before layer l1, then a share that falls linearly to
/// nothing at layer l2. Layer l1 itself still sees everything, layer l2 sees no visual token. l2 may lie beyond the last layer.
/// </summary>
public sealed record PruneSchedule
{
    /// <summary>Makes the schedule of a decoder of <paramref name="layers"/> layers.</summary>
    /// <param name="l1">First layer after which tokens are pruned.</param>
    /// <param name="l2">First layer without visual tokens.</param>
    /// <param name="layers">L.</param>
    /// <exception cref="ArgumentException">l1 is not below l2, or negative.</exception>
    public PruneSchedule(int l1, int l2, int layers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(layers, 1);
        if (l1 < 0)
            throw new ArgumentException($"pruning cannot begin at layer l1 = {l1}; layers count from 0");
        if (l1 >= l2)
        {
            throw new ArgumentException(
                $"pruning from layer l1 = {l1} to l2 = {l2} is not a schedule; "
                + $"l1 must be below l2, for example {Default(layers)}");
        }

        (L1, L2, Layers) = (l1, l2, layers);
    }

    /// <summary>First layer after which tokens are pruned.</summary>
    public int L1 { get; }

    /// <summary>First layer without visual tokens.</summary>
    public int L2 { get; }

    /// <summary>Layers of the decoder.</summary>
    public int Layers { get; }

    /// <summary>
    /// The paper's schedule carried over to any depth: (L/2, round(22 L / 28)), and for single-picture families (<c>llava</c>,
    /// <c>llava_next</c>) (round(13 L / 32), round(21 L / 32)); halves round up.
    /// </summary>
    public static PruneSchedule Default(int layers, string? modelType = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(layers, 1);
        var (l1, l2) = modelType is "llava" or "llava_next"
            ? ((26 * layers + 32) / 64, (42 * layers + 32) / 64)
            : (layers / 2, (44 * layers + 28) / 56);
        // A decoder of a layer or two has no room between the rounded ends.
        return new PruneSchedule(l1, Math.Max(l2, l1 + 1), layers);
    }

    /// <summary>
    /// R_l, the share of the visual tokens that entered layer 0 that goes on after layer <paramref name="layer"/>.
    /// </summary>
    public double Rate(int layer)
    {
        // Exactly the reference's expression in double: the truncation below sits on it.
        double slope = 1.0 / (L2 - L1);
        return layer < L1 ? 1 : Math.Max(0, 1 - (layer - L1 + 1) * slope);
    }

    /// <summary>
    /// Visual tokens that go on after a layer, of so many visual and text tokens: int(visual * R + text) - text.
    /// </summary>
    public int KeptVisual(int layer, int visual, int text) => KeptAt(Rate(layer), visual, text);

    internal static int KeptAt(double rate, int visual, int text) => (int)(visual * rate + text) - text;

    /// <summary>The visual tokens that every layer computes, from layer 0.</summary>
    public int[] VisualPerLayer(int visual, int text)
        => [.. Enumerable.Range(0, Layers).Select(l => l == 0 ? visual : KeptVisual(l - 1, visual, text))];

    /// <summary><c>(6, 9)</c>.</summary>
    public override string ToString() => $"({L1}, {L2})";
}
