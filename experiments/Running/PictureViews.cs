using Aim.Models;
using Aim.Reduction;

namespace Aim.Experiments.Running;

/// <summary>
/// A single picture for methods that merge or choose after the projector, which no family of the paper does: ours.
/// LLaVA-OneVision packs a picture of one tile as the whole (the base view), then its grid again with a newline behind every row.
/// A method is given both views, like two frames; the newlines stay, spread evenly over what is left of the grid, so that an
/// unreduced picture is packed exactly as upstream packs it.
/// </summary>
internal static class PictureViews
{
    public const int Count = 2;

    /// <summary>Both views' tokens.</summary>
    /// <param name="projected">The base tile's features, <c>[1, patches, dim]</c>.</param>
    /// <returns><c>[2, patches, dim]</c>.</returns>
    public static Tensor Of(Tensor projected) => cat([projected, projected], 0);

    /// <summary>Where the newlines stand: after how many of the grid view's tokens each.</summary>
    /// <param name="tokens">Tokens that are left of the grid view.</param>
    /// <param name="newlines">Rows of the whole grid.</param>
    public static int[] Breaks(int tokens, int newlines) => [.. Enumerable.Range(1, newlines).Select(i => i * tokens / newlines)];

    /// <summary>The order in which the prompt takes the picture's tokens: indices of merged tokens, -1 for a newline.</summary>
    /// <param name="origin">What a method left of both views.</param>
    /// <param name="patches">Tokens of a view before.</param>
    /// <param name="newlines">Rows of the whole grid.</param>
    public static int[] Order(Provenance origin, int patches, int newlines)
    {
        int whole = FirstOfGrid(origin, patches), at = whole;
        var order = new List<int>(Enumerable.Range(0, whole));
        foreach (int end in Breaks(origin.Outputs - whole, newlines))
        {
            for (; at < whole + end; at++)
                order.Add(at);
            order.Add(-1);
        }
        return [.. order];
    }

    /// <summary>The picture's tokens as the prompt takes them, <c>[tokens + newlines, dim]</c>.</summary>
    /// <param name="merged">Merged tokens <c>[tokens, dim]</c>.</param>
    /// <param name="order"><see cref="Order"/>.</param>
    /// <param name="newline">The newline token <c>[dim]</c>.</param>
    public static Tensor Pack(Tensor merged, int[] order, Tensor newline)
    {
        using var scope = NewDisposeScope();
        var rows = order.Select(i => i < 0 ? merged.shape[0] : i).ToArray();
        return cat([merged, newline.unsqueeze(0)], 0).index_select(0, tensor(rows)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The first token from which on all are mainly of the grid view; a method that mixes the views up has none of its own.
    /// </summary>
    private static int FirstOfGrid(Provenance origin, int patches)
    {
        int first = origin.Outputs;
        while (first > 0 && IsOfGrid(origin, first - 1, patches))
            first--;
        return first;
    }

    private static bool IsOfGrid(Provenance origin, int token, int patches)
    {
        float grid = 0, all = 0;
        for (int k = 0; k < origin.From(token).Count; k++)
        {
            all += origin.Weights(token)[k];
            grid += origin.From(token)[k] >= patches ? origin.Weights(token)[k] : 0;
        }
        return 2 * grid > all;
    }
}
