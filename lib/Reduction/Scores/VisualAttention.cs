namespace Aim.Reduction;

/// <summary>
/// The attention inside a vision tower that ranks its patches, computed from a layer's queries and keys. Most methods ask for the
/// class token's row (<see cref="OfClassToken"/>). A tower without a class token (SigLIP) has no such row: the mean over all
/// queries (<see cref="OfAllQueries"/>) takes its place, and the method is then called 'adapted'.
/// </summary>
public static class VisualAttention
{
    /// <summary>
    /// How much the class token, slot 0, attends to each patch. Its own column is dropped, so rows add up to less than 1.
    /// </summary>
    /// <param name="query">[heads, 1 + patches, head dim], before any scaling.</param>
    /// <param name="key">The same shape.</param>
    /// <param name="scale">Factor of the logits; null: 1 / sqrt(head dim).</param>
    /// <returns>Probabilities [heads, patches].</returns>
    public static Tensor OfClassToken(Tensor query, Tensor key, double? scale = null)
    {
        Check(query, key);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var row = Softmax(query.narrow(1, 0, 1), key, scale).squeeze(1);
        return row.slice(1, 1, key.shape[1], 1).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>
    /// How much all queries together attend to each patch: the mean of the softmax rows of every query. HiPrune's own score; for
    /// the other methods the stand-in where there is no class token.
    /// </summary>
    /// <param name="query">[heads, tokens, head dim], before any scaling.</param>
    /// <param name="key">The same shape.</param>
    /// <param name="classToken">Slot 0 is a class token: its row counts, its column is dropped.</param>
    /// <param name="scale">Factor of the logits; null: 1 / sqrt(head dim).</param>
    /// <returns>Probabilities [heads, patches].</returns>
    public static Tensor OfAllQueries(Tensor query, Tensor key, bool classToken = false, double? scale = null)
    {
        Check(query, key);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var mean = Softmax(query, key, scale).mean([1L]);
        return (classToken ? mean.slice(1, 1, key.shape[1], 1).contiguous() : mean).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// PruMerge's attention: all heads as one, a single softmax of one query with logits scaled by 1 /
    /// sqrt(dim).
    /// </summary>
    /// <param name="query">[dim]: the class token's query, or the mean of all patches' queries where there is none.</param>
    /// <param name="key">[tokens, dim].</param>
    /// <param name="classToken">Slot 0 of the keys is a class token, whose column is dropped after the softmax.</param>
    /// <returns>Probabilities, one a patch.</returns>
    public static float[] OfOneQuery(Tensor query, Tensor key, bool classToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(key);
        if (query.shape is not [var dim] || key.shape is not [_, var width] || width != dim)
            throw new ArgumentException($"a query [dim] and keys [tokens, dim] are needed, not {Shape(query)} and {Shape(key)}");
        using var scope = NewDisposeScope();
        float[] all = Cosine.Host(Softmax(query.view(1, 1, dim), key.unsqueeze(0), null));
        return classToken ? all[1..] : all;
    }

    /// <summary>Each patch's score as the mean over heads.</summary>
    /// <param name="attention">[heads, patches].</param>
    public static float[] MeanOverHeads(Tensor attention)
    {
        ArgumentNullException.ThrowIfNull(attention);
        using var scope = NewDisposeScope();
        return Cosine.Host(attention.to(ScalarType.Float32).mean([0L]));
    }

    private static Tensor Softmax(Tensor query, Tensor key, double? scale)
    {
        using var _ = no_grad();
        var logits = matmul(query.to(ScalarType.Float32), key.to(ScalarType.Float32).transpose(1, 2));
        return logits.mul(scale ?? 1 / Math.Sqrt(query.shape[2])).softmax(-1);
    }

    private static void Check(Tensor query, Tensor key)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(key);
        if (query.shape.Length != 3 || !query.shape.SequenceEqual(key.shape))
        {
            throw new ArgumentException(
                $"queries and keys must both be [heads, tokens, head dim], not {Shape(query)} and {Shape(key)}");
        }
    }

    private static string Shape(Tensor x) => $"[{string.Join(", ", x.shape)}]";
}
