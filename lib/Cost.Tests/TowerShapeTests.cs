namespace Aim.Cost.Tests;

/// <summary>FLOPs of a small tower, by hand; whole towers are held against the kernels' counters where they run.</summary>
public class TowerShapeTests
{
    private static readonly TowerShape _tower = new() { Hidden = 2, Layers = 1, Intermediate = 3, PatchValues = 5 };

    [Test]
    public void Products_and_attention_are_counted()
    {
        // Patches 2 * 4 * 5 * 2; products of 4 tokens, 8 * 2 * 2 + 4 * 2 * 3 each; attention of 4 with 4, 4 * 2 each.
        Assert.That(_tower.MatmulFlops(1, 4), Is.EqualTo(80 + 224 + 128));
        Assert.That(_tower.MatmulFlops(3, 4), Is.EqualTo(3 * 432), "pictures attend to themselves alone");
        Assert.That((_tower with { Layers = 0 }).MatmulFlops(1, 4), Is.EqualTo(80));
        Assert.That((_tower with { HasClassToken = true }).MatmulFlops(1, 4), Is.EqualTo(80 + 280 + 200));
    }

    [Test]
    public void Projector_merger_and_pooling_come_on_top()
    {
        var projecting = _tower with { Projector = [(2, 7), (7, 7)] };
        Assert.That(projecting.MatmulFlops(1, 4), Is.EqualTo(432 + 4 * (2 * 14 + 2 * 49)));
        Assert.That((projecting with { HasClassToken = true, ProjectsClassToken = true }).MatmulFlops(1, 4),
            Is.EqualTo(560 + 5 * (2 * 14 + 2 * 49)));
        Assert.That((projecting with { PatchesPerToken = 4 }).MatmulFlops(1, 4), Is.EqualTo(432 + 2 * 14 + 2 * 49));
        // Rows: 2 x 2 to 1 x 2; then columns: 1 x 2 to 1 x 1, of width 7.
        Assert.That((projecting with { PooledSide = 1 }).MatmulFlops(1, 4) - projecting.MatmulFlops(1, 4),
            Is.EqualTo(2 * 7 * (1 * 2 * 2 + 1 * 2 * 1)));
    }

    [Test]
    public void Numbers_below_nothing_are_refused()
        => Assert.That(() => _tower.MatmulFlops(-1, 4), Throws.InstanceOf<ArgumentOutOfRangeException>());
}
