namespace Aim.Reduction;

/// <summary>Settings found for a target.</summary>
/// <param name="Settings">The method's settings.</param>
/// <param name="Achieved">What they cost, in the target's unit.</param>
/// <param name="WithinTarget">Whether that keeps to the target.</param>
public sealed record FoundSettings(MethodSettings Settings, double Achieved, bool WithinTarget);

/// <summary>
/// Finds the setting by which a method comes closest to a cost from below: how methods are compared at one budget. The main
/// setting of a method takes whole steps, so the target is seldom met exactly; what was reached is given back and belongs in
/// every report.
/// </summary>
public static class TargetSearch
{
    /// <summary>Searches a method's <see cref="MethodDefinition.Ladder"/>.</summary>
    /// <param name="method">The method.</param>
    /// <param name="settings">Its other settings.</param>
    /// <param name="host">The host.</param>
    /// <param name="shape">Lengths of a prompt.</param>
    /// <param name="target">Cost to stay within, say executed FLOPs.</param>
    /// <param name="cost">What the method so configured costs.</param>
    /// <returns>
    /// The dearest settings within the target; if there are none, the cheapest. Null for a method without a ladder.
    /// </returns>
    public static FoundSettings? Find(
        MethodDefinition method, MethodSettings settings, HostTraits host, PromptShape shape, double target,
        Func<ReductionMethod, double> cost)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(cost);
        var ladder = method.Ladder(settings, host, shape);
        return ladder.Count == 0 ? null : Search(ladder, target, s => cost(method.Create(s, host)));
    }

    /// <summary>The last of settings, ordered by cost, that keeps to a target; the first if none does.</summary>
    public static FoundSettings Search(IReadOnlyList<MethodSettings> ladder, double target, Func<MethodSettings, double> cost)
    {
        ArgumentNullException.ThrowIfNull(ladder);
        ArgumentNullException.ThrowIfNull(cost);
        ArgumentOutOfRangeException.ThrowIfZero(ladder.Count);
        // The first `low` settings keep to the target; those from `high` on do not.
        int low = 0, high = ladder.Count;
        double achieved = double.NaN;
        while (low < high)
        {
            int middle = (low + high) / 2;
            double at = cost(ladder[middle]);
            if (at <= target)
                (low, achieved) = (middle + 1, at);
            else
                high = middle;
        }

        return low == 0
            ? new FoundSettings(ladder[0], cost(ladder[0]), false)
            : new FoundSettings(ladder[low - 1], achieved, true);
    }
}
