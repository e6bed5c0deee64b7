using FsCheck;
using FsCheck.Fluent;

namespace Aim.Tensors.Tests.Properties;

/// <summary>Views, broadcasting and products on random shapes and strides, against plain loops.</summary>
public sealed class ShapeProperties
{
    [FsCheck.NUnit.Property(MaxTest = 150)]
    public Property ElementwiseEqualsALoop() => Prop.ForAll(Seeds, seed =>
    {
        using var scope = NewDisposeScope();
        var random = new Choices(seed);
        var shape = random.Shape(4);
        var (a, b) = (random.Operand(shape), random.Operand(shape));
        var (y, wide) = (a * b, cat([(a + 0 * b).reshape(1, -1), (b + 0 * a).reshape(1, -1)], 0));
        var expected = wide[0].data<float>().ToArray().Zip(wide[1].data<float>().ToArray(), (p, q) => p * q);
        return y.data<float>().ToArray().SequenceEqual(expected);
    });

    [FsCheck.NUnit.Property(MaxTest = 150)]
    public Property ContiguousKeepsEveryElement() => Prop.ForAll(Seeds, seed =>
    {
        using var scope = NewDisposeScope();
        var random = new Choices(seed);
        var x = random.Operand(random.Shape(4));
        var y = x.contiguous();
        var (p, q) = (x.data<float>(), y.data<float>());
        for (long i = 0; i < x.numel(); i++)
        {
            if (p[i] != q[i])
                return false;
        }

        return y.is_contiguous();
    });

    [FsCheck.NUnit.Property(MaxTest = 100)]
    public Property ProductsEqualALoop() => Prop.ForAll(Seeds, seed =>
    {
        using var scope = NewDisposeScope();
        var random = new Choices(seed);
        var (m, k, n) = (random.Below(40) + 1, random.Below(40) + 1, random.Below(40) + 1);
        var batch = random.Shape(2);
        var a = random.Below(2) == 0 ? random.Operand([.. batch, m, k]) : random.Operand([.. batch, k, m]).transpose(-2, -1);
        var b = random.Below(2) == 0 ? random.Operand([k, n]) : random.Operand([.. batch, n, k]).mT;
        var y = matmul(a, b);
        var exact = matmul(a.@double(), b.@double());
        return (y.@double() - exact).abs().max().item<double>() <= 1e-5 * k;
    });

    [FsCheck.NUnit.Property(MaxTest = 100)]
    public Property ReductionsEqualALoop() => Prop.ForAll(Seeds, seed =>
    {
        using var scope = NewDisposeScope();
        var random = new Choices(seed);
        var shape = random.Shape(4);
        var x = random.Operand(shape);
        var dims = Enumerable.Range(0, shape.Length).Where(_ => random.Below(2) == 0).Select(d => (long)d).ToArray();
        var keep = random.Below(2) == 0;
        var (y, z) = (x.sum(dims, keep), x.@double().sum(dims, keep));
        return y.shape.SequenceEqual(z.shape) && (y.@double() - z).abs().max().item<double>() <= 1e-5;
    });

    private static Arbitrary<int> Seeds => ArbMap.Default.ArbFor<int>();

    /// <summary>Everything drawn from one seed, so that a failure prints it.</summary>
    private sealed class Choices(int seed)
    {
        private readonly Generator _generator = new(unchecked((ulong)seed));

        public int Below(int bound) => (int)randint(bound, [1], generator: _generator).item<long>();

        public long[] Shape(int rank) => [.. Enumerable.Range(0, Below(rank + 1)).Select(_ => (long)Below(5) + 1)];

        /// <summary>A tensor that broadcasts to (or is of) a shape: transposed, sliced or expanded.</summary>
        public Tensor Operand(long[] shape)
        {
            var order = Enumerable.Range(0, shape.Length).Select(i => (long)i).OrderBy(_ => Below(100)).ToArray();
            var wide = order.Select(d => shape[d] * 2).ToArray();
            var x = randn(wide, generator: _generator);
            for (var i = 0; i < order.Length; i++)
                x = Below(2) == 0 ? x.slice(i, 0, long.MaxValue, 2) : x.narrow(i, 1, shape[order[i]]);
            var back = new long[shape.Length];
            for (var i = 0; i < back.Length; i++)
                back[order[i]] = i;
            x = shape.Length == 0 ? x : x.permute(back);
            return shape.Length > 0 && Below(3) == 0 ? x.narrow(0, 0, 1).expand(shape) : x;
        }
    }
}
