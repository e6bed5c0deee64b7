using System.Runtime.InteropServices;
using static Aim.Tensors.torch.nn.functional;

namespace Aim.Tensors.Tests.Core;

/// <summary>Sizes that overflow or exceed the machine's memory are refused before anything is allocated, by name.</summary>
public sealed class SizeTests
{
    private const long Huge = 1L << 40;

    private static readonly Dictionary<string, (Func<Tensor> Call, string Named)> Enlarging = new()
    {
        ["zeros"] = (() => zeros(Huge, Huge), "[1099511627776, 1099511627776]"),
        ["ones"] = (() => ones(long.MaxValue), "[9223372036854775807]"),
        ["empty"] = (() => empty([1L << 62, 2], bfloat16), "[4611686018427387904, 2]"),
        ["empty, product fits but bytes do not"] = (() => empty(1L << 61, float64), "[2305843009213693952]"),
        ["full"] = (() => full(Huge, 1), "[1099511627776]"),
        ["rand"] = (() => rand(Huge, 1000), "[1099511627776, 1000]"),
        ["randint"] = (() => randint(3, [Huge]), "[1099511627776]"),
        ["randperm"] = (() => randperm(Huge), "[1099511627776]"),
        ["arange"] = (() => arange(0, 1e30, 1), "[9223372036854775807]"),
        ["linspace"] = (() => linspace(0, 1, Huge), "[1099511627776]"),
        ["eye"] = (() => eye(1L << 33), "[8589934592, 8589934592]"),
        ["zeros_like"] = (() => zeros_like(ones(1).expand(Huge)), "[1099511627776]"),
        ["repeat"] = (() => ones(2, 3).repeat(Huge, Huge), "[2199023255552, 3298534883328]"),
        ["repeat overflows a dimension"] = (() => ones(4).repeat(long.MaxValue), "36893488147419103228"),
        ["tile"] = (() => ones(2).tile([Huge]), "[2199023255552]"),
        ["repeat_interleave"] = (() => ones(2).repeat_interleave(Huge, 0), "[2199023255552]"),
        ["repeat_interleave by tensor"] = (() => ones(2).repeat_interleave(tensor(new[] { Huge, Huge }), 0), "[2199023255552]"),
        ["outer"] = (() => ones(1).expand(1L << 20).outer(ones(1).expand(1L << 20)), "[1048576, 1048576]"),
        ["add"] = (() => ones(1, 1).expand(Huge, 1) + ones(3), "[1099511627776, 3]"),
        ["clone"] = (() => ones(1).expand(Huge).clone(), "[1099511627776]"),
        ["to"] = (() => ones(1).expand(Huge).to(float16), "[1099511627776]"),
        ["cat"] = (() => cat([ones(1).expand(Huge), ones(1).expand(Huge)]), "[2199023255552]"),
        ["stack"] = (() => stack([ones(1).expand(Huge), ones(1).expand(Huge)]), "[2, 1099511627776]"),
        ["one_hot"] = (() => one_hot(zeros(3, int64), Huge), "[3, 1099511627776]"),
        ["one_hot of a huge class"] = (() => one_hot(full(1, long.MaxValue, int64)), "9223372036854775808"),
        ["pad"] = (() => pad(ones(2, 2), [Huge, 0]), "[2, 1099511627778]"),
        ["pad overflows a dimension"] = (() => pad(ones(2), [long.MaxValue, 1]), "9223372036854775810"),
        ["pad by replication"] = (() => pad(ones(1, 2), [0, Huge], PaddingModes.Replicate), "[1, 1099511627778]"),
        ["interpolate"] = (() => interpolate(ones(1, 1, 2, 2), [Huge, 3]), "[1, 1, 1099511627776, 2]"),
        ["interpolate by a factor"] = (() => interpolate(ones(1, 1, 2), scale_factor: [1e300]), "9223372036854775807"),
        ["adaptive_avg_pool2d"] = (() => adaptive_avg_pool2d(ones(1, 2, 2), Huge), "[1, 1099511627776, 1099511627776]"),
        ["diag_embed"] = (() => ones(2).diag_embed(1L << 33), "[8589934594, 8589934594]"),
        ["matmul"] = (() => ones(1, 1).expand(Huge, 1).matmul(ones(1, 3)), "[1099511627776, 3]"),
        ["matmul over a huge inner size"] =
            (() => ones(1, 1).expand(1, Huge).matmul(ones(1, 1).expand(Huge, 1)), "1099511627776"),
        ["conv2d"] = (() => conv2d(ones(1, 1, 2, 2), ones(1, 1, 1, 1), padding: [Huge, 0]), "[1, 1, 2199023255554, 2]"),
        ["index_select"] = (() => ones(1, 1).expand(2, Huge).index_select(0, zeros(2, int64)), "[2, 1099511627776]"),
    };

    public static IEnumerable<string> Names => Enlarging.Keys;

    [TestCaseSource(nameof(Names))]
    public void AreRefusedByName(string name)
    {
        using var scope = NewDisposeScope();
        var (call, named) = Enlarging[name];
        Assert.That(() => call(), Throws.InstanceOf<ExternalException>().With.Message.Contains(named));
    }

    [Test]
    public void ExpandingIsFree()
    {
        using var scope = NewDisposeScope();
        var x = ones(1, 1).expand(Huge, 1L << 20);
        Assert.That(x.numel(), Is.EqualTo(Huge << 20));
        Assert.That(x[Huge - 1, 3].item<float>(), Is.EqualTo(1));
        Assert.That(() => ones(1, 1).expand(Huge, Huge).numel(), Throws.InstanceOf<ExternalException>());
        Assert.That(zeros([1L << 62, 4, 0]).numel(), Is.Zero, "a zero among the sizes makes all else harmless");
    }

    [Test]
    public void ShapesThatWrapAroundAreNotMistakenForOthers()
    {
        using var scope = NewDisposeScope();
        Assert.That(() => zeros(0).view(1L << 32, 1L << 32), Throws.InstanceOf<ExternalException>());
        Assert.That(() => ones(4).narrow(0, 1, long.MaxValue), Throws.InstanceOf<ExternalException>());
        Assert.That(() => ones(2).repeat(-1), Throws.InstanceOf<ExternalException>());
        Assert.That(ones(4).slice(0, 1, 4, long.MaxValue).shape, Is.EqualTo(new long[] { 1 }));
        Assert.That(ones(4).split(long.MaxValue).Single().shape, Is.EqualTo(new long[] { 4 }));
        Assert.That(ones(4).chunk(long.MaxValue), Has.Length.EqualTo(4));
    }
}
