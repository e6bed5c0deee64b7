using Aim.Tensors.Kernels;

namespace Aim.Tensors.Tests.Kernels;

[NonParallelizable]
public unsafe class ImportanceTests
{
    [Test]
    public void PageRankEqualsItsReference(
        [ValueSource(typeof(KernelAssert), nameof(KernelAssert.Sets))] string set, [Values(1, 30, 193, 400)] int n,
        [Values(false, true)] bool causal, [Values(false, true)] bool padded, [Values(false, true)] bool masked)
    {
        using var forced = KernelAssert.Force(set);
        var s = AttentionShape.Contiguous(2, 4, 2, n, n, 32, causal);
        using var data = new AttentionTests.Operands(s, padded, masked);
        using var expected = new Buffer(2 * n);
        ImportanceReference.PageRank(s, data.Q.Pointer, data.K.Pointer, expected.Pointer, data.Start, data.Visible, 0.1, 5, 0.15);
        KernelAssert.SameAtAnyThreadCount("page rank", () =>
        {
            var actual = new Buffer(2 * n);
            Importance.PageRank(s, data.Q.Pointer, data.K.Pointer, actual.Pointer, data.Start, data.Visible, 0.1, 5, 0.15);
            KernelAssert.Close(actual, expected, 1e-7, 1e-5, "page rank");
            using var streamed = new Buffer(2 * n);
            Importance.PageRank(
                s, data.Q.Pointer, data.K.Pointer, streamed.Pointer, data.Start, data.Visible, 0.1, 5, 0.15, streaming: true);
            KernelAssert.SameBits(streamed, actual, "streaming");
            return [actual];
        });
    }

    /// <summary>Every way to make one importance of the heads', and keys with a bias.</summary>
    [Test]
    public void AggregatesAndBiasEqualTheReference(
        [ValueSource(typeof(KernelAssert), nameof(KernelAssert.Sets))] string set, [Values] HeadAggregation heads,
        [Values] bool causal, [Values] bool biased, [Values] bool masked)
    {
        using var forced = KernelAssert.Force(set);
        const int N = 97;
        var s = AttentionShape.Contiguous(2, 4, 2, N, N, 16, causal);
        using var data = new AttentionTests.Operands(s, padded: true, masked);
        using var biases = Buffer.Random(2 * N, 6, 2);
        var bias = biased ? biases.Pointer : null;
        using var expected = new Buffer(2 * N);
        using var actual = new Buffer(2 * N);
        ImportanceReference.PageRank(
            s, data.Q.Pointer, data.K.Pointer, expected.Pointer, data.Start, data.Visible, 0.3, 3, 0.1, heads, bias);
        Importance.PageRank(
            s, data.Q.Pointer, data.K.Pointer, actual.Pointer, data.Start, data.Visible, 0.3, 3, 0.1,
            heads: heads, keyBias: bias);
        KernelAssert.Close(actual, expected, 1e-7, 1e-5, "page rank");
    }

    /// <summary>Memory is in proportion to the tokens under a causal mask, and where scores are computed anew.</summary>
    [Test]
    public void ScratchIsLinearButForKeptScores()
    {
        long Floats(int n, bool causal, bool streaming) => Importance.ScratchFloats(
            AttentionShape.Contiguous(1, 4, 2, n, n, 32, causal), KernelSet.Current.Tile, streaming);
        Assert.That(Floats(19200, true, false), Is.EqualTo(10 * Floats(1920, true, false)));
        Assert.That(Floats(19200, false, true), Is.EqualTo(10 * Floats(1920, false, true)));
        Assert.That(Floats(1920, false, false), Is.GreaterThan(1920 * 1920));
    }

    /// <summary>No iteration leaves the mass even; more than a tile has rows is a count like any other.</summary>
    [Test]
    public void AnyNumberOfIterations(
        [ValueSource(typeof(KernelAssert), nameof(KernelAssert.Sets))] string set, [Values(0, 1, 2, 8, 31)] int iterations,
        [Values(0.0, 0.3)] double damping)
    {
        using var forced = KernelAssert.Force(set);
        var s = AttentionShape.Contiguous(1, 3, 1, 61, 61, 24, causal: true);
        using var data = new AttentionTests.Operands(s, padded: true, masked: false);
        using var expected = new Buffer(61);
        using var actual = new Buffer(61);
        ImportanceReference.PageRank(
            s, data.Q.Pointer, data.K.Pointer, expected.Pointer, data.Start, data.Visible, 0.1, iterations, damping);
        Importance.PageRank(
            s, data.Q.Pointer, data.K.Pointer, actual.Pointer, data.Start, data.Visible, 0.1, iterations, damping);
        KernelAssert.Close(actual, expected, 1e-7, 1e-5, "page rank");
    }

    /// <summary>Equal scores, causal, two tokens: [1/2, 1/2] -> [3/4, 1/4] -> [7/8, 1/8].</summary>
    [Test]
    public void TwoTokensByHand()
    {
        using var q = new Buffer(2, 0);
        using var result = new Buffer(2);
        var s = AttentionShape.Contiguous(1, 1, 1, 2, 2, 1, causal: true);
        Importance.PageRank(s, q.Pointer, q.Pointer, result.Pointer, null, null, 0.1, 2);
        Assert.That(result.Span.ToArray(), Is.EqualTo(new[] { 0.875f, 0.125f }).Within(1e-7f));
    }

    [Test]
    public void WorkIsOverhead()
    {
        var s = AttentionShape.Contiguous(1, 2, 1, 9, 9, 8, causal: true);
        using var q = Buffer.Random(9 * 8 * 2, 1);
        using var result = new Buffer(9);
        using var scope = FlopCounter.Measure();
        Importance.PageRank(s, q.Pointer, q.Pointer, result.Pointer, null, null);
        Assert.That((scope.Matmul, scope.Overhead), Is.EqualTo((0L, 2L * 45 * (2 * 8 + 2 * 5))));
    }

    [Test]
    public void DifferentNumbersOfQueriesAndKeysAreRefused() => Assert.That(
        () => Importance.PageRank(AttentionShape.Contiguous(1, 1, 1, 2, 3, 4, true), null, null, null, null, null),
        Throws.ArgumentException.With.Message.Contains("2 and 3"));
}
