using static Aim.Tensors.torch.nn.functional;

namespace Aim.Tensors.Tests.Ops;

/// <summary>
/// bfloat16 and float16: an operation on them is the float32 operation on the widened values, rounded once; so are its gradients.
/// </summary>
public sealed class LowPrecisionTests
{
    private static readonly ScalarType[] Types = [ScalarType.BFloat16, ScalarType.Float16];

    private static readonly Dictionary<string, Func<Tensor, Tensor, Tensor>> Functions = new()
    {
        ["add"] = (a, b) => a + b,
        ["add alpha"] = (a, b) => a.add(b, 0.3),
        ["sub alpha"] = (a, b) => a.sub(b, 0.3),
        ["add scalar"] = (a, b) => a + 0.1,
        ["rsub"] = (a, b) => 0.1 - a,
        ["mul"] = (a, b) => a * b,
        ["mul scalar"] = (a, b) => a * 0.1,
        ["div"] = (a, b) => a / b,
        ["rdiv"] = (a, b) => 0.1 / b,
        ["pow"] = (a, b) => b.pow(1.7),
        ["atan2"] = (a, b) => a.atan2(b),
        ["remainder"] = (a, b) => a.remainder(b),
        ["maximum"] = (a, b) => a.maximum(b),
        ["addcmul"] = (a, b) => a.addcmul(a, b, 0.7),
        ["addcdiv"] = (a, b) => a.addcdiv(a, b, 0.7),
        ["lerp"] = (a, b) => a.lerp(b, full([], 0.3)),
        ["exp"] = (a, b) => a.exp(),
        ["log"] = (a, b) => b.log(),
        ["rsqrt"] = (a, b) => b.rsqrt(),
        ["tanh"] = (a, b) => a.tanh(),
        ["erf"] = (a, b) => a.erf(),
        ["sigmoid"] = (a, b) => a.sigmoid(),
        ["relu"] = (a, b) => a.relu(),
        ["square"] = (a, b) => a.square(),
        ["abs"] = (a, b) => a.abs(),
        ["floor"] = (a, b) => a.floor(),
        ["round"] = (a, b) => a.round(1),
        ["clamp"] = (a, b) => a.clamp(-0.3, 0.7),
        ["sum"] = (a, b) => a.sum(),
        ["sum dim"] = (a, b) => a.sum(1L),
        ["mean"] = (a, b) => a.mean([0L], keepdim: true),
        ["var"] = (a, b) => a.var(1L),
        ["std"] = (a, b) => a.std(1L),
        ["prod"] = (a, b) => b.prod(1L),
        ["norm"] = (a, b) => a.norm(),
        ["norm 3"] = (a, b) => a.norm(1, p: 3),
        ["logsumexp"] = (a, b) => a.logsumexp(1),
        ["cumsum"] = (a, b) => a.cumsum(1),
        ["amax"] = (a, b) => a.amax(1L),
        ["max"] = (a, b) => a.max(1L).values,
        ["sort"] = (a, b) => a.sort(1).Values,
        ["topk"] = (a, b) => a.topk(2).values,
        ["median"] = (a, b) => a.median(),
        ["matmul"] = (a, b) => a.matmul(b.t()),
        ["bmm"] = (a, b) => a.unsqueeze(0).bmm(b.t().unsqueeze(0)),
        ["mv"] = (a, b) => a.mv(b[0]),
        ["dot"] = (a, b) => a[0].dot(b[0]),
        ["addmm"] = (a, b) => addmm(b[0], a, b.t().narrow(1, 0, 1).expand(5, 5), 0.3f, 0.7f),
        ["softmax"] = (a, b) => a.softmax(-1),
        ["softmax 0"] = (a, b) => a.softmax(0),
        ["log_softmax"] = (a, b) => a.log_softmax(-1),
        ["gelu"] = (a, b) => gelu(a),
        ["gelu tanh"] = (a, b) => gelu(a, Modules.GELU.Approximate.tanh),
        ["silu"] = (a, b) => silu(a),
        ["linear"] = (a, b) => linear(a, b, b[0].narrow(0, 0, 4)),
        ["layer_norm"] = (a, b) => layer_norm(a, [5], b[0], b[1]),
        ["normalize"] = (a, b) => normalize(a),
        ["mse_loss"] = (a, b) => mse_loss(a, b),
        ["l1_loss"] = (a, b) => l1_loss(a, b),
        ["cross_entropy"] = (a, b) => cross_entropy(a, tensor(new long[] { 1, 0, 4, 2 })),
        ["attention"] = (a, b) => scaled_dot_product_attention(a.unsqueeze(0), b.unsqueeze(0), a.unsqueeze(0)),
        ["interpolate"] = (a, b) => interpolate(a.view(1, 1, 4, 5), [7, 3], mode: InterpolationMode.Bilinear),
        ["avg_pool2d"] = (a, b) => avg_pool2d(a.view(1, 1, 4, 5), 2),
        ["scatter_add"] = (a, b) => a.scatter_add(0, zeros(4, 5, int64), b),
        ["index_add"] = (a, b) => a.index_add(0, tensor(new long[] { 1, 1, 0, 1 }), b, 0.7),
        ["index_select"] = (a, b) => a.index_select(1, tensor(new long[] { 4, 4, 0 })),
        ["gather"] = (a, b) => a.gather(0, ones(2, 5, int64)),
        ["scatter"] = (a, b) => a.scatter(0, ones(1, 5, int64), b),
        ["masked_fill"] = (a, b) => a.masked_fill(a.gt(0), 0.1),
        ["where"] = (a, b) => where(a.gt(0), a, b),
        ["where scalar"] = (a, b) => where(a.gt(0), a, 0.1),
        ["cat"] = (a, b) => cat([a, b.t().contiguous().view(4, 5)], 1),
        ["stack"] = (a, b) => stack([a, b]),
        ["permute"] = (a, b) => a.t().contiguous(),
        ["index"] = (a, b) => a[TensorIndex.Colon, TensorIndex.Slice(0, 4, 2)],
        ["flip"] = (a, b) => a.flip(1),
        ["roll"] = (a, b) => a.roll(1, 1),
        ["tril"] = (a, b) => a.tril(),
        ["repeat"] = (a, b) => a.repeat(2, 1),
        ["pad"] = (a, b) => pad(a, [1, 2], value: 0.1),
        ["unfold"] = (a, b) => a.unfold(1, 3, 1),
        ["nan_to_num"] = (a, b) => a.nan_to_num(),
        ["composed"] = (a, b) => (a * b).exp().sum(1L) + a.mean([1L]),
    };

    public static IEnumerable<object[]> Cases => Functions.Keys.SelectMany(f => Types.Select(t => new object[] { f, t }));

    [TestCaseSource(nameof(Cases))]
    public void IsTheFloat32OperationRoundedOnce(string name, ScalarType type)
    {
        using var scope = NewDisposeScope();
        var random = new Generator(7);
        var a = randn([4, 5], type, generator: random).requires_grad_();
        var b = rand([4, 5], type, generator: random).add(0.25).requires_grad_();
        var (wideA, wideB) = (a.detach().to(float32).requires_grad_(), b.detach().to(float32).requires_grad_());
        var y = Functions[name](a, b);
        var wide = Functions[name](wideA, wideB);
        Assert.That(y.dtype, Is.EqualTo(type));

        // A graph of several operations is rounded after each.
        var rounding = type == ScalarType.BFloat16 ? 0.0079f : 0.00098f;
        AssertSame(y, wide, type, name == "composed" ? 3 * rounding : 0, "result");
        var upstream = randn(y.shape, type, generator: random);
        y.backward([upstream]);
        wide.backward([upstream.to(float32)]);
        foreach (var (low, full) in new[] { (a, wideA), (b, wideB) })
        {
            Assert.That(low.grad is null, Is.EqualTo(full.grad is null), "whether there is a gradient");
            if (low.grad is not { } gradient)
                continue;
            Assert.That(gradient.dtype, Is.EqualTo(type), "a gradient has its leaf's type");
            AssertSame(gradient, full.grad!, type, 4 * rounding, "gradient");
        }
    }

    [Test]
    public void ResultsHaveTorchsTypes()
    {
        using var scope = NewDisposeScope();
        var (b, h, f, d) = (ones(2, bfloat16), ones(2, float16), ones(2), ones(2, float64));
        var (i, z) = (ones(2, int64), ones([], float32));
        Assert.Multiple(() =>
        {
            Assert.That((b + h).dtype, Is.EqualTo(float32));
            Assert.That((b + f).dtype, Is.EqualTo(float32));
            Assert.That((h * d).dtype, Is.EqualTo(float64));
            Assert.That((h * i).dtype, Is.EqualTo(float16));
            Assert.That((b + z).dtype, Is.EqualTo(bfloat16), "a 0-d tensor yields");
            Assert.That((b[0] + z).dtype, Is.EqualTo(float32), "two 0-d tensors promote");
            Assert.That((b[0] + 0.1).dtype, Is.EqualTo(bfloat16), "a number yields to a 0-d tensor");
            Assert.That((i + b[0]).dtype, Is.EqualTo(bfloat16), "a 0-d tensor of a higher kind does not yield");
            Assert.That(cat([b, h], 0).dtype, Is.EqualTo(float32));
            Assert.That(b.lt(0.5).dtype, Is.EqualTo(@bool));
            Assert.That(b.sum(type: float32).dtype, Is.EqualTo(float32));
        });
    }

    [Test]
    public void NumbersEnterArithmeticInFloat32AndComparisonsRounded()
    {
        using var scope = NewDisposeScope();
        var x = full(1, 0.1, bfloat16);
        Assert.That(x.eq(0.1).item<bool>(), Is.True);
        Assert.That((x * 0.1).item<BFloat16>(), Is.EqualTo((BFloat16)(x.ToSingle() * 0.1f)));
        Assert.That((ones(1, float16) * 2049L).ToSingle(), Is.EqualTo(2048), "2049 is a tie");
        Assert.That((full(1, 65504, float16) * 2).ToSingle(), Is.EqualTo(float.PositiveInfinity));
    }

    [Test]
    public void InPlaceChangesRoundOnce()
    {
        using var scope = NewDisposeScope();
        var x = ones(3, bfloat16);
        x.add_(full(3, 1 / 512.0 + 1e-6)).mul_(3);
        x[1] = 0.1;
        x.narrow(0, 2, 1).copy_(tensor(new[] { 5.01f }));
        Assert.That(x.to(float32).data<float>().ToArray(), Is.EqualTo(new[] { 3f, ((BFloat16)0.1f).ToSingle(), 5f }));
    }

    [Test]
    public void GradientsGatherInFloat32AndAreRoundedWhereTheyArrive()
    {
        using var scope = NewDisposeScope();
        var x = ones(1, bfloat16).requires_grad_();
        Tensor sum = zeros(1);
        for (var i = 0; i < 300; i++)
            sum = sum + x.to(float32);
        sum.backward();
        Assert.That(x.grad!.ToSingle(), Is.EqualTo(300), "one by one in bfloat16 it would stick at 256");
        (x * 2).backward();
        Assert.That(x.grad!.ToSingle(), Is.EqualTo(302));
        Assert.That(x.grad!.dtype, Is.EqualTo(bfloat16));
    }

    private static void AssertSame(Tensor low, Tensor wide, ScalarType type, float tolerance, string what)
    {
        var got = low.detach().to(float32).data<float>().ToArray();
        var expected = wide.detach().to(type).to(float32).data<float>().ToArray();
        Assert.That(low.shape, Is.EqualTo(wide.shape));
        for (var i = 0; i < got.Length; i++)
            Assert.That(got[i], Is.EqualTo(expected[i]).Within(tolerance * (1 + Math.Abs(expected[i]))), $"{what} {i}");
    }
}
