namespace Aim.Experiments.Statistics;

/// <summary>A two-sided confidence interval.</summary>
public readonly record struct Interval(double Low, double High)
{
    private const double Quantile = 1.959963984540054;

    /// <summary>The 95 % interval of a figure that is normal about its value.</summary>
    /// <param name="value">The figure.</param>
    /// <param name="standardError">Its standard error.</param>
    public static Interval Normal(double value, double standardError) =>
        new(value - (Quantile * standardError), value + (Quantile * standardError));
}
