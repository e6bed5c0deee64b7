using System.Runtime.InteropServices;
using Aim.Tensors.Kernels;
using FsCheck;
using FsCheck.Fluent;

namespace Aim.Tensors.Tests.Kernels;

[NonParallelizable]
public unsafe class AttentionTests
{
    /// <summary>batch, query heads, key heads, queries, keys, dim, causal, padded, masked</summary>
    private static readonly object[][] Cases =
    [
        [1, 1, 1, 1, 1, 32, true, false, false],
        [2, 4, 2, 77, 77, 32, true, false, false],
        [2, 4, 2, 200, 200, 32, true, true, true],
        [1, 4, 4, 144, 144, 32, false, false, false],
        [2, 2, 1, 50, 50, 16, true, true, false],
        [1, 2, 2, 61, 61, 64, true, false, true],
        [1, 2, 1, 30, 30, 128, true, false, false],
        [2, 4, 2, 1, 301, 32, true, true, false],
        [2, 14, 2, 1, 430, 64, true, true, true],
        [1, 26, 2, 1, 193, 24, false, false, true],
        [3, 3, 3, 1, 5, 128, true, true, false],
        [1, 3, 1, 5, 197, 40, true, false, true],
        [1, 2, 2, 9, 23, 24, false, true, true],
        [1, 2, 1, 20, 12, 8, true, false, false],
        [3, 2, 1, 430, 430, 32, true, true, false],
    ];

    [Test]
    public void EqualsItsReference(
        [ValueSource(typeof(KernelAssert), nameof(KernelAssert.Sets))] string set, [ValueSource(nameof(Cases))] object[] c)
    {
        using var forced = KernelAssert.Force(set);
        Check(Shape((int)c[0], (int)c[1], (int)c[2], (int)c[3], (int)c[4], (int)c[5], (bool)c[6]), (bool)c[7], (bool)c[8]);
    }

    [FsCheck.NUnit.Property(MaxTest = 40)]
    public Property AnyShapeEqualsItsReference() => Prop.ForAll(
        Gen.Choose(1, 3).Three().ToArbitrary(), Gen.Choose(1, 70).Two().ToArbitrary(),
        Gen.Choose(1, 40).Zip(Gen.Choose(0, 7)).ToArbitrary(),
        (heads, rows, rest) =>
        {
            foreach (var set in KernelAssert.Sets)
            {
                using var forced = KernelAssert.Force(set);
                var shape = Shape(heads.Item1, heads.Item2 * heads.Item3, heads.Item3, rows.Item1, rows.Item2, rest.Item1,
                    (rest.Item2 & 1) != 0);
                Check(shape, (rest.Item2 & 2) != 0, (rest.Item2 & 4) != 0);
            }
        });

    /// <summary>q, k, v as views of [batch, rows, heads, dim], as projections leave them.</summary>
    [Test]
    public void StridesAreFree([ValueSource(typeof(KernelAssert), nameof(KernelAssert.Sets))] string set)
    {
        using var forced = KernelAssert.Force(set);
        Check(Shape(2, 4, 2, 65, 65, 32, true) with
        {
            Q = HeadStrides.RowMajor(4, 65, 32),
            K = HeadStrides.RowMajor(2, 65, 32),
            V = HeadStrides.RowMajor(2, 65, 32),
            O = HeadStrides.RowMajor(4, 65, 32),
        }, padded: true, masked: false);
    }

    [Test]
    public void BitsDoNotDependOnThreads([ValueSource(typeof(KernelAssert), nameof(KernelAssert.Sets))] string set)
    {
        using var forced = KernelAssert.Force(set);
        var s = Shape(2, 4, 2, 230, 230, 32, true);
        using var data = new Operands(s, padded: true, masked: true);
        KernelAssert.SameAtAnyThreadCount("attention", () =>
        {
            var (o, lse) = (new Buffer(data.Outputs), new Buffer(data.Rows));
            Attention.Forward(s, data.Q.Pointer, data.K.Pointer, data.V.Pointer, o.Pointer, lse.Pointer, data.Start,
                data.Visible);
            var (dq, dk, dv) = (new Buffer(data.Outputs), new Buffer(data.Inputs), new Buffer(data.Inputs));
            Attention.Backward(s, data.Q.Pointer, data.K.Pointer, data.V.Pointer, o.Pointer, lse.Pointer, data.DO.Pointer,
                dq.Pointer, dk.Pointer, dv.Pointer, data.Start, data.Visible);
            return [o, lse, dq, dk, dv];
        });
    }

    /// <summary>A sequence alone, and behind left padding in a batch: the same bits, forward and backward.</summary>
    [Test]
    public void PaddingChangesNoBit([ValueSource(typeof(KernelAssert), nameof(KernelAssert.Sets))] string set,
        [Values(1, 37, 200)] int padding)
    {
        using var forced = KernelAssert.Force(set);
        const int Length = 210, Dim = 32;
        var alone = Shape(1, 2, 1, Length, Length, Dim, true);
        var padded = Shape(1, 2, 1, Length + padding, Length + padding, Dim, true);
        using var small = new Operands(alone, padded: false, masked: false);
        using var large = new Operands(padded, padded: false, masked: false);
        int[] starts = [padding];
        foreach (var (from, to, heads) in new[] { (small.Q, large.Q, 2), (small.K, large.K, 1), (small.V, large.V, 1),
            (small.DO, large.DO, 2) })
        {
            for (var h = 0; h < heads; h++)
                from.Span.Slice(h * Length * Dim, Length * Dim).CopyTo(to.Span[((h * (Length + padding) + padding) * Dim)..]);
        }
        fixed (int* start = starts)
        {
            var one = Run(alone, small, null);
            var two = Run(padded, large, start);
            foreach (var (i, heads) in new[] { (0, 2), (1, 2), (2, 1), (3, 1) })
            {
                for (var h = 0; h < heads; h++)
                {
                    var expected = one[i].Span.Slice(h * Length * Dim, Length * Dim);
                    var actual = two[i].Span.Slice((h * (Length + padding) + padding) * Dim, Length * Dim);
                    Assert.That(actual.SequenceEqual(expected), $"output {i}, head {h}");
                    Assert.That(two[i].Span.Slice(h * (Length + padding) * Dim, padding * Dim).IndexOfAnyExcept(0f),
                        Is.EqualTo(-1));
                }
            }
            foreach (var buffer in one.Concat(two))
                buffer.Dispose();
        }

        static Buffer[] Run(AttentionShape s, Operands data, int* start)
        {
            Buffer[] outputs = [new(data.Outputs), new(data.Outputs), new(data.Inputs), new(data.Inputs)];
            using var lse = new Buffer(data.Rows);
            Attention.Forward(s, data.Q.Pointer, data.K.Pointer, data.V.Pointer, outputs[0].Pointer, lse.Pointer, start, null);
            Attention.Backward(s, data.Q.Pointer, data.K.Pointer, data.V.Pointer, outputs[0].Pointer, lse.Pointer,
                data.DO.Pointer,
                outputs[1].Pointer, outputs[2].Pointer, outputs[3].Pointer, start, null);
            return outputs;
        }
    }

    [Test]
    public void CountsVisiblePairsOnly()
    {
        var s = Shape(1, 2, 1, 10, 12, 8, true);
        using var data = new Operands(s, padded: false, masked: false);
        using var o = new Buffer(data.Outputs);
        using var scope = FlopCounter.Measure();
        Attention.Forward(s, data.Q.Pointer, data.K.Pointer, data.V.Pointer, o.Pointer, null, null, null);
        var pairs = Enumerable.Range(0, 10).Sum(i => i + 3);
        Assert.That(scope.Matmul, Is.EqualTo(4L * 8 * 2 * pairs));
    }

    private static AttentionShape Shape(int batch, int queryHeads, int keyHeads, int queries, int keys, int dim, bool causal) =>
        AttentionShape.Contiguous(batch, queryHeads, keyHeads, queries, keys, dim, causal);

    /// <summary>A bias of keys, with and without hidden ones, forward and backward.</summary>
    [Test]
    public void BiasedEqualsItsReference(
        [ValueSource(typeof(KernelAssert), nameof(KernelAssert.Sets))] string set, [ValueSource(nameof(Cases))] object[] c)
    {
        using var forced = KernelAssert.Force(set);
        Check(Shape((int)c[0], (int)c[1], (int)c[2], (int)c[3], (int)c[4], (int)c[5], (bool)c[6]), (bool)c[7], (bool)c[8], true);
    }

    private static void Check(AttentionShape s, bool padded, bool masked, bool biased = false)
    {
        using var data = new Operands(s, padded, masked);
        using var biases = Buffer.Random((long)s.Batch * s.Keys, 5, 3);
        var bias = biased ? biases.Pointer : null;
        using var o = new Buffer(data.Outputs);
        using var lse = new Buffer(data.Rows);
        using var expectedO = new Buffer(data.Outputs);
        using var expectedLse = new Buffer(data.Rows);
        Attention.Forward(s, data.Q.Pointer, data.K.Pointer, data.V.Pointer, o.Pointer, lse.Pointer, data.Start, data.Visible,
            bias);
        AttentionReference.Forward(s, data.Q.Pointer, data.K.Pointer, data.V.Pointer, expectedO.Pointer, expectedLse.Pointer,
            data.Start, data.Visible, bias);
        KernelAssert.Close(o, expectedO, 2e-6, 2e-6, "o");
        KernelAssert.Close(lse, expectedLse, 3e-6, 1e-6, "lse");
        using var dq = new Buffer(data.Outputs);
        using var dk = new Buffer(data.Inputs);
        using var dv = new Buffer(data.Inputs);
        using var expectedDq = new Buffer(data.Outputs);
        using var expectedDk = new Buffer(data.Inputs);
        using var expectedDv = new Buffer(data.Inputs);
        Attention.Backward(s, data.Q.Pointer, data.K.Pointer, data.V.Pointer, o.Pointer, lse.Pointer, data.DO.Pointer,
            dq.Pointer, dk.Pointer, dv.Pointer, data.Start, data.Visible, bias);
        AttentionReference.Backward(s, data.Q.Pointer, data.K.Pointer, data.V.Pointer, expectedO.Pointer, data.DO.Pointer,
            expectedDq.Pointer, expectedDk.Pointer, expectedDv.Pointer, data.Start, data.Visible, bias);
        KernelAssert.Close(dq, expectedDq, 5e-6, 1e-5, "dq");
        KernelAssert.Close(dk, expectedDk, 1e-5, 1e-5, "dk");
        KernelAssert.Close(dv, expectedDv, 1e-5, 1e-5, "dv");
    }

    /// <summary>
    /// Random operands of a shape; padding hides a few keys at the left, the mask every third key and one item wholly.
    /// </summary>
    internal sealed class Operands : IDisposable
    {
        private readonly int* start;
        private readonly byte* visible;

        public Operands(AttentionShape s, bool padded, bool masked)
        {
            Outputs = (long)s.Batch * s.QueryHeads * s.Queries * s.HeadDim;
            Inputs = (long)s.Batch * s.KeyHeads * s.Keys * s.HeadDim;
            Rows = (long)s.Batch * s.QueryHeads * s.Queries;
            Q = Buffer.Random(Outputs, 1, 2);
            K = Buffer.Random(Inputs, 2, 2);
            V = Buffer.Random(Inputs, 3);
            DO = Buffer.Random(Outputs, 4);
            if (padded)
            {
                start = (int*)NativeMemory.Alloc((nuint)s.Batch, sizeof(int));
                for (var b = 0; b < s.Batch; b++)
                    start[b] = Math.Min(s.Keys - 1, b * 11 + s.Keys / 3);
            }
            if (masked)
            {
                visible = (byte*)NativeMemory.Alloc((nuint)(s.Batch * s.Keys));
                for (var i = 0; i < s.Batch * s.Keys; i++)
                    visible[i] = (byte)(i % 3 == 0 || i / s.Keys == 1 ? 0 : 1);
            }
        }

        public long Outputs { get; }
        public long Inputs { get; }
        public long Rows { get; }
        public Buffer Q { get; }
        public Buffer K { get; }
        public Buffer V { get; }
        public Buffer DO { get; }
        public int* Start => start;
        public byte* Visible => visible;

        public void Dispose()
        {
            foreach (var buffer in new[] { Q, K, V, DO })
                buffer.Dispose();
            NativeMemory.Free(start);
            NativeMemory.Free(visible);
        }
    }
}
