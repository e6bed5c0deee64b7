namespace Aim.Experiments.Statistics;

/// <summary>A two-sided confidence interval.</summary>
public readonly record struct Interval(double Low, double High);
