using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace Aim.Experiments.Statistics;

/// <summary>
/// Exact binomial test of a count against a chance: is an accuracy above guessing?
/// </summary>
public static class BinomialTest
{
    /// <summary>P[X &lt;= successes], X ~ Binomial(samples, chance).</summary>
    /// <exception cref="ArgumentException">A count is impossible, or the chance is outside [0, 1].</exception>
    public static double Less(int successes, int samples, double chance)
    {
        Check(successes, samples, chance);
        return successes == samples ? 1 : SpecialFunctions.BetaRegularized(samples - successes, successes + 1, 1 - chance);
    }

    /// <summary>P[X &gt;= successes].</summary>
    /// <inheritdoc cref="Less" path="/exception"/>
    public static double Greater(int successes, int samples, double chance)
    {
        Check(successes, samples, chance);
        return successes == 0 ? 1 : SpecialFunctions.BetaRegularized(successes, samples - successes + 1, chance);
    }

    /// <summary>
    /// The probability of every outcome that is at most as likely as the observed one (SciPy's binomtest). Outcomes within 1e-7
    /// of it count as equally likely, so that rounding does not lose the mirror image.
    /// </summary>
    /// <inheritdoc cref="Less" path="/exception"/>
    public static double TwoSided(int successes, int samples, double chance)
    {
        Check(successes, samples, chance);
        double mean = chance * samples, most = Binomial.PMF(chance, samples, successes) * (1 + 1e-7);
        if (successes == mean)
            return 1;

        // The likelihood falls from the mean outwards: on the other side the unlikely outcomes start at a point to be found.
        if (successes < mean)
        {
            int first = First((int)Math.Ceiling(mean), samples + 1, k => Binomial.PMF(chance, samples, k) <= most);
            return Math.Min(1, Less(successes, samples, chance) + (first > samples ? 0 : Greater(first, samples, chance)));
        }

        int last = First(0, (int)Math.Floor(mean) + 1, k => Binomial.PMF(chance, samples, k) > most) - 1;
        return Math.Min(1, Greater(successes, samples, chance) + (last < 0 ? 0 : Less(last, samples, chance)));
    }

    /// <summary>The first number of a range for which something holds that holds for all after it; the end if none.</summary>
    private static int First(int from, int end, Func<int, bool> holds)
    {
        while (from < end)
        {
            int middle = from + (end - from) / 2;
            if (holds(middle))
                end = middle;
            else
                from = middle + 1;
        }

        return from;
    }

    private static void Check(int successes, int samples, double chance)
    {
        if (successes < 0 || successes > samples)
            throw new ArgumentException($"{successes} successes of {samples} samples are impossible");
        if (chance is not (>= 0 and <= 1))
            throw new ArgumentException(FormattableString.Invariant($"chance {chance} should lie in [0, 1]"));
    }
}
