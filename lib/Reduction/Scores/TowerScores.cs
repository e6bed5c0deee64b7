using Aim.Models;

namespace Aim.Reduction;

/// <summary>
/// What methods before the decoder ask of the tower, frame by frame and aligned with the features: patches' scores and keys are
/// pooled as the features are. Without a class token the mean over all queries takes its place; a method that then runs is
/// called 'adapted'.
/// </summary>
internal static class TowerScores
{
    /// <summary>
    /// The reason for 'adapted' or <see cref="MethodFit.Native"/>, for methods that rank by the class token's attention.
    /// </summary>
    /// <param name="host">The host.</param>
    /// <param name="behindProjector">
    /// Whether what the method computes of features differs behind the projector; empty where not.
    /// </param>
    public static MethodFit Fit(HostTraits host, string behindProjector = "")
        => MethodFit.AdaptedIf(
            host.HasClassToken ? "" : "the mean over all queries' attention stands for a class token's",
            host.PoolsTokens ? "what the tower says of patches is pooled as their features are" : "",
            behindProjector, host.Placed);

    /// <summary>Attention of the class token (or all queries) in a layer, averaged over heads: [frames][tokens].</summary>
    public static float[][] ClassAttention(MergeInput input, int layer)
        => Attention(input, layer, (query, key, hasClass) => hasClass
            ? VisualAttention.OfClassToken(query, key) : VisualAttention.OfAllQueries(query, key));

    /// <summary>Attention of all queries in a layer, averaged over heads: [frames][tokens].</summary>
    public static float[][] AllAttention(MergeInput input, int layer)
        => Attention(input, layer, (query, key, hasClass) => VisualAttention.OfAllQueries(query, key, hasClass));

    /// <summary>
    /// PruMerge's attention: one softmax over all heads together, of the class token's query or the mean query.
    /// </summary>
    public static float[][] OneQueryAttention(MergeInput input, int layer)
    {
        var tower = Tower(input);
        using var scope = NewDisposeScope();
        var (query, key) = (tower.Queries(Layer(tower, layer)), tower.Keys(Layer(tower, layer)));
        var rows = new List<Tensor>();
        for (int f = 0; f < input.Frames; f++)
        {
            var one = tower.HasClassToken ? query.select(0, f).select(0, 0) : query.select(0, f).mean([0L]);
            float[] scores = VisualAttention.OfOneQuery(one, key.select(0, f), tower.HasClassToken);
            rows.Add(tensor(scores, [scores.Length, 1]).to(key.device));
        }

        return Split(input, tower.Pool(stack(rows.ToArray(), 0)));
    }

    /// <summary>A layer's keys, heads side by side: [frames, tokens, width].</summary>
    public static Tensor Keys(MergeInput input, int layer)
    {
        var tower = Tower(input);
        using var scope = NewDisposeScope();
        return tower.Pool(WithoutClass(tower, tower.Keys(Layer(tower, layer)))).MoveToOuterDisposeScope();
    }

    /// <summary>A layer's keys averaged over heads: [frames, tokens, head dim].</summary>
    public static Tensor MeanKeys(MergeInput input, int layer)
    {
        using var scope = NewDisposeScope();
        var keys = Keys(input, layer);
        int heads = Tower(input).Heads;
        return keys.reshape(keys.shape[0], keys.shape[1], heads, keys.shape[2] / heads).mean([2L]).MoveToOuterDisposeScope();
    }

    private static float[][] Attention(MergeInput input, int layer, Func<Tensor, Tensor, bool, Tensor> rows)
    {
        var tower = Tower(input);
        using var scope = NewDisposeScope();
        var (query, key) = (tower.Queries(Layer(tower, layer)), tower.Keys(Layer(tower, layer)));
        Tensor Heads(Tensor x, int f)
            => x.select(0, f).reshape(x.shape[1], tower.Heads, x.shape[2] / tower.Heads).transpose(0, 1).contiguous();
        var scores = new List<Tensor>();
        for (int f = 0; f < input.Frames; f++)
        {
            using var frame = NewDisposeScope();
            scores.Add(
                rows(Heads(query, f), Heads(key, f), tower.HasClassToken).mean([0L]).unsqueeze(1).MoveToOuterDisposeScope());
        }

        return Split(input, tower.Pool(stack(scores.ToArray(), 0)));
    }

    private static float[][] Split(MergeInput input, Tensor pooled)
    {
        if (pooled.shape[0] != input.Frames || pooled.shape[1] != input.Tokens)
        {
            throw new ArgumentException(
                $"the tower's [{pooled.shape[0]}, {pooled.shape[1]}] scores "
                + $"do not fit features of {input.Frames} x {input.Tokens} tokens");
        }

        return [.. Cosine.Host(pooled).Chunk(input.Tokens)];
    }

    // A tower of one layer has that as its second last, too.
    private static int Layer(ITowerSignals tower, int layer) => Math.Max(layer, -tower.Layers);

    private static Tensor WithoutClass(ITowerSignals tower, Tensor x)
        => tower.HasClassToken ? x.narrow(1, 1, x.shape[1] - 1) : x;

    private static ITowerSignals Tower(MergeInput input)
        => input.Tower ?? throw new ArgumentException("the method looks at the vision tower, which was not given");
}
