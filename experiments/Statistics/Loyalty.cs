namespace Aim.Experiments.Statistics;

/// <summary>
/// Agreement with the unreduced model's answers, right or wrong. Two methods with equal accuracy may still answer differently:
/// loyalty shows what accuracy hides, namely how many answers the reduction changed.
/// </summary>
public static class Loyalty
{
    /// <summary>Share of samples with the same answer.</summary>
    /// <exception cref="ArgumentException">The lists differ in length or are empty.</exception>
    public static double Of<T>(IReadOnlyList<T> answers, IReadOnlyList<T> unreduced)
        where T : IEquatable<T>
    {
        if (answers.Count != unreduced.Count || answers.Count == 0)
            throw new ArgumentException($"{answers.Count} and {unreduced.Count} answers cannot be compared one by one");
        return answers.Zip(unreduced, (a, b) => a.Equals(b) ? 1 : 0).Sum() / (double)answers.Count;
    }
}
