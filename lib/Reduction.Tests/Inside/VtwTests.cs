namespace Aim.Reduction.Tests.Inside;

public class VtwTests
{
    [TestCase(0.003, 9)]
    [TestCase(0.1, 5)]
    [TestCase(1e-6, 12)]
    public void TheSearchTakesTheSmallestLayerWithinTheBound(double bound, int expected)
    {
        var asked = new List<int>();
        int found = Vtw.Search(12, k =>
        {
            asked.Add(k);
            return [0.02 / (1 << (k - 5)), 0.04 / (1 << (k - 5))];
        }, bound);
        Assert.That(found, Is.EqualTo(expected));
        Assert.That(asked, Is.EqualTo(Enumerable.Range(5, Math.Min(expected, 11) - 4)));
    }

    [Test]
    public void DivergenceIsKullbackLeiblers()
    {
        using var scope = NewDisposeScope();
        // (1/2, 1/2) against (1/4, 3/4).
        double expected = 0.5 * Math.Log(2) + 0.5 * Math.Log(2.0 / 3);
        Assert.That(
            Vtw.Divergence(tensor((float[])[1, 1]), tensor((float[])[0, MathF.Log(3)])), Is.EqualTo(expected).Within(1e-6));
        Assert.That(Vtw.Divergence(tensor((float[])[1, 2]), tensor((float[])[1, 2])), Is.Zero.Within(1e-7));
    }

    [TestCase(32, 15)]
    [TestCase(12, 6)]
    [TestCase(1, 1)]
    public void TheDefaultIsTheOfficialOneInProportion(int layers, int k)
        => Assert.That(Hosts.Make("vtw", Hosts.Small(layers)).Settings.Canonical, Is.EqualTo($"layer={k} positions=keep"));
}
