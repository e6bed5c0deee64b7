using FsCheck;
using FsCheck.Fluent;

namespace Aim.Reduction.Tests;

public class PruMergeTests
{
    private static readonly Arbitrary<PruMergeSettings> s_settings = (
        from plus in Gen.Elements(false, true)
        from ratio in Gen.Elements<double?>(null, 0, 1.0 / 8, 0.5, 0.75, 1)
        from neighbours in Gen.Elements(0, 3, 32)
        select new PruMergeSettings { Plus = plus, Ratio = ratio, Neighbours = neighbours }).ToArbitrary();

    [FsCheck.NUnit.Property(MaxTest = 150)]
    public Property TokensAreThemselvesPlusAttentionTimesNeighbours() => Prop.ForAll(TokenCase.Any, s_settings, (c, settings) =>
    {
        using var scope = NewDisposeScope();
        float[] attention = c.Scores();
        var result = PruMerge.Reduce(attention, c.Features(), settings);
        var rows = result.Mixture.Rows;
        Assert.That(result.Chosen, Is.Unique);
        Assert.That(rows, Has.Count.EqualTo(result.Chosen.Length + 1));
        if (PruMerge.Count(c.Tokens, settings) is { } count)
            Assert.That(rows, Has.Count.EqualTo(count));
        Assert.That(result.Chosen[..result.Top.Length], Is.EqualTo(result.Top));
        Assert.That(result.Top.Select(i => attention[i]), Is.Ordered.Descending);
        for (int i = 0; i < result.Chosen.Length; i++)
        {
            int[] near = rows[i].Slots[1..];
            Assert.That(rows[i].Slots[0], Is.EqualTo(result.Chosen[i]));
            Assert.That(near, Is.Unique);
            Assert.That(near, Has.Length.EqualTo(Math.Min(settings.Neighbours, c.Tokens - 1)).And.No.Member(result.Chosen[i]));
            Assert.That(rows[i].Weights, Is.EqualTo(near.Select(j => attention[j]).Prepend(1)));
        }

        Assert.That(rows[^1].Slots, Is.EqualTo(Enumerable.Range(0, c.Tokens).Except(result.Chosen)));
        Assert.That(rows[^1].Weights, Is.EqualTo(rows[^1].Slots.Select(j => attention[j])));
        Assert.That(result.Mixture.Apply(c.Features()).data<float>().ToArray(), Is.All.Not.NaN);
    });

    [Test]
    public void NeighboursAreTheMostSimilar()
    {
        using var scope = NewDisposeScope();
        var keys = tensor(new float[] { 1, 0, 0, 1, 5, 1, -1, 0, 1, 1 }, [5, 2]);
        var settings = new PruMergeSettings { Ratio = 0.2, Neighbours = 2 };
        var result = PruMerge.Reduce([0.9f, 0.1f, 0.2f, 0.3f, 0.4f], keys, settings);
        Assert.That(result.Mixture.Rows[0].Slots, Is.EqualTo((int[])[0, 2, 4]));
    }

    [Test]
    public void OutliersLieAboveTheUpperBound()
    {
        using var scope = NewDisposeScope();
        // Quartiles of 0 .. 7 and 100: 2 and 6, so the bound is 12.
        float[] attention = [3, 1, 7, 100, 0, 5, 2, 4, 6];
        var result = PruMerge.Reduce(attention, ones(9, 2));
        Assert.That(result.UpperBound, Is.EqualTo(12));
        Assert.That(result.Top, Is.EqualTo((int[])[3]));
        // The percentiles of 0, 1, 2, 3 lie between them: 0.75 and 2.25.
        Assert.That(PruMerge.UpperBound([3, 0, 2, 1]), Is.EqualTo(4.5));
    }

    [Test]
    public void WithoutOutliersOneTokenTakesInAll()
    {
        using var scope = NewDisposeScope();
        float[] attention = [1, 2, 3, 4, 5];
        Assert.That(PruMerge.Reduce(attention, ones(5, 2)).Mixture.Rows, Has.Count.EqualTo(1));
        var plus = PruMerge.Reduce(attention, ones(5, 2), new PruMergeSettings { Plus = true });
        Assert.That(plus.Chosen, Is.EqualTo((int[])[0]));
    }

    [Test]
    public void ManyOutliersSampleEveryPatchButTheLast()
    {
        using var scope = NewDisposeScope();
        // Three of eight: 1 / ratio = 2.67, a third of 2 is no step.
        float[] attention = [9, 1, 1, 9, 1, 1, 9, 1];
        var settings = new PruMergeSettings { Plus = true };
        int[] chosen = PruMerge.Reduce([.. attention, .. new float[] { 1, 1, 1, 1, 1 }], ones(13, 2), settings).Chosen;
        Assert.That(chosen, Is.EqualTo((int[])[0, 3, 6, 1, 2, 4, 5, 7, 8, 9, 10, 11]));
    }

    [Test]
    public void ASpacedPatchThatIsTakenGivesItsPlaceToTheNext()
    {
        using var scope = NewDisposeScope();
        // Two by attention, 1 and 5; the spaced ones of eight would be 2 and 6. With 2 and 6 taken, 3 and 7.
        var settings = new PruMergeSettings { Plus = true, Ratio = 0.25 };
        Assert.That(PruMerge.Reduce([0, 3, 0, 0, 0, 2, 0, 0], ones(8, 2), settings).Chosen, Is.EqualTo((int[])[1, 5, 2, 6]));
        Assert.That(PruMerge.Reduce([0, 0, 3, 0, 0, 0, 2, 0], ones(8, 2), settings).Chosen, Is.EqualTo((int[])[2, 6, 3, 7]));
    }

    [Test]
    public void ARatioIsAShare()
    {
        using var scope = NewDisposeScope();
        Assert.That(
            () => PruMerge.Reduce([1, 2], ones(2, 2), new PruMergeSettings { Ratio = 1.5 }),
            Throws.ArgumentException.With.Message.Contains("1.5"));
    }
}
