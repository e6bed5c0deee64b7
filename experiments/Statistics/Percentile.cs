namespace Aim.Experiments.Statistics;

/// <summary>
/// Order statistics of repeated measurements. Times are reported by the median: one disturbed repeat does not move it.
/// </summary>
public static class Percentile
{
    /// <summary>
    /// The percentile with linear interpolation between neighbours (NumPy's default, Hyndman and Fan's type 7).
    /// </summary>
    /// <param name="values">In any order; not changed.</param>
    /// <param name="percent">0 to 100.</param>
    /// <exception cref="ArgumentException">There are no values, or the percentage is outside [0, 100].</exception>
    public static double Of(IReadOnlyList<double> values, double percent)
    {
        if (values.Count == 0)
            throw new ArgumentException("a percentile of no values is not defined");
        if (percent is not (>= 0 and <= 100))
            throw new ArgumentException(FormattableString.Invariant($"percentile {percent} should lie in 0..100"));
        var sorted = values.Order().ToArray();
        var at = percent / 100 * (sorted.Length - 1);
        var below = (int)Math.Floor(at);
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }

    /// <inheritdoc cref="Of" path="/exception"/>
    public static double Median(IReadOnlyList<double> values) => Of(values, 50);
}
