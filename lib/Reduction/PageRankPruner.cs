using Aim.Models;

namespace Aim.Reduction;

/// <summary>
/// AIM's progressive pruning (paper section 2.2): after each layer where the schedule falls, the visual tokens with the largest
/// Page Rank importance go on. The reference sorts text (score 1.0), live visual (importance) and dead tokens (-1) together and
/// cuts; since text always leads and the dead always trail, ranking the live visual tokens alone gives the same survivors.
/// Exactly equal scores keep index order; upstream's sort is not stable there.
/// </summary>
public sealed class PageRankPruner : ITokenPruner
{
    private readonly PruneSchedule _schedule;
    private readonly AimOptions _options;

    /// <summary>Makes the pruner.</summary>
    /// <param name="schedule">How many tokens go on after each layer.</param>
    /// <param name="options">The ranking's constants; null: the method's.</param>
    public PageRankPruner(PruneSchedule schedule, AimOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        (_schedule, _options) = (schedule, options ?? AimOptions.Paper);
    }

    /// <inheritdoc/>
    public int Kept(int layer, int visual, int text) => _schedule.KeptVisual(layer, visual, text);

    /// <inheritdoc/>
    public bool Renumbers => _options.Renumbered;

    /// <inheritdoc/>
    public int[][] Select(LayerContext context, int[] keep)
    {
        ArgumentNullException.ThrowIfNull(context);
        using var scope = NewDisposeScope();
        var scores = FusedOps.importance(
            context.Query, context.Key, context.Mask, null, _options.Tau, _options.Steps, _options.Damping, heads: _options.Heads)
            .cpu().data<float>();
        long n = context.Query.shape[2];
        return
        [
            .. context.Candidates.Select(
                (slots, b) => Top([.. context.Rows(b, slots).Select(row => scores[b * n + row])], keep[b])),
        ];
    }

    /// <summary>Indices of the <paramref name="keep"/> largest scores, ascending; among equals the first win.</summary>
    public static int[] Top(IReadOnlyList<float> scores, int keep)
        => [.. Enumerable.Range(0, scores.Count).OrderByDescending(i => scores[i]).Take(keep).Order()];
}
