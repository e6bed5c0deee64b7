using MathNet.Numerics.Distributions;

namespace Aim.Experiments.Statistics;

/// <summary>
/// How many questions a comparison of two methods on the same questions needs (Miller, arXiv 2411.00640, section 5; lmms-eval's
/// power_analysis): the normal approximation for the mean of paired differences.
/// </summary>
/// <param name="first">Standard deviation of the first method's scores; 0.5 at most for right/wrong ones.</param>
/// <param name="second">Of the second's.</param>
/// <param name="correlation">Between the two, question by question.</param>
/// <param name="level">Of the two-sided test.</param>
/// <param name="power">The chance with which a difference is to be found.</param>
public sealed class PairedPower(double first, double second, double correlation = 0.5, double level = 0.05, double power = 0.8)
{
    private readonly double _spread = first >= 0 && second >= 0 && correlation is >= -1 and <= 1
        ? Math.Sqrt(first * first + second * second - 2 * correlation * first * second)
        : throw new ArgumentException("standard deviations should not be negative, and a correlation lie in [-1, 1]");

    private readonly double _zLevel = level is > 0 and < 1
        ? Normal.InvCDF(0, 1, 1 - level / 2)
        : throw new ArgumentException(FormattableString.Invariant($"level {level} should lie between 0 and 1"));

    private readonly double _zPower = power is > 0 and < 1
        ? Normal.InvCDF(0, 1, power)
        : throw new ArgumentException(FormattableString.Invariant($"power {power} should lie between 0 and 1"));

    /// <summary>The fewest questions that show a difference of this size.</summary>
    /// <exception cref="ArgumentException">The difference is not positive.</exception>
    public double Questions(double difference)
        => difference > 0
            ? Math.Ceiling(Math.Pow((_zLevel + _zPower) * _spread / difference, 2))
            : throw new ArgumentException(FormattableString.Invariant($"difference {difference} should be positive"));

    /// <summary>The chance to find a difference of this size with so many questions.</summary>
    public double Power(double difference, int questions)
        => Normal.CDF(0, 1, difference / _spread * Math.Sqrt(questions) - _zLevel);

    /// <summary>The smallest difference that so many questions show.</summary>
    public double Difference(int questions) => (_zLevel + _zPower) * _spread / Math.Sqrt(questions);
}
