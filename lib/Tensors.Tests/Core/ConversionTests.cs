using System.Runtime.InteropServices;

namespace Aim.Tensors.Tests.Core;

/// <summary>Conversions between types and integer arithmetic at its limits, as torch on a CPU.</summary>
public sealed class ConversionTests
{
    private static readonly double[] Edges =
        [1.9, -1.9, 300.7, -300.7, 3e9, -3e9, 1e19, -1e19, double.NaN, double.PositiveInfinity];

    [Test]
    public void FloatsAreCutAndWhatDoesNotFitIsTheSmallestInteger(
        [Values(ScalarType.Float32, ScalarType.Float64)] ScalarType type)
    {
        using var scope = NewDisposeScope();
        var x = tensor(Edges, dtype: type);
        var (l, i) = (long.MinValue, int.MinValue);
        Assert.That(x.to(int64).data<long>().ToArray(),
            Is.EqualTo(new[] { 1, -1, 300, -300, 3000000000, -3000000000, l, l, l, l }));
        Assert.That(x.to(int32).data<int>().ToArray(), Is.EqualTo(new[] { 1, -1, 300, -300, i, i, i, i, i, i }));
        Assert.That(x.to(uint8).data<byte>().ToArray(), Is.EqualTo(new byte[] { 1, 255, 44, 212, 0, 0, 0, 0, 0, 0 }));
        Assert.That(x.to(@bool).data<bool>().ToArray(), Is.All.True);
        var small = tensor(new[] { 0, -0.0, 1e-45 }, dtype: type);
        Assert.That(small.to(@bool).data<bool>().ToArray(), Is.EqualTo(new[] { false, false, true }));
    }

    [Test]
    public void IntegersWrapAround()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 300L, -1, 1L << 32, long.MinValue });
        Assert.That(x.to(int32).data<int>().ToArray(), Is.EqualTo(new[] { 300, -1, 0, 0 }));
        Assert.That(x.to(uint8).data<byte>().ToArray(), Is.EqualTo(new byte[] { 44, 255, 0, 0 }));
        Assert.That((x + long.MaxValue)[0].item<long>(), Is.EqualTo(unchecked(300 + long.MaxValue)));
        Assert.That(x.neg().data<long>().ToArray(), Is.EqualTo(new[] { -300, 1, -(1L << 32), long.MinValue }));
        Assert.That(x.abs().data<long>().ToArray(), Is.EqualTo(new[] { 300, 1, 1L << 32, long.MinValue }));
        Assert.That(tensor(new[] { (1L << 60) + 1 }).neg().item<long>(), Is.EqualTo(-(1L << 60) - 1), "no way through doubles");
        Assert.That(tensor(new byte[] { 5 }).neg().item<byte>(), Is.EqualTo(251));
        Assert.That(tensor(new[] { int.MaxValue }).sum().item<long>() + 1, Is.EqualTo(1L << 31), "sums are int64");
        Assert.That(tensor(new[] { true, true }).sum().item<long>(), Is.EqualTo(2));
        Assert.That(tensor(new[] { 1 << 20, 1 << 20 }).prod().item<long>(), Is.EqualTo(1L << 40));
        Assert.That(tensor(new byte[] { 200, 100 }).cumsum(0).data<long>().ToArray(), Is.EqualTo(new long[] { 200, 300 }));
    }

    [Test]
    public void DivisionOfIntegersFloorsTruncatesAndNeverTraps()
    {
        using var scope = NewDisposeScope();
        var (a, b) = (tensor(new[] { 7L, -7, 7, -7, long.MinValue }), tensor(new[] { 2L, 2, -2, -2, -1 }));
        Assert.That(a.floor_divide(b).data<long>().ToArray(), Is.EqualTo(new[] { 3, -4, -4, 3, long.MinValue }));
        Assert.That(a.div(b, RoundingMode.trunc).data<long>().ToArray(), Is.EqualTo(new[] { 3, -3, -3, 3, long.MinValue }));
        Assert.That(a.remainder(b).data<long>().ToArray(), Is.EqualTo(new long[] { 1, 1, -1, -1, 0 }));
        Assert.That(a.fmod(b).data<long>().ToArray(), Is.EqualTo(new long[] { 1, -1, 1, -1, 0 }));
        Assert.That((a / b).dtype, Is.EqualTo(float32));
        Assert.That(() => a.remainder(0), Throws.InstanceOf<ExternalException>().With.Message.Contains("ZeroDivision"));
        var powers = tensor(new[] { -1L, 1, 2 }).pow(tensor(new[] { -3L, -1, -2 }));
        Assert.That(powers.data<long>().ToArray(), Is.EqualTo(new long[] { -1, 1, 0 }));
        Assert.That(a.floor().dtype, Is.EqualTo(int64), "rounding leaves integers as they are");
        Assert.That(a.round().data<long>().ToArray(), Is.EqualTo(a.data<long>().ToArray()));
    }

    [Test]
    public void ValuesBeyondATypesRangeAreNotFilledIn()
    {
        using var scope = NewDisposeScope();
        Assert.That(() => full(2, 300, uint8), Throws.InstanceOf<ExternalException>().With.Message.Contains("300"));
        Assert.That(() => full(2, 70000.0, float16), Throws.InstanceOf<ExternalException>().With.Message.Contains("70000"));
        Assert.That(() => zeros(2, int32).fill_(3e9), Throws.InstanceOf<ExternalException>());
        Assert.That(() => zeros(2, int64).fill_(double.NaN), Throws.InstanceOf<ExternalException>());
        Assert.That(() => zeros(2, float16).masked_fill(ones(2, @bool), -1e9), Throws.InstanceOf<ExternalException>());
        Assert.That(full(1, -1, uint8).item<byte>(), Is.EqualTo(255), "uint8 wraps negative numbers");
        Assert.That(full(1, double.NegativeInfinity, float16).item<Half>(), Is.EqualTo(Half.NegativeInfinity));
        Assert.That((ones(1, uint8) + 300).item<byte>(), Is.EqualTo(45), "arithmetic wraps around");
        Assert.That((zeros(1) + 1e300).item<float>(), Is.EqualTo(float.PositiveInfinity), "arithmetic overflows instead");
    }
}
