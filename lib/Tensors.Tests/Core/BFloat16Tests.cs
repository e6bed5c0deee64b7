namespace Aim.Tensors.Tests.Core;

/// <summary>The 16-bit types as C# sees them.</summary>
public sealed class BFloat16Tests
{
    [TestCase(1f, 1f)]
    [TestCase(1.00390625f, 1f, Description = "a tie goes to the even fraction below")]
    [TestCase(1.01171875f, 1.015625f, Description = "a tie goes to the even fraction above")]
    [TestCase(3.4e38f, float.PositiveInfinity)]
    [TestCase(-3.4e38f, float.NegativeInfinity)]
    [TestCase(9.2e-41f, 9.18355e-41f, Description = "the smallest subnormal")]
    [TestCase(float.NaN, float.NaN)]
    [TestCase(float.PositiveInfinity, float.PositiveInfinity)]
    public void ConversionRoundsToNearestEven(float value, float expected)
    {
        Assert.That(((BFloat16)value).ToSingle(), Is.EqualTo(expected));
        Assert.That((float)(BFloat16)(double)value, Is.EqualTo(expected));
    }

    [Test]
    public void EveryPatternSurvivesTheWayToFloat32AndBack([Values(ScalarType.BFloat16, ScalarType.Float16)] ScalarType type)
    {
        using var scope = NewDisposeScope();
        var x = empty(65536, type);
        for (var i = 0; i < 65536; i++)
            BitConverter.TryWriteBytes(x.bytes[(2 * i)..], (ushort)i);
        var back = x.to(float32).to(type);
        var nan = x.isnan().data<bool>().ToArray();
        for (var i = 0; i < 65536; i++)
        {
            if (nan[i])
                Assert.That(back[i].isnan().item<bool>(), Is.True, $"pattern {i:x4}");
            else
                Assert.That(BitConverter.ToUInt16(back.bytes[(2 * i)..]), Is.EqualTo(i), $"pattern {i:x4}");
        }
    }

    [Test]
    public void ElementsAreReadAndWritten()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 1.5f, -2, 1e9f }, dtype: float16);
        Assert.That(x.data<Half>().ToArray(), Is.EqualTo(new[] { (Half)1.5f, (Half)(-2f), Half.PositiveInfinity }));
        Assert.That(x[0].item<Half>(), Is.EqualTo((Half)1.5f));
        Assert.That(x[1].ToSingle(), Is.EqualTo(-2));
        var y = x.bfloat16();
        y.data<BFloat16>()[1] = (BFloat16)7f;
        Assert.That(y[1].item<BFloat16>().ToSingle(), Is.EqualTo(7));
        Assert.That(() => y.data<float>(), Throws.InstanceOf<System.Runtime.InteropServices.ExternalException>());
        Assert.That(y.ToString(), Does.Contain("BFloat16").And.Contain("1.5"));
    }

    [Test]
    public void FactoriesMakeThem([Values(ScalarType.BFloat16, ScalarType.Float16)] ScalarType type)
    {
        using var scope = NewDisposeScope();
        Tensor[] made =
        [
            zeros(3, type), ones(3, type), empty(3, type), full(3, 0.1, type), randn(3, type), rand(3, type),
            arange(3, dtype: type), linspace(0, 1, 3, type), eye(3, dtype: type), zeros_like(ones(3), type),
        ];
        foreach (var x in made)
        {
            Assert.That(x.dtype, Is.EqualTo(type));
            Assert.That(x.element_size(), Is.EqualTo(2));
        }

        Assert.That(arange(4, dtype: type).to(float32).data<float>().ToArray(), Is.EqualTo(new float[] { 0, 1, 2, 3 }));
    }
}
