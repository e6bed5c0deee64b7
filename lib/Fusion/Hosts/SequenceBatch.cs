namespace Aim.Fusion;

/// <summary>
/// Sequences of unequal lengths as one batch, padded on the right: causal attention never looks there, so no mask is needed and no row
/// depends on what it is batched with.
/// </summary>
internal static class SequenceBatch
{
    /// <summary>Stacks sequences.</summary>
    /// <param name="sequences">At least one; all with positions of their own, or none.</param>
    /// <param name="atLeast">The least number of columns.</param>
    /// <returns>Embeddings <c>[b, n, dim]</c>, and positions <c>[axes, b, n]</c> where sequences bring their own.</returns>
    public static (Tensor Embeds, Tensor? Positions) PadRight(IReadOnlyList<PackedSequence> sequences, int atLeast = 0)
    {
        int columns = Math.Max(atLeast, sequences.Max(s => s.Length));
        var embeds = stack([.. sequences.Select(s => Padded(s.Embeds, 0, columns))], 0);
        var positions = sequences[0].Positions is null ? null : stack([.. sequences.Select(s => Padded(s.Positions!, 1, columns))], 1);
        return (embeds, positions);
    }

    // What the padding holds never matters; zeros are finite.
    private static Tensor Padded(Tensor values, int axis, int columns)
    {
        long missing = columns - values.shape[axis];
        if (missing == 0)
            return values;
        long[] shape = [.. values.shape];
        shape[axis] = missing;
        return cat([values, zeros(shape, values.dtype, values.device)], axis);
    }
}
