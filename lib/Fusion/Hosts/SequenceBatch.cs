namespace Aim.Fusion;

/// <summary>
/// Sequences of unequal lengths as one batch, padded on the right: causal attention never looks there, so no mask is needed and
/// no row depends on what it is batched with.
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
        var embeds = stack([.. sequences.Select(s => Padded(s.Embeds, columns))], 0);
        return (embeds, Positions(sequences, columns));
    }

    // What the padding holds never matters; zeros are finite.
    private static Tensor Padded(Tensor embeds, int columns)
    {
        long missing = columns - embeds.shape[0];
        return missing == 0 ? embeds : cat([embeds, zeros([missing, embeds.shape[1]], embeds.dtype, embeds.device)], 0);
    }

    private static Tensor? Positions(IReadOnlyList<PackedSequence> sequences, int columns)
    {
        if (sequences[0].Layout.Positions is not { } first)
            return null;
        var positions = new long[first.Count * sequences.Count * columns];
        for (int axis = 0; axis < first.Count; axis++)
        {
            for (int s = 0; s < sequences.Count; s++)
            {
                int[] row = sequences[s].Layout.Positions![axis];
                for (int i = 0; i < row.Length; i++)
                    positions[(((axis * sequences.Count) + s) * columns) + i] = row[i];
            }
        }

        return tensor(positions, [first.Count, sequences.Count, columns]);
    }
}
