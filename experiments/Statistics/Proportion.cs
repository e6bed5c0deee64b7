using MathNet.Numerics.Distributions;

namespace Aim.Experiments.Statistics;

/// <summary>
/// Intervals for one proportion, such as an accuracy. Reports use <see cref="Wilson"/>: unlike p +/- 1.96 s it stays inside
/// [0, 1], does not shrink to nothing at 0 or 100 %, and its coverage is close to nominal from a few dozen samples on (Brown, Cai
/// and DasGupta, Statistical Science 16, 2001). <see cref="ClopperPearson"/> never covers less than asked, at the price of width:
/// for claims that must hold in the worst case.
/// </summary>
public static class Proportion
{
    /// <summary>The score interval of Wilson (1927), without continuity correction.</summary>
    /// <exception cref="ArgumentException">A count is impossible, or the confidence is outside (0, 1).</exception>
    public static Interval Wilson(long successes, long samples, double confidence = 0.95)
    {
        Check(successes, samples, confidence);
        if (samples == 0)
            return new Interval(0, 1);
        var wilson = Score((double)successes / samples, samples, Normal.InvCDF(0, 1, 0.5 + confidence / 2));

        // At the ends the interval reaches 0 or 1 in real numbers; in floating point a stray 1e-17 is left.
        return new Interval(successes == 0 ? 0 : wilson.Low, successes == samples ? 1 : wilson.High);
    }

    /// <summary>The score interval of a share p of n samples, which need not be whole, for a quantile z.</summary>
    internal static Interval Score(double p, double n, double z)
    {
        double z2 = z * z;
        var centre = (p + z2 / (2 * n)) / (1 + z2 / n);
        var half = z / (1 + z2 / n) * Math.Sqrt(p * (1 - p) / n + z2 / (4 * n * n));
        return new Interval(Math.Max(0, centre - half), Math.Min(1, centre + half));
    }

    /// <summary>The exact interval of Clopper and Pearson (1934), from the quantiles of the beta distribution.</summary>
    /// <inheritdoc cref="Wilson" path="/exception"/>
    public static Interval ClopperPearson(long successes, long samples, double confidence = 0.95)
    {
        Check(successes, samples, confidence);
        var tail = (1 - confidence) / 2;
        return new Interval(
            successes == 0 ? 0 : Beta.InvCDF(successes, samples - successes + 1, tail),
            successes == samples ? 1 : Beta.InvCDF(successes + 1, samples - successes, 1 - tail));
    }

    private static void Check(long successes, long samples, double confidence)
    {
        if (successes < 0 || successes > samples)
            throw new ArgumentException($"{successes} successes of {samples} samples are impossible");
        CheckConfidence(confidence);
    }

    /// <exception cref="ArgumentException">The confidence is outside (0, 1).</exception>
    internal static void CheckConfidence(double confidence)
    {
        if (confidence is not (> 0 and < 1))
            throw new ArgumentException(
                FormattableString.Invariant($"confidence {confidence} should lie between 0 and 1, for example 0.95"));
    }
}
