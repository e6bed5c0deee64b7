using Aim.Tensors.Kernels;

namespace Aim.Tensors.Tests.Kernels;

using Elementwise = Aim.Tensors.Kernels.Elementwise; // the engine has classes of these names, too
using Reduce = Aim.Tensors.Kernels.Reduce;

[NonParallelizable]
public unsafe class ElementwiseTests
{
    private static readonly long[] Counts = [1, 3, 16, 31, 32, 33, 1000, 100_003];

    [Test]
    public void ArithmeticEqualsItsDefinition(
        [ValueSource(typeof(KernelAssert), nameof(KernelAssert.Sets))] string set, [ValueSource(nameof(Counts))] long count)
    {
        using var forced = KernelAssert.Force(set);
        using var x = Buffer.Random(count, 1, 5);
        using var y = Buffer.Random(count, 2, 5);
        foreach (var (what, run, definition) in new (string, Action<Buffer>, Func<float, float, float>)[]
        {
            ("add", z => Elementwise.Add(x.Pointer, y.Pointer, z.Pointer, count), (a, b) => a + b),
            ("subtract", z => Elementwise.Subtract(x.Pointer, y.Pointer, z.Pointer, count), (a, b) => a - b),
            ("multiply", z => Elementwise.Multiply(x.Pointer, y.Pointer, z.Pointer, count), (a, b) => a * b),
            ("scale", z => Elementwise.Scale(0.3f, x.Pointer, z.Pointer, count), (a, b) => 0.3f * a),
            ("copy", z => Elementwise.Copy(x.Pointer, z.Pointer, count), (a, b) => a),
            ("axpy", z => { y.Span.CopyTo(z.Span); Elementwise.Axpy(-2.5f, x.Pointer, z.Pointer, count); }, (a, b) =>
                b - 2.5f * a),
        })
        {
            using var z = new Buffer(count);
            using var expected = new Buffer(count);
            run(z);
            for (var i = 0; i < count; i++)
                expected.Span[i] = definition(x.Span[i], y.Span[i]);
            KernelAssert.Close(z, expected, 2e-6, 1e-6, what);
        }
    }

    [Test]
    public void RowsAreAddedAndSummed(
        [ValueSource(typeof(KernelAssert), nameof(KernelAssert.Sets))] string set, [Values(1, 7, 900)] int rows,
        [Values(1, 33, 128)] int dim)
    {
        using var forced = KernelAssert.Force(set);
        using var x = Buffer.Random((long)rows * dim, 1);
        using var row = Buffer.Random(dim, 2);
        using var z = new Buffer((long)rows * dim);
        Elementwise.AddRow(x.Pointer, row.Pointer, z.Pointer, rows, dim);
        for (var i = 0; i < rows * dim; i++)
            Assert.That(z.Span[i], Is.EqualTo(x.Span[i] + row.Span[i % dim]));
        using var expected = new Buffer(dim);
        ReduceReference.SumRows(x.Pointer, expected.Pointer, rows, dim);
        KernelAssert.SameAtAnyThreadCount("sum of rows", () =>
        {
            var sum = new Buffer(dim);
            Reduce.SumRows(x.Pointer, sum.Pointer, rows, dim);
            KernelAssert.Close(sum, expected, 1e-5, 1e-5, "sum of rows");
            return [sum];
        });
    }

    [Test]
    public void SumsEqualTheirReference(
        [ValueSource(typeof(KernelAssert), nameof(KernelAssert.Sets))] string set,
        [Values(0, 1, 31, 1024, 1025, 300_007)] long count)
    {
        using var forced = KernelAssert.Force(set);
        using var x = Buffer.Random(count, 1);
        KernelAssert.SameAtAnyThreadCount("sum", () =>
        {
            var sum = new Buffer(2);
            sum.Span[0] = (float)Reduce.Sum(x.Pointer, count);
            sum.Span[1] = (float)Reduce.SumSquares(x.Pointer, count);
            Assert.That(sum.Span[0], Is.EqualTo(ReduceReference.Sum(x.Pointer, count)).Within(1e-6 * (10 + Math.Sqrt(count))));
            Assert.That(sum.Span[1], Is.EqualTo(ReduceReference.SumSquares(x.Pointer, count)).Within(1e-6 * (1 + count)));
            return [sum];
        });
    }

    [Test]
    public void TheTableIsGatheredAndAddedTo(
        [ValueSource(typeof(KernelAssert), nameof(KernelAssert.Sets))] string set, [Values(5, 2000)] int count,
        [Values(7, 64)] int dim)
    {
        using var forced = KernelAssert.Force(set);
        const int Vocabulary = 50;
        using var table = Buffer.Random(Vocabulary * dim, 1);
        using var dy = Buffer.Random((long)count * dim, 2);
        var ids = new long[count];
        ulong seed = 3;
        for (var i = 0; i < count; i++)
            ids[i] = (long)(Buffer.Next(ref seed) * Vocabulary);
        fixed (long* id = ids)
        {
            var pointer = id;
            using var y = new Buffer((long)count * dim);
            EmbeddingTable.Gather(table.Pointer, pointer, y.Pointer, count, dim);
            for (var i = 0; i < count; i++)
                Assert.That(y.Span.Slice(i * dim, dim).SequenceEqual(table.Span.Slice((int)ids[i] * dim, dim)));
            using var expected = Buffer.Copy(table);
            for (var i = 0; i < count * dim; i++)
                expected.Span[(int)ids[i / dim] * dim + i % dim] += dy.Span[i];
            KernelAssert.SameAtAnyThreadCount("scatter", () =>
            {
                var sum = Buffer.Copy(table);
                EmbeddingTable.ScatterAdd(dy.Pointer, pointer, sum.Pointer, count, Vocabulary, dim);
                KernelAssert.SameBits(sum, expected, "scatter: one addition after another");
                return [sum];
            });
        }
    }

    [Test]
    public void AdamWEqualsItsReference(
        [ValueSource(typeof(KernelAssert), nameof(KernelAssert.Sets))] string set, [Values(1, 37, 70_000)] long count,
        [Values(1, 10)] long step)
    {
        using var forced = KernelAssert.Force(set);
        var settings = new AdamWSettings(3e-3, 0.9, 0.95, 1e-8, 0.1, step, 0.7);
        using var parameter = Buffer.Random(count, 1);
        using var gradient = Buffer.Random(count, 2);
        using var first = Buffer.Random(count, 3, 0.1f);
        using var second = Buffer.Random(count, 4, 0.01f);
        foreach (ref var v in second.Span)
            v = Math.Abs(v);
        using var p = Buffer.Copy(parameter);
        using var m = Buffer.Copy(first);
        using var s = Buffer.Copy(second);
        AdamWReference.Step(p.Pointer, gradient.Pointer, m.Pointer, s.Pointer, count, settings);
        KernelAssert.SameAtAnyThreadCount("AdamW", () =>
        {
            Buffer[] state = [Buffer.Copy(parameter), Buffer.Copy(first), Buffer.Copy(second)];
            AdamWKernel.Step(state[0].Pointer, gradient.Pointer, state[1].Pointer, state[2].Pointer, count, settings);
            KernelAssert.Close(state[0], p, 1e-6, 1e-5, "parameter");
            KernelAssert.Close(state[1], m, 1e-8, 1e-6, "first moment");
            KernelAssert.Close(state[2], s, 1e-8, 1e-6, "second moment");
            return state;
        });
    }

    [Test]
    public void RotaryEqualsItsReference(
        [ValueSource(typeof(KernelAssert), nameof(KernelAssert.Sets))] string set, [Values(2, 32, 64, 80)] int dim,
        [Values(1, 19, 600)] int rows, [Values(false, true)] bool perItem)
    {
        using var forced = KernelAssert.Force(set);
        const int Batch = 2, Heads = 3;
        var count = (long)Batch * Heads * rows * dim;
        var s = new RotaryShape(
            Batch, Heads, rows, dim, HeadStrides.RowMajor(Heads, rows, dim), HeadStrides.Contiguous(Heads, rows, dim),
            perItem ? rows * dim : 0);
        using var x = Buffer.Random(count, 1);
        using var cos = Buffer.Random((long)Batch * rows * dim, 2);
        using var sin = Buffer.Random((long)Batch * rows * dim, 3);
        using var expectedY = new Buffer(count);
        using var expectedDx = new Buffer(count);
        RotaryReference.Forward(s, x.Pointer, cos.Pointer, sin.Pointer, expectedY.Pointer);
        RotaryReference.Backward(s, x.Pointer, cos.Pointer, sin.Pointer, expectedDx.Pointer);
        KernelAssert.SameAtAnyThreadCount("rotary", () =>
        {
            Buffer[] outputs = [new(count), new(count)];
            Rotary.Forward(s, x.Pointer, cos.Pointer, sin.Pointer, outputs[0].Pointer);
            Rotary.Backward(s, x.Pointer, cos.Pointer, sin.Pointer, outputs[1].Pointer);
            KernelAssert.Close(outputs[0], expectedY, 3e-7, 1e-6, "y");
            KernelAssert.Close(outputs[1], expectedDx, 3e-7, 1e-6, "dx");
            return outputs;
        });
    }
}
