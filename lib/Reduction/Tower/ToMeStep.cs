namespace Aim.Reduction;

/// <summary>
/// One block's merging of <see cref="ToMe"/> as a decision, made on a metric and applied alike to whatever lies in the same
/// slots. Slots 0, 2, 4, .. are sources, slots 1, 3, 5, .. destinations. Output order: sources that stay (by decreasing
/// similarity, with a class token by position), then destinations; a distillation token, slot 1, comes second.
/// </summary>
public sealed class ToMeStep
{
    private readonly int _tokens;

    // [item][slot] -> output slot.
    private readonly int[][] _assign;

    private ToMeStep(int tokens, int kept, int[][] assign) => (_tokens, Kept, _assign) = (tokens, kept, assign);

    /// <summary>Tokens after the step.</summary>
    public int Kept { get; }

    /// <summary>The output slot that every input slot of an item ends in.</summary>
    public ReadOnlySpan<int> Assign(int item) => _assign[item];

    /// <summary>Matches sources with destinations by cosine similarity; the first of equals wins.</summary>
    /// <param name="metric">[items, tokens, dim].</param>
    /// <param name="r">Tokens to remove, clipped to half of those that may merge.</param>
    /// <param name="classToken">Slot 0 is a class token, which stays and stays first.</param>
    /// <param name="distillToken">Slot 1 is a distillation token: nothing is merged into it.</param>
    public static ToMeStep Match(Tensor metric, int r, bool classToken = false, bool distillToken = false)
    {
        ArgumentNullException.ThrowIfNull(metric);
        int items = (int)metric.shape[0], tokens = (int)metric.shape[1];
        r = ToMe.Clip(r, tokens, (classToken ? 1 : 0) + (distillToken ? 1 : 0));
        if (r == 0)
        {
            int[] identity = [.. Enumerable.Range(0, tokens)];
            return new ToMeStep(tokens, tokens, [.. Enumerable.Repeat(identity, items)]);
        }

        int sources = (tokens + 1) / 2, destinations = tokens / 2;
        float[] similarity = Similarity(metric);
        var excluded = new bool[destinations];
        excluded[0] = distillToken && destinations > 1;
        var assign = new int[items][];
        for (int item = 0; item < items; item++)
        {
            int[] at = new int[sources];
            var best = new float[sources];
            for (int a = 0; a < sources; a++)
            {
                var row = similarity.AsSpan((item * sources + a) * destinations, destinations);
                at[a] = Ranking.ArgMax(row, excluded);
                best[a] = row[at[a]];
            }

            if (classToken)
                best[0] = float.NegativeInfinity;
            int[] order = Ranking.Descending(best);
            var stay = classToken ? order[r..].Order() : order[r..].AsEnumerable();
            assign[item] = Slots([.. stay], order[..r], at, tokens, distillToken);
        }

        return new ToMeStep(tokens, tokens - r, assign);
    }

    private static int[] Slots(int[] stay, int[] merged, int[] at, int tokens, bool distillToken)
    {
        int[] assign = new int[tokens];
        for (int i = 0; i < stay.Length; i++)
            assign[2 * stay[i]] = Place(i);
        for (int b = 0; b < tokens / 2; b++)
            assign[2 * b + 1] = Place(stay.Length + b);
        foreach (int a in merged)
            assign[2 * a] = assign[2 * at[a] + 1];
        return assign;

        // The distillation token, first of the destinations, moves up behind the first of those that stay.
        int Place(int i) => !distillToken || i == 0 || i > stay.Length ? i : i == stay.Length ? 1 : i + 1;
    }

    // Cosines of all sources with all destinations, [items, sources, destinations].
    private static float[] Similarity(Tensor metric)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var unit = Cosine.Unit(metric);
        long tokens = metric.shape[1];
        return Cosine.Host(matmul(unit.slice(1, 0, tokens, 2), unit.slice(1, 1, tokens, 2).transpose(1, 2)));
    }

    /// <summary>Applies the decision: means weighted by size, and the new sizes.</summary>
    /// <param name="x">[items, tokens, dim], in the slots that were matched.</param>
    /// <param name="sizes">[items, tokens]: how many original tokens are in each; null: one.</param>
    /// <returns>[items, Kept, dim] and [items, Kept].</returns>
    public (Tensor Tokens, Tensor Sizes) Apply(Tensor x, Tensor? sizes = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.shape is not [var items, var tokens, var dim] || items != _assign.Length || tokens != _tokens)
        {
            throw new ArgumentException(
                $"the step matched [{_assign.Length}, {_tokens}, ..], not [{string.Join(", ", x.shape)}]", nameof(x));
        }

        using var scope = NewDisposeScope();
        var weight = (sizes ?? ones([items, tokens], x.dtype, x.device)).unsqueeze(-1);
        var index = tensor([.. _assign.SelectMany(a => a.Select(slot => (long)slot))], [items, tokens, 1]).to(x.device);
        var size = zeros([items, Kept, 1], x.dtype, x.device).scatter_add(1, index, weight);
        var sum = zeros([items, Kept, dim], x.dtype, x.device)
            .scatter_add(1, index.expand(items, tokens, dim), x.mul(weight));
        return (sum.div(size).MoveToOuterDisposeScope(), size.squeeze(-1).MoveToOuterDisposeScope());
    }
}
