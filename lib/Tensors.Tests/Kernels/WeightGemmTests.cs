using System.Runtime.InteropServices;
using Aim.Tensors.Kernels;

namespace Aim.Tensors.Tests.Kernels;

/// <summary>Products with stored weights: every type and layout against the definition, and the bits they promise.</summary>
[NonParallelizable]
public unsafe class WeightGemmTests
{
    private static readonly int[][] Shapes =
    [
        [1, 1, 1], [1, 130, 33], [2, 33, 65], [3, 31, 300], [4, 64, 1030], [5, 3, 0], [7, 96, 17], [13, 48, 513], [17, 33, 260],
        [28, 200, 300], [61, 65, 770], [130, 129, 40],
    ];

    private static IEnumerable<string> Sets => KernelAssert.Sets;

    [Test]
    public void EqualsItsReference([ValueSource(nameof(Sets))] string set, [ValueSource(nameof(Shapes))] int[] shape)
    {
        using var forced = KernelAssert.Force(set);
        var (m, n, k) = (shape[0], shape[1], shape[2]);
        foreach (var (type, packed, bias) in Kinds())
        {
            using var weight = new Stored(n, k, type, packed, offset: 2, seed: 1);
            using var x = Buffer.Random(m * (k + 3L) + 1, 2);
            using var row = Buffer.Random(n, 3);
            using var y = new Buffer(m * (n + 5L));
            using var expected = new Buffer(m * (n + 5L));
            var b = bias ? row.Pointer : null;
            WeightGemm.Run(m, x.Pointer, k + 3, weight.Matrix, y.Pointer, n + 5, b);
            GemmReference.Run(m, x.Pointer, k + 3, weight.Matrix, expected.Pointer, n + 5, b);
            KernelAssert.Close(y, expected, 3e-6 * (4 + Math.Sqrt(k)), 1e-6, $"{m}x{n}x{k} {type} packed {packed}");
        }
    }

    /// <summary>
    /// A value kept in 16 bits gives the bits that its float32 gives, at any number of rows and in either layout.
    /// </summary>
    [Test]
    public void NarrowTypesOnlyWiden([ValueSource(nameof(Sets))] string set, [Values] bool packed,
        [Values("BFloat16", "Float16")] string name, [Values(1, 2, 3, 4, 9, 16, 28, 70)] int m)
    {
        using var forced = KernelAssert.Force(set);
        const int N = 75, K = 700;
        var type = Enum.Parse<WeightType>(name);
        using var narrow = new Stored(N, K, type, packed, offset: 2, seed: 4);
        using var wide = narrow.Widened(packed);
        using var x = Buffer.Random(m * K, 5);
        using var y = new Buffer(m * N);
        using var expected = new Buffer(m * N);
        WeightGemm.Run(m, x.Pointer, K, narrow.Matrix, y.Pointer, N, null);
        WeightGemm.Run(m, x.Pointer, K, wide.Matrix, expected.Pointer, N, null);
        KernelAssert.SameBits(y, expected, $"{type} packed {packed} at {m} rows");
    }

    /// <summary>From 16 rows on the sum over k has one order: layout, neighbours and engine path do not matter.</summary>
    [Test]
    public void SumsInOneOrderFromSixteenRowsOn([ValueSource(nameof(Sets))] string set)
    {
        using var forced = KernelAssert.Force(set);
        const int Rows = 211, N = 107, K = 1500;
        using var weight = new Stored(N, K, WeightType.Float32, packed: true, offset: 0, seed: 6);
        using var rowMajor = weight.Widened(packed: false);
        using var x = Buffer.Random(Rows * K, 7);
        using var whole = new Buffer(Rows * N);
        Gemm.Run(Rows, N, K, 1, x.Pointer, K, 1, (float*)rowMajor.Matrix.Data, 1, K, 0, whole.Pointer, N);
        foreach (var (from, count) in new[] { (0, 16), (5, 19), (100, 111), (183, 28), (195, 16), (0, 211) })
        {
            foreach (var matrix in new[] { weight.Matrix, rowMajor.Matrix })
            {
                using var part = new Buffer(count * N);
                WeightGemm.Run(count, x.Pointer + from * K, K, matrix, part.Pointer, N, null);
                Assert.That(part.Span.SequenceEqual(whole.Span.Slice(from * N, count * N)),
                    $"rows {from}..{from + count}, packed {matrix.Packed}");
            }
        }
    }

    /// <summary>A packed weight gives a row alone, whose panels are streamed, the bits that it gives it among others.</summary>
    [Test]
    public void ARowAloneHasTheBitsThatItHasAmongOthers([ValueSource(nameof(Sets))] string set,
        [Values("Float32", "BFloat16", "Float16")] string name, [Values(1, 256, 700)] int k, [Values] bool bias)
    {
        using var forced = KernelAssert.Force(set);
        const int Rows = 5, N = 107;
        using var weight = new Stored(N, k, Enum.Parse<WeightType>(name), packed: true, offset: 2, seed: 10);
        using var x = Buffer.Random(Rows * k, 11);
        using var row = Buffer.Random(N, 12);
        using var whole = new Buffer(Rows * N);
        var b = bias ? row.Pointer : null;
        WeightGemm.Run(Rows, x.Pointer, k, weight.Matrix, whole.Pointer, N, b);
        for (var i = 0; i < Rows; i++)
        {
            using var alone = new Buffer(N);
            WeightGemm.Run(1, x.Pointer + i * k, k, weight.Matrix, alone.Pointer, N, b);
            Assert.That(alone.Span.SequenceEqual(whole.Span.Slice(i * N, N)), $"row {i}");
        }
    }

    [Test]
    public void BitsDoNotDependOnThreads([ValueSource(nameof(Sets))] string set, [Values(1, 4, 9, 28, 200, 700)] int m,
        [Values] bool packed, [Values("Float32", "BFloat16")] string name)
    {
        using var forced = KernelAssert.Force(set);
        const int N = 1030, K = 600;
        var type = Enum.Parse<WeightType>(name);
        using var weight = new Stored(N, K, type, packed, offset: 2, seed: 8);
        using var x = Buffer.Random(m * K, 9);
        KernelAssert.SameAtAnyThreadCount($"{set} {m} rows", () =>
        {
            var y = new Buffer(m * N);
            WeightGemm.Run(m, x.Pointer, K, weight.Matrix, y.Pointer, N, null);
            return [y];
        });
    }

    /// <summary>Every 16-bit pattern, in every lane of a panel: subnormals, infinities and NaN included.</summary>
    [Test]
    public void WidensEveryValue([ValueSource(nameof(Sets))] string set, [Values] bool packed,
        [Values("BFloat16", "Float16")] string name)
    {
        using var forced = KernelAssert.Force(set);
        const int N = 1 << 16;
        var type = Enum.Parse<WeightType>(name);
        using var weight = new Stored(N, 1, type, packed, offset: 0, seed: 0, i => (ushort)i);
        using var x = new Buffer(17, 1);
        foreach (var m in new[] { 1, 17 })
        {
            using var y = new Buffer(m * N);
            WeightGemm.Run(m, x.Pointer, 1, weight.Matrix, y.Pointer, N, null);
            for (var i = 0; i < m * N; i++)
            {
                var expected = type == WeightType.BFloat16
                    ? BitConverter.UInt32BitsToSingle((uint)(i % N) << 16)
                    : (float)BitConverter.UInt16BitsToHalf((ushort)(i % N));
                if (!expected.Equals(y.Span[i]))
                    Assert.Fail($"{i % N:x4} widens to {y.Span[i]:R}, expected {expected:R}");
            }
        }
    }

    [Test]
    public void UnpacksRows([Values("Float32", "BFloat16", "Float16")] string name, [Values] bool packed)
    {
        const int N = 70, K = 37;
        var type = Enum.Parse<WeightType>(name);
        using var weight = new Stored(N, K, type, packed, offset: 2, seed: 10);
        using var rowMajor = weight.Widened(packed: false);
        for (var i = 0; i < N; i++)
        {
            using var row = new Buffer(K);
            WeightGemm.Unpack(weight.Matrix, i, row.Pointer);
            Assert.That(row.Span.SequenceEqual(new ReadOnlySpan<float>((float*)rowMajor.Matrix.Data + i * K, K)), $"row {i}");
        }
    }

    private static IEnumerable<(WeightType Type, bool Packed, bool Bias)> Kinds() =>
        from type in Enum.GetValues<WeightType>()
        from packed in new[] { false, true }
        from bias in new[] { false, true }
        select (type, packed, bias);

    /// <summary>A weight in memory of its own; row-major ones begin <c>offset</c> bytes after an aligned address.</summary>
    private sealed class Stored : IDisposable
    {
        private readonly byte* block;

        public Stored(int n, int k, WeightType type, bool packed, int offset, ulong seed, Func<long, ushort>? bits = null)
        {
            var size = WeightMatrix.SizeOf(type);
            var values = (byte*)NativeMemory.AlignedAlloc((nuint)((long)n * k * size + offset + 64), 64);
            for (long i = 0; i < (long)n * k; i++)
            {
                var x = (float)(2 * Buffer.Next(ref seed) - 1);
                var at = values + offset + i * size;
                if (type == WeightType.Float32)
                    *(float*)at = x;
                else if (bits is not null)
                    *(ushort*)at = bits(i);
                else
                    *(ushort*)at = type == WeightType.BFloat16
                        ? (ushort)(BitConverter.SingleToUInt32Bits(x) >> 16)
                        : BitConverter.HalfToUInt16Bits((Half)x);
            }
            block = values;
            var data = values + offset;
            if (packed)
            {
                data = block = (byte*)NativeMemory.AlignedAlloc((nuint)WeightGemm.PackedBytes(n, k, type) + 64, 64);
                WeightGemm.Pack(values + offset, type, n, k, block);
                NativeMemory.AlignedFree(values);
            }
            Matrix = new WeightMatrix { Data = data, Type = type, Rows = n, Columns = k, Packed = packed };
        }

        public WeightMatrix Matrix { get; }

        /// <summary>The same values in float32.</summary>
        public Stored Widened(bool packed)
        {
            var wide = new Stored(Matrix.Rows, Matrix.Columns, WeightType.Float32, packed, 0, 0);
            for (var i = 0; i < Matrix.Rows; i++)
            {
                for (var j = 0; j < Matrix.Columns; j++)
                {
                    var at = packed
                        ? WeightPack.Offset(i, j, Matrix.Columns, WeightType.Float32)
                        : ((long)i * Matrix.Columns + j) * sizeof(float);
                    *(float*)(wide.Matrix.Data + at) = Matrix[i, j];
                }
            }
            return wide;
        }

        public void Dispose() => NativeMemory.AlignedFree(block);
    }
}
