using Aim.Models;

namespace Aim.Reduction;

/// <summary>A picture or video that the tower has seen, before a method merges.</summary>
/// <param name="Visual">Which.</param>
/// <param name="Views">
/// Of each view the tokens <c>[frames, tokens, dim]</c>; for a method that merges before the projector, what enters that.
/// </param>
/// <param name="Metric">What the one view's tokens are compared by then; else null.</param>
public sealed record SeenVisual(PromptVisual Visual, IReadOnlyList<Tensor> Views, Tensor? Metric);

/// <summary>A picture or video as a method has left it.</summary>
/// <param name="Tokens">Its tokens for the prompt, newlines included.</param>
/// <param name="Views">What was merged of each view.</param>
/// <param name="Order">
/// For each of the tokens the merged one that it is, counted over all views, or -1 for a newline.
/// </param>
public sealed record ReducedVisual(VisualTokens Tokens, IReadOnlyList<MergedTokens> Views, IReadOnlyList<int> Order)
{
    /// <summary>
    /// For each of the tokens the slot that the original one has, from which it comes, in the visual as it is unreduced (a
    /// newline its own), and how many slots that has; null where methods do not ask.
    /// </summary>
    public (IReadOnlyList<int> Slots, int Count)? Original { get; init; }

    /// <summary>Slots of the tokens in the visual as it is unreduced.</summary>
    /// <param name="visual">The visual.</param>
    /// <param name="views">What was merged of each view.</param>
    /// <param name="order">As <see cref="Order"/>.</param>
    internal static (IReadOnlyList<int> Slots, int Count) SlotsIn(
        PromptVisual visual, IReadOnlyList<MergedTokens> views, IReadOnlyList<int> order)
    {
        int[] whole = visual.Order([.. visual.Views.Select(v => v.Count)]);
        int[] slotOf = new int[whole.Length];
        List<int> newlines = [];
        for (int slot = 0; slot < whole.Length; slot++)
        {
            if (whole[slot] < 0)
                newlines.Add(slot);
            else
                slotOf[whole[slot]] = slot;
        }

        List<int> mains = [];
        for (int view = 0, first = 0; view < views.Count; first += visual.Views[view++].Count)
            mains.AddRange(views[view].MainInputs().Select(i => slotOf[first + i]));
        int newline = 0;
        return ([.. order.Select(i => i < 0 ? newlines[newline++] : mains[i])], whole.Length);
    }

    /// <summary>How many original tokens each stands for; at least 1.</summary>
    public IEnumerable<int> Sizes
    {
        get
        {
            int[] all =
            [
                .. Views.Select(v => v.Origin)
                    .SelectMany(o => Enumerable.Range(0, o.Outputs).Select(i => Math.Max(1, o.From(i).Count))),
            ];
            return Order.Select(i => i < 0 ? 1 : all[i]);
        }
    }
}

/// <summary>A prompt ready for the decoder.</summary>
/// <param name="Embeds"><c>[1, n, dim]</c>.</param>
/// <param name="Layout">Which slots are visual, where they stand and how much they weigh.</param>
/// <param name="SampleId">Names the sample; part of the random methods' seed.</param>
public sealed record ReducedPrompt(Tensor Embeds, PromptLayout Layout, string SampleId);
