using Aim.Tensors.Kernels;
using FsCheck;
using FsCheck.Fluent;

namespace Aim.Tensors.Tests.Kernels;

[NonParallelizable]
public unsafe class GemmTests
{
    private static readonly int[][] Shapes =
    [
        [1, 1, 1], [1, 7, 3], [2, 33, 65], [7, 130, 17], [8, 31, 128], [11, 32, 384], [12, 32, 385], [13, 48, 769], [25, 1, 40],
        [64, 64, 64], [97, 100, 352], [200, 70, 129], [128, 352, 600], [300, 260, 260], [5, 3, 0], [40, 20, 0],
    ];

    [Test]
    public void EqualsItsReference([ValueSource(typeof(KernelAssert), nameof(KernelAssert.Sets))] string set,
        [ValueSource(nameof(Shapes))] int[] shape)
    {
        using var forced = KernelAssert.Force(set);
        foreach (var (transA, transB) in new[] { (false, false), (false, true), (true, false), (true, true) })
        {
            Check(shape[0], shape[1], shape[2], transA, transB, 1, 0, bias: false);
            Check(shape[0], shape[1], shape[2], transA, transB, 0.5f, 1, bias: true);
            Check(shape[0], shape[1], shape[2], transA, transB, 2, -0.25f, bias: false);
        }
    }

    [FsCheck.NUnit.Property(MaxTest = 60)]
    public Property AnyShapeEqualsItsReference() => Prop.ForAll(
        Gen.Choose(0, 90).Three().ToArbitrary(), Gen.Choose(0, 15).ToArbitrary(), (shape, kind) =>
        {
            foreach (var set in KernelAssert.Sets)
            {
                using var forced = KernelAssert.Force(set);
                Check(shape.Item1, shape.Item2, shape.Item3, (kind & 1) != 0, (kind & 2) != 0, 1, (kind & 4) / 4,
                    (kind & 8) != 0);
            }
        });

    [Test]
    public void BitsDoNotDependOnThreads([ValueSource(typeof(KernelAssert), nameof(KernelAssert.Sets))] string set)
    {
        using var forced = KernelAssert.Force(set);
        foreach (var (m, n, k, transA) in new[] { (700, 130, 400, false), (128, 128, 1300, true), (3, 2000, 300, false),
            (1500, 40, 64, false) })
        {
            using var a = Buffer.Random((long)m * k, 1);
            using var b = Buffer.Random((long)k * n, 2);
            KernelAssert.SameAtAnyThreadCount($"{set} {m}x{n}x{k}", () =>
            {
                var c = new Buffer((long)m * n);
                Gemm.Run(m, n, k, 1, a.Pointer, transA ? 1 : k, transA ? m : 1, b.Pointer, 1, k, 0, c.Pointer, n);
                return [c];
            });
        }
    }

    /// <summary>A row alone, or among others, or at the edge of a tile: the sum over k has one order.</summary>
    [Test]
    public void RowsDoNotDependOnTheirNeighbours([ValueSource(typeof(KernelAssert), nameof(KernelAssert.Sets))] string set)
    {
        using var forced = KernelAssert.Force(set);
        const int Rows = 211, Columns = 77, Depth = 500;
        using var a = Buffer.Random(Rows * Depth, 3);
        using var b = Buffer.Random(Columns * Depth, 4);
        using var whole = new Buffer(Rows * Columns);
        Gemm.Run(Rows, Columns, Depth, 1, a.Pointer, Depth, 1, b.Pointer, 1, Depth, 0, whole.Pointer, Columns);
        foreach (var (from, count) in new[] { (0, 16), (5, 19), (100, 111), (195, 16) })
        {
            using var part = new Buffer(count * Columns);
            Gemm.Run(count, Columns, Depth, 1, a.Pointer + from * Depth, Depth, 1, b.Pointer, 1, Depth, 0, part.Pointer, Columns);
            Assert.That(part.Span.SequenceEqual(whole.Span.Slice(from * Columns, count * Columns)),
                $"rows {from}..{from + count}");
        }
    }

    [Test]
    public void BatchesEqualOneByOne([Values(1, 5)] int batch, [Values(false, true)] bool sharedB, [Values(20, 200)] int m)
    {
        const int N = 50, K = 70;
        using var a = Buffer.Random((long)batch * m * K, 5);
        using var b = Buffer.Random((long)batch * N * K, 6);
        using var together = new Buffer((long)batch * m * N);
        using var apart = new Buffer((long)batch * m * N);
        Gemm.RunBatched(batch, m, N, K, 1, a.Pointer, m * K, K, 1, b.Pointer, sharedB ? 0 : N * K, N, 1, 0, together.Pointer,
            m * N, N);
        for (var i = 0; i < batch; i++)
            Gemm.Run(m, N, K, 1, a.Pointer + i * m * K, K, 1, b.Pointer + (sharedB ? 0 : i * N * K), N, 1, 0,
                apart.Pointer + i * m * N, N);
        KernelAssert.SameBits(together, apart, "batched");
    }

    [Test]
    public void CountsUsefulWork()
    {
        using var a = Buffer.Random(13 * 5, 7);
        using var b = Buffer.Random(5 * 9, 8);
        using var c = new Buffer(13 * 9);
        using var scope = FlopCounter.Measure();
        Gemm.Run(13, 9, 5, 1, a.Pointer, 5, 1, b.Pointer, 9, 1, 0, c.Pointer, 9);
        Assert.That(scope.Matmul, Is.EqualTo(2 * 13 * 9 * 5));
    }

    private static void Check(int m, int n, int k, bool transA, bool transB, float alpha, float beta, bool bias)
    {
        const int Pad = 3;
        var (lda, ldb, ldc) = ((transA ? m : k) + Pad, (transB ? k : n) + Pad, n + Pad);
        using var a = Buffer.Random((long)(transA ? k : m) * lda + 1, 10);
        using var b = Buffer.Random((long)(transB ? n : k) * ldb + 1, 11);
        using var c = Buffer.Random((long)m * ldc + 1, 12);
        using var row = Buffer.Random(n + 1, 13);
        if (beta == 0)
            c.Span.Fill(float.NaN); // must not be read
        using var expected = Buffer.Copy(c);
        var (rsA, csA) = transA ? (1, lda) : (lda, 1);
        var (rsB, csB) = transB ? (1, ldb) : (ldb, 1);
        Gemm.Run(m, n, k, alpha, a.Pointer, rsA, csA, b.Pointer, rsB, csB, beta, c.Pointer, ldc, bias ? row.Pointer : null);
        GemmReference.Run(m, n, k, alpha, a.Pointer, rsA, csA, b.Pointer, rsB, csB, beta, expected.Pointer, ldc,
            bias ? row.Pointer : null);
        KernelAssert.Close(c, expected, 3e-6 * (4 + Math.Sqrt(k)), 1e-6,
            $"{m}x{n}x{k} transA {transA} transB {transB} beta {beta}");
    }
}
