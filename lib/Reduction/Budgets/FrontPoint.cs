namespace Aim.Reduction;

/// <summary>A setting of AIM as measured on the validation split.</summary>
/// <param name="Retention">Share of each frame's tokens that merging keeps.</param>
/// <param name="Schedule">When tokens are pruned: layers, or <see cref="ScheduleChoice.None"/>.</param>
/// <param name="Correct">Right answers.</param>
/// <param name="Samples">Of so many.</param>
/// <param name="Flops">Mean executed FLOPs of the prefill on these samples.</param>
public sealed record FrontPoint(Retention Retention, ScheduleChoice Schedule, int Correct, int Samples, double Flops)
{
    /// <summary>Validation accuracy, 0 .. 1.</summary>
    public double Accuracy => (double)Correct / Samples;

    /// <summary>The setting for <c>aim</c>.</summary>
    public AimMethod.Options Settings => new(Retention, null, Schedule, AimOptions.Paper);

    /// <summary><c>1/4 (4, 13)</c>, or <c>1/4</c> where nothing is pruned.</summary>
    public override string ToString()
        => Schedule == ScheduleChoice.None ? $"{Retention}" : $"{Retention} ({Schedule.L1}, {Schedule.L2})";
}

/// <summary>
/// The Pareto front of settings: those that no other one beats in cost or accuracy without being worse in the other.
/// </summary>
public static class Front
{
    /// <summary>The front of some points, from the cheapest to the dearest; accuracy rises along it strictly.</summary>
    /// <exception cref="ArgumentException">The points were not measured on equally many samples.</exception>
    public static IReadOnlyList<FrontPoint> Of(IEnumerable<FrontPoint> points)
    {
        ArgumentNullException.ThrowIfNull(points);
        var front = new List<FrontPoint>();
        // Of equally dear points the most accurate comes first, so that none of the others follows it.
        foreach (var point in points.OrderBy(p => p.Flops).ThenByDescending(p => p.Correct))
        {
            if (front.Count > 0 && front[0].Samples != point.Samples)
            {
                throw new ArgumentException(
                    $"points of {front[0].Samples} and of {point.Samples} samples have no common front", nameof(points));
            }

            if (front.Count == 0 || point.Correct > front[^1].Correct)
                front.Add(point);
        }

        return front;
    }
}
