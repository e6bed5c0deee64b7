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
}
