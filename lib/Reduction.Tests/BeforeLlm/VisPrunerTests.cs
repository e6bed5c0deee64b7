using FsCheck;
using FsCheck.Fluent;

namespace Aim.Reduction.Tests;

public class VisPrunerTests
{
    [FsCheck.NUnit.Property]
    public Property TheMostAttendedAreAmongTheKept()
        => Prop.ForAll(TokenCase.Any, Gen.Choose(0, 4).ToArbitrary(), (c, quarters) =>
        {
            using var scope = NewDisposeScope();
            int[] kept = VisPruner.Select(c.Features(), c.Scores(), c.Keep, quarters / 4.0, 3);
            int[] important = FasterVlm.Select(c.Scores(), (int)(c.Kept * (quarters / 4.0)));
            Assert.That(kept, Is.SupersetOf(important));
            Assert.That(kept, Has.Length.EqualTo(c.Kept));
        });

    // One round by hand. In order of attention: a, b, c, d, e; a, c, e against b, d: c equals b and goes, then a, which equals d.
    [TestCase(4, new[] { 0, 1, 3, 4 })]
    [TestCase(3, new[] { 1, 3, 4 })]
    public void DuplicatesInEvenPlacesGo(int keep, int[] expected)
    {
        using var scope = NewDisposeScope();
        var features = tensor(new float[] { 9, 1, 0, 1, 0, 1, 9, 2, 1, -9 }, [5, 2]);
        int[] kept = VisPruner.Select(features, [0.9f, 0.8f, 0.7f, 0.6f, 0.5f], keep, 0);
        Assert.That(kept, Is.EqualTo(expected));
    }

    [Test]
    public void ARoundTakesNoMoreThanTheEvenPlaces()
    {
        using var scope = NewDisposeScope();
        Assert.That(VisPruner.Select(ones(7, 2), [7, 6, 5, 4, 3, 2, 1], 1, 0, 100), Has.Length.EqualTo(1));
    }

    [TestCase(1.5, 8)]
    [TestCase(-0.1, 8)]
    [TestCase(double.NaN, 8)]
    [TestCase(0.5, 0)]
    public void NonsensicalSettingsAreRefused(double ratio, int perRound)
    {
        using var scope = NewDisposeScope();
        Assert.That(
            () => VisPruner.Select(ones(3, 2), [1, 2, 3], 2, ratio, perRound), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }
}
