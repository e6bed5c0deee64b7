namespace Aim.Tensors.Tests.Factories;

/// <summary>Random numbers: reproducible, and distributed as they say.</summary>
public sealed class GeneratorTests
{
    [Test]
    public void TheSequenceFollowsFromTheSeed()
    {
        using var scope = NewDisposeScope();
        var (a, b) = (randn([100], generator: new Generator(7)), randn([100], generator: new Generator(7)));
        Assert.That(a.equal(b), Is.True);
        Assert.That(a.equal(randn([100], generator: new Generator(8))), Is.False);
    }

    [Test]
    public void TheFirstNumbersAreThoseOfXoshiro256StarStar()
    {
        // SplitMix64 of 0 gives the well-known state e220a8397b1dcdaf, 6e789e6aa1b965f4, 06c45d188009454f, f88bb8a8724c81ec.
        var generator = new Generator(0);
        ulong[] s = [0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, 0x06c45d188009454f, 0xf88bb8a8724c81ec];
        for (var i = 0; i < 5; i++)
        {
            var expected = ulong.RotateLeft(s[1] * 5, 7) * 9;
            var t = s[1] << 17;
            s[2] ^= s[0];
            s[3] ^= s[1];
            s[1] ^= s[2];
            s[0] ^= s[3];
            s[2] ^= t;
            s[3] = ulong.RotateLeft(s[3], 45);
            Assert.That(generator.Next(), Is.EqualTo(expected));
        }
    }

    [Test]
    public void MomentsAndRangesAreRight()
    {
        using var scope = NewDisposeScope();
        var random = new Generator(1);
        var normal = randn([100_000], generator: random);
        var uniform = rand([100_000], generator: random);
        var dice = randint(1, 7, [60_000], generator: random);
        Assert.Multiple(() =>
        {
            Assert.That(normal.mean().item<float>(), Is.Zero.Within(0.02));
            Assert.That(normal.std().item<float>(), Is.EqualTo(1).Within(0.02));
            Assert.That(uniform.mean().item<float>(), Is.EqualTo(0.5).Within(0.01));
            Assert.That(uniform.ge(0).logical_and(uniform.lt(1)).all().item<bool>(), Is.True);
            for (var face = 1; face <= 6; face++)
                Assert.That(dice.eq(face).sum().item<long>(), Is.EqualTo(10_000).Within(400));
        });
    }

    [Test]
    public void APermutationHasEveryNumberOnce()
    {
        using var scope = NewDisposeScope();
        var order = randperm(1000, generator: new Generator(4));
        Assert.That(order.sort().Values.equal(arange(1000)), Is.True);
        Assert.That(order.equal(arange(1000)), Is.False);
    }
}
