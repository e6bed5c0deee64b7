using MathNet.Numerics.Distributions;

namespace Aim.Experiments.Statistics;

/// <summary>
/// A mean with its 95 % interval (Student's t); of one value, which says nothing about spread, the interval is the value.
/// </summary>
/// <param name="Mean">The mean.</param>
/// <param name="Interval">Its interval.</param>
/// <param name="Samples">Values behind it.</param>
public sealed record MeanOf(double Mean, Interval Interval, int Samples)
{
    /// <summary>The mean of some values.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static MeanOf Values(IReadOnlyList<double> values)
    {
        if (values.Count == 0)
            throw new ArgumentException("the mean of no values is not defined");
        int n = values.Count;
        double mean = values.Sum() / n;
        if (n == 1)
            return new MeanOf(mean, new Interval(mean, mean), 1);
        double error = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (n - 1) / n);
        double half = StudentT.InvCDF(0, 1, n - 1, 0.975) * error;
        return new MeanOf(mean, new Interval(mean - half, mean + half), n);
    }

    /// <summary>
    /// The two-sided p value of the mean being <paramref name="value"/> (Student's t, the error taken from the interval): below
    /// 0.05 where the interval leaves the value out. One sample alone says nothing: 1.
    /// </summary>
    public double P(double value)
    {
        double half = (Interval.High - Interval.Low) / 2, away = Math.Abs(Mean - value);
        if (Samples < 2 || away == 0)
            return 1;
        return half == 0 ? 0
            : 2 * StudentT.CDF(0, 1, Samples - 1, -away * StudentT.InvCDF(0, 1, Samples - 1, 0.975) / half);
    }
}
