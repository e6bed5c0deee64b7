namespace Aim.Reduction;

/// <summary>A pruning schedule as measured on the validation split.</summary>
/// <param name="Schedule">The candidate.</param>
/// <param name="Cost">Its FLOPs.</param>
/// <param name="Accuracy">Its validation accuracy, 0 .. 1.</param>
public sealed record ScheduleCandidate(PruneSchedule Schedule, double Cost, double Accuracy);

/// <summary>Chooses a pruning schedule on validation data, as the authors chose theirs with Table 5.</summary>
public static class ScheduleSearch
{
    /// <summary>
    /// The cheapest candidate whose accuracy is within <paramref name="margin"/> of the unpruned one; among equally cheap ones
    /// the more accurate, then the earlier. Null when none is.
    /// </summary>
    public static ScheduleCandidate? Choose(
        IEnumerable<ScheduleCandidate> candidates, double unprunedAccuracy, double margin = 0.01)
    {
        // Accuracies are ratios of counts: a candidate that lies exactly at the margin must not fall to rounding.
        const double rounding = 1e-9;
        return candidates
            .Where(c => c.Accuracy >= unprunedAccuracy - margin - rounding)
            .OrderBy(c => c.Cost)
            .ThenByDescending(c => c.Accuracy)
            .FirstOrDefault();
    }
}
