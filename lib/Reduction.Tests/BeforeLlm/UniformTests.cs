using FsCheck;
using FsCheck.Fluent;

namespace Aim.Reduction.Tests;

public class UniformTests
{
    [TestCase(4, 2, new[] { 1, 3 })]
    [TestCase(9, 1, new[] { 4 })]
    [TestCase(10, 1, new[] { 5 })]
    [TestCase(5, 3, new[] { 0, 2, 4 })]
    [TestCase(3, 3, new[] { 0, 1, 2 })]
    [TestCase(3, 5, new[] { 0, 1, 2 })]
    [TestCase(3, 0, new int[0])]
    [TestCase(0, 3, new int[0])]
    public void TheMiddlesOfEqualStretches(int tokens, int keep, int[] slots)
        => Assert.That(Uniform.Slots(tokens, keep), Is.EqualTo(slots));

    [FsCheck.NUnit.Property]
    public Property EverySlotLiesInItsOwnStretch()
        => Prop.ForAll(Gen.Choose(1, 7000).Two().ToArbitrary(), c =>
        {
            var (n, k) = (Math.Max(c.Item1, c.Item2), Math.Min(c.Item1, c.Item2));
            int[] slots = Uniform.Slots(n, k);
            var middles = Enumerable.Range(0, k).Select(i => (int)decimal.Floor((i + 0.5m) * n / k));
            Assert.That(slots.SequenceEqual(middles), $"{k} of {n}");
            Assert.That(slots.Select((s, i) => s >= (long)i * n / k && s <= ((i + 1L) * n - 1) / k).All(inside => inside));
        });
}
