using Aim.Tensors.Kernels;
using R = Aim.Tensors.Kernels.ActivationsReference;

namespace Aim.Tensors.Tests.Kernels;

[NonParallelizable]
public unsafe class ActivationsTests
{
    private static readonly (string Name, Action<nint, nint, long> Run, Func<double, double> Definition, double Ulps,
        double Absolute)[] Functions =
    [
        ("exp", (x, y, n) => Activations.Exp((float*)x, (float*)y, n), Math.Exp, 2, 0),
        ("tanh", (x, y, n) => Activations.Tanh((float*)x, (float*)y, n), Math.Tanh, 2, 0),
        ("erf", (x, y, n) => Activations.Erf((float*)x, (float*)y, n), R.Erf, 2, 0),
        ("sigmoid", (x, y, n) => Activations.Sigmoid((float*)x, (float*)y, n), R.Sigmoid, 3, 2e-38),
        ("silu", (x, y, n) => Activations.Silu((float*)x, (float*)y, n), R.Silu, 4, 1e-35),
        ("gelu tanh", (x, y, n) => Activations.GeluTanh((float*)x, (float*)y, n), R.GeluTanh, 4, 4e-7),
        ("gelu erf", (x, y, n) => Activations.GeluErf((float*)x, (float*)y, n), R.GeluErf, 4, 4e-7),
    ];

    private static readonly (string Name, Action<nint, nint, nint, long> Run, Func<double, double> Slope)[] Slopes =
    [
        ("tanh", (x, g, d, n) => Activations.TanhBackward((float*)x, (float*)g, (float*)d, n), y => 1 - y * y),
        ("sigmoid", (x, g, d, n) => Activations.SigmoidBackward((float*)x, (float*)g, (float*)d, n), y => y * (1 - y)),
        ("silu", (x, g, d, n) => Activations.SiluBackward((float*)x, (float*)g, (float*)d, n), R.SiluSlope),
        ("gelu tanh", (x, g, d, n) => Activations.GeluTanhBackward((float*)x, (float*)g, (float*)d, n), R.GeluTanhSlope),
        ("gelu erf", (x, g, d, n) => Activations.GeluErfBackward((float*)x, (float*)g, (float*)d, n), R.GeluErfSlope),
    ];

    /// <summary>Over [-100, 100] densely and the powers of two on both sides; errors in units in the last place.</summary>
    [Test]
    public void FunctionsAreAccurate([ValueSource(typeof(KernelAssert), nameof(KernelAssert.Sets))] string set,
        [Range(0, 6)] int index)
    {
        using var forced = KernelAssert.Force(set);
        var (name, run, definition, ulps, absolute) = Functions[index];
        const int Count = 200_001;
        using var x = new Buffer(Count);
        for (var i = 0; i < Count; i++)
            x.Span[i] = i % 3 == 0 ? (i - Count / 2) * 0.001f : MathF.CopySign(MathF.Pow(2, i % 140 - 133),
                i % 2 - 0.5f) * (1 + i / (float)Count);
        using var y = new Buffer(Count);
        run((nint)x.Pointer, (nint)y.Pointer, Count);
        for (var i = 0; i < Count; i++)
        {
            var expected = definition(x.Span[i]);
            if ((float)expected == y.Span[i])
                continue;
            var unit = Math.Max(1.4e-45, (double)(MathF.BitIncrement((float)Math.Abs(expected)) - (float)Math.Abs(expected)));
            if (!(Math.Abs(y.Span[i] - expected) <= absolute + (ulps + 0.5) * unit))
                Assert.Fail($"{name}({x.Span[i]:R}) is {y.Span[i]:R}, expected {expected:R}; a unit is {unit:R}");
        }
    }

    [Test]
    public void SpecialValues([ValueSource(typeof(KernelAssert), nameof(KernelAssert.Sets))] string set, [Range(0, 4)] int index)
    {
        using var forced = KernelAssert.Force(set);
        var (name, run, definition, _, _) = Functions[index];
        float[] values = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, 0, -0f, 200, -200];
        foreach (var value in values)
        {
            if (name == "silu" && float.IsNegativeInfinity(value))
                continue; // 0 times infinity: NaN, as torch
            using var x = new Buffer(40, value);
            using var y = new Buffer(40);
            run((nint)x.Pointer, (nint)y.Pointer, 40);
            foreach (var actual in y.Span)
                Assert.That(actual, Is.EqualTo((float)definition(value)).Within(1e-30f), $"{name}({value})");
        }
    }

    [Test]
    public void SlopesEqualTheirReference([ValueSource(typeof(KernelAssert), nameof(KernelAssert.Sets))] string set,
        [Range(0, 4)] int index)
    {
        using var forced = KernelAssert.Force(set);
        var (name, run, slope) = Slopes[index];
        const int Count = 50_003;
        using var x = Buffer.Random(Count, 1, 12);
        using var dy = Buffer.Random(Count, 2);
        using var expected = new Buffer(Count);
        R.MapBackward(slope, x.Pointer, dy.Pointer, expected.Pointer, Count);
        KernelAssert.SameAtAnyThreadCount(name, () =>
        {
            var dx = new Buffer(Count);
            run((nint)x.Pointer, (nint)dy.Pointer, (nint)dx.Pointer, Count);
            KernelAssert.Close(dx, expected, 1e-6, 1e-5, name);
            return [dx];
        });
    }

    [Test]
    public void SameBitsPastTheCaches([ValueSource(typeof(KernelAssert), nameof(KernelAssert.Sets))] string set)
    {
        using var forced = KernelAssert.Force(set);
        const int Count = 1003, Align = 15; // a buffer's floats after which it is aligned
        using var x = Buffer.Random(Count, 1, 5);
        using var y = Buffer.Random(Count, 2);
        foreach (var f in Enum.GetValues<UnaryFunction>())
            Same(f.ToString(), (z, past) => KernelSet.Current.Map(f, x.Pointer, (float*)z, Count, past));
        foreach (var f in Enum.GetValues<BinaryFunction>())
            Same(f.ToString(), (z, past) => KernelSet.Current.Map(f, x.Pointer, y.Pointer, (float*)z, Count, past));

        static void Same(string name, Action<nint, bool> run)
        {
            using var near = new Buffer(Align + Count, 0);
            using var far = new Buffer(Align + Count, 0);
            run((nint)(near.Pointer + Align), false);
            run((nint)(far.Pointer + Align), true);
            KernelAssert.SameBits(far, near, name);
        }
    }

    [Test]
    public void SwigluEqualsItsReference(
        [ValueSource(typeof(KernelAssert), nameof(KernelAssert.Sets))] string set, [Values(1, 5, 300)] int rows,
        [Values(1, 17, 352)] int inner)
    {
        using var forced = KernelAssert.Force(set);
        var count = (long)rows * inner;
        using var gateUp = Buffer.Random(2 * count, 1, 6);
        using var dy = Buffer.Random(count, 2);
        using var expectedY = new Buffer(count);
        using var expectedD = new Buffer(2 * count);
        R.Swiglu(gateUp.Pointer, expectedY.Pointer, rows, inner);
        R.SwigluBackward(gateUp.Pointer, dy.Pointer, expectedD.Pointer, rows, inner);
        KernelAssert.SameAtAnyThreadCount("swiglu", () =>
        {
            Buffer[] outputs = [new(count), new(2 * count)];
            Activations.Swiglu(gateUp.Pointer, outputs[0].Pointer, rows, inner);
            Activations.SwigluBackward(gateUp.Pointer, dy.Pointer, outputs[1].Pointer, rows, inner);
            KernelAssert.Close(outputs[0], expectedY, 1e-7, 1e-6, "y");
            KernelAssert.Close(outputs[1], expectedD, 1e-6, 1e-6, "dGateUp");
            return outputs;
        });
    }
}
