using Aim.Experiments.Statistics;

namespace Aim.Experiments.Tests.Statistics;

public class RidgeProbeTests
{
    private const int Dim = 24;

    private static readonly string[] s_classes = ["cat", "dog", "key", "moon"];

    // Noise, and one direction a class in it, as strong as is said.
    private static (double[] Features, string Class)[] Samples(int seed, int count, double strength)
    {
        var random = new Random(seed);
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return
        [
            .. Enumerable.Range(0, count).Select(_ =>
            {
                int c = random.Next(s_classes.Length);
                return (Enumerable.Range(0, Dim).Select(j => Normal() + 7 + (strength * Math.Cos(1.7 * (c + 1) * j))).ToArray(),
                    s_classes[c]);
            }),
        ];
    }

    private static double Accuracy(double strength)
    {
        var probe = RidgeProbe.Fit([.. Samples(1, 400, strength).Select(s => s.Features)],
            [.. Samples(1, 400, strength).Select(s => s.Class)]);
        return Samples(2, 400, strength).Average(s => probe.Read(s.Features) == s.Class ? 1.0 : 0);
    }

    [Test]
    public void What_was_planted_is_found() => Assert.That(Accuracy(1), Is.GreaterThan(0.9));

    [Test]
    public void What_is_not_there_is_not_found() => Assert.That(Accuracy(0), Is.EqualTo(0.25).Within(0.08));

    [Test]
    public void Few_noisy_samples_need_more_of_a_penalty()
    {
        double Penalty(int count, double strength) => RidgeProbe.Fit(
            [.. Samples(3, count, strength).Select(s => s.Features)], [.. Samples(3, count, strength).Select(s => s.Class)])
                .Penalty;
        Assert.That(Penalty(40, 0.3), Is.GreaterThan(Penalty(800, 2)));
    }

    [Test]
    public void A_feature_that_never_changes_tells_nothing()
    {
        double[][] features = [[1, 5, 0], [2, 5, 0], [11, 5, 0], [12, 5, 0]];
        var probe = RidgeProbe.Fit(features, ["low", "low", "high", "high"]);
        Assert.That(probe.Read([0, 5, 0]), Is.EqualTo("low"));
        Assert.That(probe.Read([20, -900, 7]), Is.EqualTo("high"));
        Assert.That(() => RidgeProbe.Fit([[1]], ["one"]), Throws.ArgumentException);
    }
}
