using System.Numerics;

namespace Aim.Experiments.Statistics;

/// <summary>
/// McNemar's test of two methods on the same questions: only those count that one method has right and the other wrong, and if
/// neither were better, each of them would be a coin toss. The exact binomial form is used because discordant pairs are few where
/// two methods nearly agree, which is where the question matters and where the chi-square form is off.
/// </summary>
public static class McNemar
{
    /// <summary>Two-sided exact p: min(1, 2 P[X &lt;= min(b, c)]), X ~ Binomial(b + c, 1/2).</summary>
    /// <param name="onlyFirst">b, samples that only the first method has right.</param>
    /// <param name="onlySecond">c, samples that only the second has right.</param>
    public static double Exact(int onlyFirst, int onlySecond)
    {
        var (tail, _) = Tail(onlyFirst, onlySecond);
        return Math.Min(1, Share(2 * tail, onlyFirst + onlySecond));
    }

    /// <summary>
    /// The mid-p variant, which counts the observed outcome half: the exact test is conservative, this one holds its level
    /// closely without going above it in practice (Fagerland, Lydersen and Laake, BMC Med. Res. Methodol. 13, 2013).
    /// </summary>
    /// <inheritdoc cref="Exact" path="/param"/>
    public static double MidP(int onlyFirst, int onlySecond)
    {
        var (tail, observed) = Tail(onlyFirst, onlySecond);
        return Math.Min(1, Share(2 * tail - observed, onlyFirst + onlySecond));
    }

    /// <summary>2^n P[X &lt;= m] and 2^n P[X = m], m = min(b, c), n = b + c: whole numbers, so that nothing is rounded.</summary>
    private static (BigInteger AtMost, BigInteger Exactly) Tail(int onlyFirst, int onlySecond)
    {
        if (onlyFirst < 0 || onlySecond < 0)
            throw new ArgumentException($"discordant counts {onlyFirst} and {onlySecond} cannot be negative");
        var (n, m) = (onlyFirst + onlySecond, Math.Min(onlyFirst, onlySecond));
        BigInteger term = 1, sum = 1;
        for (var k = 1; k <= m; k++)
        {
            term = term * (n - k + 1) / k;
            sum += term;
        }

        return (sum, term);
    }

    private static double Share(BigInteger count, int tosses)
    {
        var drop = (int)Math.Max(0, count.GetBitLength() - 64);
        return Math.ScaleB((double)(count >> drop), drop - tosses);
    }
}
