using Aim.Models;

namespace Aim.Reduction;

/// <summary>
/// AIM's progressive pruning (paper section 2.2): after each layer where the schedule falls, the visual tokens with the largest Page Rank
/// importance go on. The reference sorts text (score 1.0), live visual (importance) and dead tokens (-1) together and cuts; since text
/// always leads and the dead always trail, ranking the live visual tokens alone gives the same survivors. Exactly equal scores keep index order;
/// upstream's sort is not stable there.
/// </summary>
public sealed class PageRankPruner : ITokenPruner
{
    private readonly PruneSchedule _schedule;

    /// <summary>Makes the pruner with the method's constants; others are for ablations.</summary>
    public PageRankPruner(PruneSchedule schedule, double tau = 0.1, int iterations = 5, double damping = 0)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        (_schedule, Tau, Iterations, Damping) = (schedule, tau, iterations, damping);
    }

    /// <summary>Temperature of the second softmax.</summary>
    public double Tau { get; }

    /// <summary>Steps of the power iteration.</summary>
    public int Iterations { get; }

    /// <summary>Share of mass spread evenly at every step.</summary>
    public double Damping { get; }

    /// <inheritdoc/>
    public int Kept(int layer, int visual, int text) => _schedule.KeptVisual(layer, visual, text);

    /// <inheritdoc/>
    public int[][] Select(LayerContext context, int[] keep)
    {
        ArgumentNullException.ThrowIfNull(context);
        float[][] importance = context.Importance(Tau, Iterations, Damping);
        return [.. importance.Select((scores, b) => Top(scores, keep[b]))];
    }

    /// <summary>Indices of the <paramref name="keep"/> largest scores, ascending; among equals the first win.</summary>
    public static int[] Top(IReadOnlyList<float> scores, int keep)
        => [.. Enumerable.Range(0, scores.Count).OrderByDescending(i => scores[i]).Take(keep).Order()];
}
