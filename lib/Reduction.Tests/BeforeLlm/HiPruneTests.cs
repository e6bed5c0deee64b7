namespace Aim.Reduction.Tests;

public class HiPruneTests
{
    private static float[] Peak(int n, params int[] at)
    {
        var scores = new float[n];
        for (int i = 0; i < at.Length; i++)
            scores[at[i]] = at.Length - i;
        return scores;
    }

    // A grid of 4 x 4: neighbours are slots, over the ends of rows and clamped at the ends of the grid.
    [TestCase(5, new[] { 1, 4, 5, 6, 9 })]
    [TestCase(4, new[] { 0, 3, 4, 5, 8 })]
    [TestCase(0, new[] { 0, 1, 4, 9, 15 })]
    [TestCase(15, new[] { 9, 11, 14, 15, 13 })]
    public void AnAnchorBringsItsNeighbours(int anchor, int[] expected)
    {
        // round(5 * 1 / 5) = 1 anchor; what clamping loses the deep layer fills: slots 9, 15, 13.
        int[] kept = HiPrune.Select(Peak(16, anchor), Peak(16, 9, 15, 13), 5, 4, alpha: 1);
        Assert.That(kept, Is.EqualTo(expected.Order()));
    }

    [Test]
    public void WithoutAlphaTheDeepLayerDecides()
        => Assert.That(HiPrune.Select(Peak(9, 4), Peak(9, 8, 2, 6), 3, 3, alpha: 0), Is.EqualTo((int[])[2, 6, 8]));

    [Test]
    public void TheNumberOfAnchorsRoundsHalvesToEven()
    {
        // 25 * 0.1 / 5 = 0.5 anchors: none. 75 * 0.1 / 5 = 1.5: two, whose neighbours come along.
        float[] shallow = Peak(144, 77, 20), deep = [.. Enumerable.Range(0, 144).Select(i => 144f - i)];
        Assert.That(HiPrune.Select(shallow, deep, 25, 12), Is.EqualTo(Enumerable.Range(0, 25)));
        Assert.That(HiPrune.Select(shallow, deep, 75, 12), Is.SupersetOf((int[])[77, 76, 78, 65, 89, 20, 19, 21, 8, 32]));
    }

    [Test]
    public void BothLayersHaveTheSamePatches()
        => Assert.That(
            () => HiPrune.Select([1, 2], [1, 2, 3], 1, 1), Throws.ArgumentException.With.Message.Contains("2 values for 3"));
}
