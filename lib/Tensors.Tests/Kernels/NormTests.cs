using Aim.Tensors.Kernels;

namespace Aim.Tensors.Tests.Kernels;

[NonParallelizable]
public unsafe class NormTests
{
    [Test]
    public void RmsEqualsItsReference(
        [ValueSource(typeof(KernelAssert), nameof(KernelAssert.Sets))] string set, [Values(1, 13, 700)] int rows,
        [Values(1, 24, 128, 131)] int dim, [Values(false, true)] bool weighted)
    {
        using var forced = KernelAssert.Force(set);
        var count = (long)rows * dim;
        using var x = Buffer.Random(count, 1);
        using var dy = Buffer.Random(count, 2);
        using var weight = Buffer.Random(dim, 3);
        var w = weighted ? weight.Pointer : null;
        Buffer[] expected = [new(count), new(rows), new(count), new(dim)];
        NormReference.RmsForward(x.Pointer, w, expected[0].Pointer, expected[1].Pointer, rows, dim, 1e-6);
        NormReference.RmsBackward(dy.Pointer, x.Pointer, w, expected[1].Pointer, expected[2].Pointer, expected[3].Pointer, rows,
            dim);
        KernelAssert.SameAtAnyThreadCount("rms", () =>
        {
            Buffer[] outputs = [new(count), new(rows), Buffer.Copy(dy), new(dim)];
            Norm.RmsForward(x.Pointer, w, outputs[0].Pointer, outputs[1].Pointer, rows, dim, 1e-6);
            Norm.RmsBackward(outputs[2].Pointer, x.Pointer, w, outputs[1].Pointer, outputs[2].Pointer, outputs[3].Pointer, rows,
                dim);
            Same(outputs, expected);
            return outputs;
        });
        Release(expected);
    }

    [Test]
    public void LayerEqualsItsReference(
        [ValueSource(typeof(KernelAssert), nameof(KernelAssert.Sets))] string set, [Values(1, 13, 700)] int rows,
        [Values(2, 24, 128, 131)] int dim, [Values(false, true)] bool weighted)
    {
        using var forced = KernelAssert.Force(set);
        var count = (long)rows * dim;
        using var x = Buffer.Random(count, 1);
        using var dy = Buffer.Random(count, 2);
        using var weight = Buffer.Random(dim, 3);
        using var bias = Buffer.Random(dim, 4);
        var (w, b) = ((nint)(weighted ? weight.Pointer : null), (nint)(weighted ? bias.Pointer : null));
        Buffer[] expected = [new(count), new(rows), new(rows), new(count), new(dim), new(dim)];
        Run(expected, true);
        KernelAssert.SameAtAnyThreadCount("layer", () =>
        {
            Buffer[] outputs = [new(count), new(rows), new(rows), new(count), new(dim), new(dim)];
            Run(outputs, false);
            Same(outputs, expected);
            return outputs;
        });
        Release(expected);

        void Run(Buffer[] to, bool reference)
        {
            float* y = to[0].Pointer, mean = to[1].Pointer, rstd = to[2].Pointer, dx = to[3].Pointer, dw = to[4].Pointer,
                db = to[5].Pointer;
            if (reference)
            {
                NormReference.LayerForward(x.Pointer, (float*)w, (float*)b, y, mean, rstd, rows, dim, 1e-3);
                NormReference.LayerBackward(dy.Pointer, x.Pointer, (float*)w, mean, rstd, dx, dw, db, rows, dim);
            }
            else
            {
                Norm.LayerForward(x.Pointer, (float*)w, (float*)b, y, mean, rstd, rows, dim, 1e-3);
                Norm.LayerBackward(dy.Pointer, x.Pointer, (float*)w, mean, rstd, dx, dw, db, rows, dim);
            }
        }
    }

    /// <summary>Long rows, which are summed up otherwise, also far from 0 or with a part that stands out at the front.</summary>
    [Test]
    public void LongRowsEqualTheirReference(
        [ValueSource(typeof(KernelAssert), nameof(KernelAssert.Sets))] string set, [Values(1, 3, 75)] int rows,
        [Values(1024, 1301, 3584)] int dim, [Values(0, 30)] float offset, [Values(false, true)] bool outlier)
    {
        using var forced = KernelAssert.Force(set);
        var count = (long)rows * dim;
        using var x = Buffer.Random(count, 1);
        for (var i = 0; i < count; i++)
            x.Span[i] += outlier && i % dim < 5 ? 1000 : offset;
        using var weight = Buffer.Random(dim, 3);
        using var bias = Buffer.Random(dim, 4);
        Buffer[] expected = [new(count), new(rows), new(count), new(rows), new(rows)];
        NormReference.RmsForward(x.Pointer, weight.Pointer, expected[0].Pointer, expected[1].Pointer, rows, dim, 1e-6);
        NormReference.LayerForward(x.Pointer, weight.Pointer, bias.Pointer, expected[2].Pointer, expected[3].Pointer,
            expected[4].Pointer, rows, dim, 1e-5);
        KernelAssert.SameAtAnyThreadCount("long rows", () =>
        {
            Buffer[] outputs = [new(count), new(rows), new(count), new(rows), new(rows)];
            Norm.RmsForward(x.Pointer, weight.Pointer, outputs[0].Pointer, outputs[1].Pointer, rows, dim, 1e-6);
            Norm.LayerForward(x.Pointer, weight.Pointer, bias.Pointer, outputs[2].Pointer, outputs[3].Pointer,
                outputs[4].Pointer, rows, dim, 1e-5);
            for (var i = 0; i < outputs.Length; i++)
                KernelAssert.Close(outputs[i], expected[i], 2e-5, 1e-5, $"output {i}");
            return outputs;
        });
        Release(expected);
    }

    /// <summary>A row has the same bits alone as among others, with results in the caches or past them.</summary>
    [Test]
    public void RowsDoNotDependOnTheirNeighbours(
        [ValueSource(typeof(KernelAssert), nameof(KernelAssert.Sets))] string set, [Values(1024, 2064)] int dim)
    {
        using var forced = KernelAssert.Force(set);
        const int Rows = 9;
        const int Align = 15; // a buffer's floats after which it is aligned
        using var x = Buffer.Random(Rows * dim, 1);
        using var w = Buffer.Random(dim, 2);
        Buffer[] outputs = [.. new int[4].Select(_ => new Buffer(Align + Rows * dim)), new(dim), new(dim)];
        var k = KernelSet.Current;
        for (var i = 0; i < 2; i++)
        {
            var (rms, layer) = ((nint)(outputs[i].Pointer + Align), (nint)(outputs[2 + i].Pointer + Align));
            k.RmsForwardRows(x.Pointer, w.Pointer, (float*)rms, null, Rows, dim, 1e-6f, past: i == 1);
            k.LayerForwardRows(x.Pointer, w.Pointer, w.Pointer, (float*)layer, null, null, Rows, dim, 1e-6f, past: i == 1);
        }
        for (var r = 0; r < Rows; r++)
        {
            k.RmsForwardRows(x.Pointer + r * dim, w.Pointer, outputs[4].Pointer, null, 1, dim, 1e-6f);
            k.LayerForwardRows(x.Pointer + r * dim, w.Pointer, w.Pointer, outputs[5].Pointer, null, null, 1, dim, 1e-6f);
            for (var i = 0; i < 4; i++)
            {
                var row = outputs[i].Span.Slice(Align + r * dim, dim);
                Assert.That(row.SequenceEqual(outputs[4 + i / 2].Span), $"output {i}, row {r}");
            }
        }
        Release(outputs);
    }

    /// <summary>A row of several blocks, of which the first lies far below 0 or is empty.</summary>
    [Test]
    public void LongSoftmaxOfLowNumbers(
        [ValueSource(typeof(KernelAssert), nameof(KernelAssert.Sets))] string set,
        [Values(-200f, float.NegativeInfinity)] float first)
    {
        using var forced = KernelAssert.Force(set);
        const int Dim = 9000;
        using var x = Buffer.Random(Dim, 1);
        for (var i = 0; i < Dim; i++)
            x.Span[i] = i < 4096 ? first : x.Span[i] - 150;
        using var y = new Buffer(Dim);
        using var expected = new Buffer(Dim);
        SoftmaxReference.Forward(x.Pointer, expected.Pointer, 1, Dim);
        Softmax.Forward(x.Pointer, y.Pointer, 1, Dim);
        KernelAssert.Close(y, expected, 1e-9, 1e-5, "softmax");
    }

    [Test]
    public void SoftmaxEqualsItsReference(
        [ValueSource(typeof(KernelAssert), nameof(KernelAssert.Sets))] string set, [Values(1, 11, 300)] int rows,
        [Values(1, 37, 1000)] int dim)
    {
        using var forced = KernelAssert.Force(set);
        var count = (long)rows * dim;
        using var x = Buffer.Random(count, 1, 8);
        using var dy = Buffer.Random(count, 2);
        if (dim > 1)
            x.Span[dim / 2] = float.NegativeInfinity;
        Buffer[] expected = [new(count), new(count), new(count), new(count)];
        SoftmaxReference.Forward(x.Pointer, expected[0].Pointer, rows, dim);
        SoftmaxReference.Backward(expected[0].Pointer, dy.Pointer, expected[1].Pointer, rows, dim);
        SoftmaxReference.LogForward(x.Pointer, expected[2].Pointer, rows, dim);
        SoftmaxReference.LogBackward(expected[2].Pointer, dy.Pointer, expected[3].Pointer, rows, dim);
        KernelAssert.SameAtAnyThreadCount("softmax", () =>
        {
            Buffer[] outputs = [Buffer.Copy(x), new(count), new(count), new(count)];
            Softmax.Forward(outputs[0].Pointer, outputs[0].Pointer, rows, dim);
            Softmax.Backward(outputs[0].Pointer, dy.Pointer, outputs[1].Pointer, rows, dim);
            Softmax.LogForward(x.Pointer, outputs[2].Pointer, rows, dim);
            Softmax.LogBackward(outputs[2].Pointer, dy.Pointer, outputs[3].Pointer, rows, dim);
            Same(outputs, expected);
            return outputs;
        });
        Release(expected);
    }

    [Test]
    public void ARowOfMinusInfinityIsNaN([ValueSource(typeof(KernelAssert), nameof(KernelAssert.Sets))] string set)
    {
        using var forced = KernelAssert.Force(set);
        using var x = new Buffer(20, float.NegativeInfinity);
        Softmax.Forward(x.Pointer, x.Pointer, 1, 20);
        Assert.That(x.Span.ToArray(), Is.All.NaN);
    }

    [Test]
    public void CrossEntropyEqualsItsReference(
        [ValueSource(typeof(KernelAssert), nameof(KernelAssert.Sets))] string set, [Values(1, 400)] int rows,
        [Values(1, 37, 1000)] int classes)
    {
        using var forced = KernelAssert.Force(set);
        var count = (long)rows * classes;
        using var logits = Buffer.Random(count, 1, 8);
        using var rowGradient = Buffer.Random(rows, 2);
        var targets = new long[rows];
        for (var r = 0; r < rows; r++)
            targets[r] = r % 3 == 2 ? -100 : r * 7 % classes;
        fixed (long* pinned = targets)
        {
            var t = pinned;
            Buffer[] expected = [new(rows), new(rows), new(count)];
            SoftmaxReference.CrossEntropyForward(logits.Pointer, t, expected[0].Pointer, expected[1].Pointer, rows, classes,
                -100);
            SoftmaxReference.CrossEntropyBackward(
                logits.Pointer, t, expected[1].Pointer, rowGradient.Pointer, 0.25f, expected[2].Pointer, rows, classes, -100);
            KernelAssert.SameAtAnyThreadCount("cross-entropy", () =>
            {
                Buffer[] outputs = [new(rows), new(rows), new(count)];
                var counted = CrossEntropy.Forward(logits.Pointer, t, outputs[0].Pointer, outputs[1].Pointer, rows, classes,
                    -100);
                Assert.That(counted, Is.EqualTo(rows - rows / 3));
                CrossEntropy.Backward(
                    logits.Pointer, t, outputs[1].Pointer, rowGradient.Pointer, 0.25f, outputs[2].Pointer, rows, classes, -100);
                Same(outputs, expected);
                return outputs;
            });
            Release(expected);
        }
    }

    [Test]
    public void ATargetThatIsNoClassIsRefused([Values(-1L, 5L)] long target)
    {
        using var logits = Buffer.Random(5, 1);
        using var losses = new Buffer(1);
        using var lse = new Buffer(1);
        Assert.That(() => { var t = target; CrossEntropy.Forward(logits.Pointer, &t, losses.Pointer, lse.Pointer, 1, 5, -100); },
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains($"Target {target}"));
    }

    private static void Same(Buffer[] outputs, Buffer[] expected)
    {
        for (var i = 0; i < outputs.Length; i++)
            KernelAssert.Close(outputs[i], expected[i], 2e-5, 2e-5, $"output {i}");
    }

    private static void Release(Buffer[] buffers)
    {
        foreach (var buffer in buffers)
            buffer.Dispose();
    }
}
