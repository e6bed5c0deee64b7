using FsCheck;
using FsCheck.Fluent;

namespace Aim.Reduction.Tests;

public class DyCokeTests
{
    private static Tensor Video(int frames, int tokens, int seed)
        => new TokenCase(frames * tokens, 4, 0, seed, seed % 3 == 0).Features().view(frames, tokens, 4);

    [FsCheck.NUnit.Property]
    public Property TheCountIsForetold()
    {
        var cases =
            from frames in Gen.Choose(1, 14)
            from tokens in Gen.Choose(1, 12)
            from tenths in Gen.Choose(0, 10)
            from drop in Gen.Elements(false, true)
            from seed in Gen.Choose(0, 1000)
            select (frames, tokens, ratio: tenths / 10.0, drop, seed);
        return Prop.ForAll(cases.ToArbitrary(), c =>
        {
            using var scope = NewDisposeScope();
            int[] kept = DyCoke.Select(Video(c.frames, c.tokens, c.seed), c.ratio, c.drop);
            Assert.That(kept, Has.Length.EqualTo(DyCoke.Count(c.frames, c.tokens, c.ratio, c.drop)));
            Assert.That(kept, Is.Unique);
            Assert.That(kept.Select(i => i / c.tokens), Is.Ordered.Ascending, "frame after frame");
        });
    }

    // w: whole, p: pruned.
    [TestCase(1, "w")]
    [TestCase(2, "wp")]
    [TestCase(3, "wpw")]
    [TestCase(4, "wpwp")]
    [TestCase(5, "wpppw")]
    [TestCase(8, "wpppwpwp")]
    [TestCase(9, "wpppwpppw")]
    [TestCase(12, "wpppwpppwpwp")]
    public void WhichFramesArePruned(int frames, string expected)
    {
        using var scope = NewDisposeScope();
        var perFrame = DyCoke.Select(Video(frames, 10, 1), 0.7).CountBy(i => i / 10).ToDictionary();
        Assert.That(string.Concat(perFrame.Values.Select(n => n == 10 ? 'w' : n == 3 ? 'p' : '?')), Is.EqualTo(expected));
    }

    [Test]
    public void WhatChangedMostStaysMostFirst()
    {
        using var scope = NewDisposeScope();
        // Slots of the second frame: as before, opposite, at a right angle, nearly as before.
        var video = tensor(new float[] { 1, 0, 1, 0, 1, 0, 1, 0, 2, 0, -1, 0, 0, 1, 9, 1 }, [2, 4, 2]);
        Assert.That(DyCoke.Select(video, 0.25), Is.EqualTo((int[])[0, 1, 2, 3, 5, 6, 7]));
    }

    [Test]
    public void DroppingConcernsOddNumbersOnly()
    {
        using var scope = NewDisposeScope();
        Assert.That(DyCoke.Select(Video(3, 2, 1), 0.5, dropOdd: true).Max(), Is.LessThan(4));
        Assert.That(DyCoke.Select(Video(4, 2, 1), 0, dropOdd: true), Has.Length.EqualTo(8));
        Assert.That(() => DyCoke.Select(Video(2, 2, 1), 1.1), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }
}
