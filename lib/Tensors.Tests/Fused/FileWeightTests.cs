using System.Runtime.InteropServices;
using Aim.Tensors.Kernels;

namespace Aim.Tensors.Tests.Fused;

/// <summary>
/// Weights of a file: every type, at any alignment, mapped, packed or widened, give the product of their exact values.
/// </summary>
[NonParallelizable]
public sealed class FileWeightTests
{
    private const int Outputs = 37;
    private const int Inputs = 70;

    private static readonly ScalarType[] Types = [ScalarType.Float32, ScalarType.BFloat16, ScalarType.Float16];

    private static readonly WeightResidency[] Residencies =
        [WeightResidency.Widened, WeightResidency.Mapped, WeightResidency.Packed];

    private string _path = "";

    [SetUp]
    public void MakePath() => _path = Path.GetTempFileName();

    [TearDown]
    public void RemoveFile() => File.Delete(_path);

    [Test]
    public void EveryKindComputesWithItsExactValues(
        [ValueSource(nameof(Types))] ScalarType type, [ValueSource(nameof(Residencies))] WeightResidency residency,
        [Values(0, 1, 6)] int offset)
    {
        using var scope = NewDisposeScope();
        using var store = new WeightStore();
        var (weight, values) = Write(store, type, residency, offset, Outputs, Inputs);
        var exact = tensor(values, [Outputs, Inputs]);
        var bias = randn([Outputs], generator: new Generator(2));
        foreach (var rows in new long[] { 1, 5, 40 })
        {
            var x = randn([2, rows, Inputs], generator: new Generator(3));
            FusedOpsTests.Near(FusedOps.linear(x, weight, bias), nn.functional.linear(x, exact, bias), 2e-5);
            var strided = x.transpose(0, 1);
            FusedOpsTests.Near(FusedOps.linear(strided, weight), nn.functional.linear(strided, exact), 2e-5);
        }

        var ids = tensor(new long[] { 0, 36, 4, 4 }, [2, 2]);
        var part = new float[2 * Inputs];
        weight.CopyRows(3, part);
        Assert.Multiple(() =>
        {
            Assert.That(weight.Residency, Is.EqualTo(residency));
            Assert.That(weight.Dtype, Is.EqualTo(residency == WeightResidency.Widened ? ScalarType.Float32 : type));
            Assert.That(weight.Shape, Is.EqualTo(new long[] { Outputs, Inputs }));
            Assert.That(store.ParameterCount, Is.EqualTo(Outputs * Inputs));
            Assert.That(weight.Widen().data<float>().ToArray(), Is.EqualTo(values));
            Assert.That(part, Is.EqualTo(values[(3 * Inputs)..(5 * Inputs)]));
            Assert.That(FusedOps.embedding(ids, weight).data<float>().ToArray(),
                Is.EqualTo(exact.index_select(0, ids.view(-1)).data<float>().ToArray()));
            Assert.That(() => FusedOps.embedding(tensor(new long[] { 37 }), weight), Throws.InstanceOf<ExternalException>());
            Assert.That(() => weight.CopyRows(36, part), Throws.ArgumentException);
        });
    }

    [Test]
    public void AFrozenWeightPassesGradientsOn([ValueSource(nameof(Types))] ScalarType type,
        [Values(WeightResidency.Mapped, WeightResidency.Packed)] WeightResidency residency)
    {
        // More rows than are widened at a time.
        const int Many = 1100, Wide = 1000;
        using var scope = NewDisposeScope();
        using var store = new WeightStore();
        var (weight, values) = Write(store, type, residency, 2, Many, Wide);
        var exact = tensor(values, [Many, Wide]);
        var (x, bias) = (randn([3, 4, Wide], generator: new Generator(3)).requires_grad_(), zeros(Many).requires_grad_());
        var (x2, bias2) = (x.detach().requires_grad_(), zeros(Many).requires_grad_());
        var slope = randn([3, 4, Many], generator: new Generator(4));
        ((FusedOps.linear(x, weight, bias) * slope).sum() + (FusedOps.linear(x, weight) * slope).sum()).backward();
        ((nn.functional.linear(x2, exact, bias2) * slope).sum() + (nn.functional.linear(x2, exact) * slope).sum()).backward();
        FusedOpsTests.Near(x.grad!, x2.grad!, 3e-5);
        FusedOpsTests.Near(bias.grad!, bias2.grad!, 1e-5);
        Assert.That(store.Parameters(), Is.Empty);
    }

    [Test]
    public void StackedPartsAreOneProduct([ValueSource(nameof(Types))] ScalarType type)
    {
        using var scope = NewDisposeScope();
        using var store = new WeightStore();
        Write(store, type, WeightResidency.Mapped, 3, Outputs, Inputs);
        using (var file = WeightFile.Open(_path))
        {
            store.Add("top", new WeightRange(file, 3, type, [5, Inputs]), WeightResidency.Mapped);
            store.Add("packed", new WeightRange(file, 3, type, [5, Inputs]), WeightResidency.Packed);
        }

        var held = MemoryPool.HeldBytes;
        var stack = store.AddStack("stack", [store["w"], store["top"]]);
        Assert.That(MemoryPool.HeldBytes - held, Is.EqualTo(WeightGemm.PackedBytes(Outputs + 5, Inputs, Kind(type))));
        var x = randn([9, Inputs], generator: new Generator(3));
        var apart = cat([FusedOps.linear(x, store["w"]), FusedOps.linear(x, store["top"])], 1);
        FusedOpsTests.Near(FusedOps.linear(x, stack), apart, 2e-5);
        Assert.That(() => store.AddStack("other", [store["w"], store["packed"]]),
            Throws.ArgumentException.With.Message.Contains("'packed'"));
    }

    [Test]
    public void AWeightLargerThanTheStagingBufferIsPackedWhole()
    {
        using var scope = NewDisposeScope();
        using var store = new WeightStore();
        var (weight, values) = Write(store, ScalarType.BFloat16, WeightResidency.Packed, 1, 3001, 1600);
        Assert.That(weight.Widen().data<float>().ToArray().AsSpan().SequenceEqual(values), Is.True);
    }

    [Test]
    public void FlopsOfAKeptWeightAreCounted([Values(WeightResidency.Mapped, WeightResidency.Packed)] WeightResidency residency)
    {
        using var scope = NewDisposeScope();
        using var store = new WeightStore();
        var (weight, _) = Write(store, ScalarType.BFloat16, residency, 0, Outputs, Inputs);
        using var flops = FlopCounter.MeasureThread();
        FusedOps.linear(ones(20, Inputs), weight);
        Assert.That(flops.Matmul, Is.EqualTo(2 * 20 * Outputs * Inputs));
    }

    [Test]
    public void DisposingFreesMemoryAndLaterUseThrows(
        [ValueSource(nameof(Residencies))] WeightResidency residency)
    {
        using var scope = NewDisposeScope();
        var held = MemoryPool.HeldBytes;
        var store = new WeightStore();
        var (weight, _) = Write(store, ScalarType.BFloat16, residency, 0, Outputs, Inputs);
        var x = ones(2, Inputs).requires_grad_();
        var y = FusedOps.linear(x, weight).sum();
        store.Dispose();
        store.Dispose();
        Assert.Multiple(() =>
        {
            Assert.That(() => FusedOps.linear(x, weight), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => FusedOps.embedding(tensor(new long[] { 0 }), weight), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => weight.Widen(), Throws.InstanceOf<ObjectDisposedException>());
            Assert.That(() => weight.CopyRows(0, new float[Inputs]), Throws.InstanceOf<ObjectDisposedException>());
            if (residency != WeightResidency.Widened)
                Assert.That(() => y.backward(), Throws.InstanceOf<ObjectDisposedException>());
        });
        y.Dispose();
        scope.Dispose();
        Assert.That(MemoryPool.HeldBytes, Is.EqualTo(held));
    }

    [Test]
    public void AFileThatWasCutIsAnErrorNotACrash()
    {
        using var scope = NewDisposeScope();
        using var store = new WeightStore();
        var (weight, _) = Write(store, ScalarType.Float32, WeightResidency.Mapped, 0, Outputs, Inputs);
        using var file = WeightFile.Open(_path);
        using (var cut = new FileStream(_path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            cut.SetLength(100);
        var range = new WeightRange(file, 0, ScalarType.Float32, [Outputs, Inputs]);
        Assert.Multiple(() =>
        {
            Assert.That(() => FusedOps.linear(ones(2, Inputs), weight),
                Throws.InstanceOf<IOException>().With.Message.Contains(_path).And.Message.Contains("has been cut"));
            Assert.That(() => FusedOps.embedding(tensor(new long[] { 0 }), weight), Throws.InstanceOf<IOException>());
            Assert.That(() => store.Add("v", range, WeightResidency.Packed), Throws.InstanceOf<IOException>());
            Assert.That(() => store.Add("v", range, WeightResidency.Widened), Throws.InstanceOf<IOException>());
            Assert.That(store.Count, Is.EqualTo(1));
        });
    }

    [Test]
    public void WhatDoesNotFitIsRefused()
    {
        using var scope = NewDisposeScope();
        using var store = new WeightStore();
        var (weight, _) = Write(store, ScalarType.BFloat16, WeightResidency.Packed, 0, Outputs, Inputs);
        using var file = WeightFile.Open(_path);
        WeightRange Range(long offset, params long[] shape) => new(file, offset, ScalarType.BFloat16, shape);
        Assert.Multiple(() =>
        {
            Assert.That(() => weight.Tensor, Throws.InvalidOperationException.With.Message.Contains("'w' is Packed, BFloat16"));
            Assert.That(() => store.Get("w"), Throws.InvalidOperationException);
            Assert.That(() => FusedOps.linear(ones(2, Inputs + 1), weight), Throws.InstanceOf<ExternalException>());
            Assert.That(() => FusedOps.linear(ones(2, Inputs, dtype: ScalarType.Float64), weight),
                Throws.InstanceOf<ExternalException>());
            Assert.That(() => FusedOps.linear(ones(2, Inputs), weight, ones(3)), Throws.InstanceOf<ExternalException>());
            Assert.That(() => store.Add("v", Range(2, Outputs, Inputs), WeightResidency.Mapped), Throws.ArgumentException);
            Assert.That(() => store.Add("v", Range(-1, 1, 1), WeightResidency.Mapped), Throws.ArgumentException);
            Assert.That(() => store.Add("v", Range(0, long.MaxValue, 3), WeightResidency.Mapped),
                Throws.InstanceOf<OverflowException>());
            Assert.That(() => store.Add("v", Range(0, 4, 4), WeightResidency.Packed, trainable: true), Throws.ArgumentException);
            Assert.That(() => store.Add("w", Range(0, 4, 4), WeightResidency.Widened), Throws.ArgumentException);
        });
        Assert.That(store.Add("v", Range(0, 4, 4), WeightResidency.Widened, trainable: true).Tensor.requires_grad, Is.True);
    }

    /// <summary>
    /// Writes random values and reads them as weight "w" of a store, the file itself disposed; returns their exact values.
    /// </summary>
    private (Weight Weight, float[] Values) Write(
        WeightStore store, ScalarType type, WeightResidency residency, int offset, int rows, int columns)
    {
        var random = new Random(1);
        var size = type == ScalarType.Float32 ? 4 : 2;
        var values = new float[rows * columns];
        var bytes = new byte[offset + (values.Length * size)];
        for (var i = 0; i < values.Length; i++)
        {
            var value = (float)(random.NextDouble() - 0.5);
            var at = bytes.AsSpan(offset + (i * size));
            if (type == ScalarType.BFloat16)
            {
                var bits = (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16);
                value = BitConverter.UInt32BitsToSingle((uint)bits << 16);
                MemoryMarshal.Write(at, bits);
            }
            else if (type == ScalarType.Float16)
            {
                value = (float)(Half)value;
                MemoryMarshal.Write(at, (Half)value);
            }
            else
            {
                MemoryMarshal.Write(at, value);
            }

            values[i] = value;
        }

        File.WriteAllBytes(_path, bytes);
        using var file = WeightFile.Open(_path);
        return (store.Add("w", new WeightRange(file, offset, type, [rows, columns]), residency), values);
    }

    private static WeightType Kind(ScalarType type) => type switch
    {
        ScalarType.BFloat16 => WeightType.BFloat16,
        ScalarType.Float16 => WeightType.Float16,
        _ => WeightType.Float32,
    };
}
