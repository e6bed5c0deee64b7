using Aim.Experiments.Statistics;

namespace Aim.Experiments.Tests.Statistics;

public class HolmTests
{
    /// <summary>
    /// The step-down procedure as the paper words it: reject in order of p while p(i) is at most level / (m - i).
    /// </summary>
    private static bool[] Rejected(IReadOnlyList<double> p, double level)
    {
        var rejected = new bool[p.Count];
        int[] order = [.. Enumerable.Range(0, p.Count).OrderBy(i => p[i])];
        for (int i = 0; i < order.Length && p[order[i]] * (p.Count - i) <= level; i++)
            rejected[order[i]] = true;
        return rejected;
    }

    [FsCheck.NUnit.Property]
    public bool Adjusted_values_reject_what_the_step_down_procedure_rejects(byte[] raw, byte level)
    {
        double[] p = [.. raw.Select(v => v / 255.0)];
        double at = level / 255.0;
        double[] adjusted = Holm.Adjust(p);
        return at == 1 || adjusted.Select(a => a <= at).SequenceEqual(Rejected(p, at));
    }

    [FsCheck.NUnit.Property]
    public bool Adjusting_never_lowers_a_value_nor_exceeds_bonferroni(byte[] raw)
    {
        double[] p = [.. raw.Select(v => v / 255.0)];
        return Holm.Adjust(p).Zip(p, (a, v) => a >= v && a <= Math.Min(1, v * p.Length) + 1e-15).All(x => x);
    }

    [Test]
    public void A_value_that_is_no_probability_is_refused() =>
        Assert.That(() => Holm.Adjust([0.2, 1.5]), Throws.ArgumentException.With.Message.Contains("1.5"));

    [Test]
    public void No_tests_need_no_correction() => Assert.That(Holm.Adjust([]), Is.Empty);
}
