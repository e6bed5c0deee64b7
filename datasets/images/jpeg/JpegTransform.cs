using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Aim.Datasets;

/// <summary>
/// The inverse cosine transform of 8 x 8 blocks, bit for bit that of libjpeg's accurate integer method (<c>jidctint.c</c>, after
/// Loeffler, Ligtenberg and Moschytz): 13 bits for constants, 2 more bits kept between the passes. Eight columns at a time.
/// </summary>
internal static class JpegTransform
{
    private const int ConstantBits = 13, PassBits = 2;

    // round(c * 2^13)
    private const int C0298 = 2446, C0390 = 3196, C0541 = 4433, C0765 = 6270, C0899 = 7373, C1175 = 9633;
    private const int C1501 = 12299, C1847 = 15137, C1961 = 16069, C2053 = 16819, C2562 = 20995, C3072 = 25172;

    /// <summary>Turns a block's coefficients into its samples.</summary>
    /// <param name="block">64 quantised coefficients, row-major.</param>
    /// <param name="steps">64 quantisation steps, row-major.</param>
    /// <param name="to">Where the samples go, from the block's first one on.</param>
    /// <param name="stride">Samples from one row to the next.</param>
    public static void Inverse(ReadOnlySpan<short> block, ReadOnlySpan<short> steps, Span<byte> to, int stride)
    {
        var x = new Eight(
            Row(block, steps, 0), Row(block, steps, 1), Row(block, steps, 2), Row(block, steps, 3),
            Row(block, steps, 4), Row(block, steps, 5), Row(block, steps, 6), Row(block, steps, 7));
        x.Transform(ConstantBits - PassBits);
        x.Transpose();
        x.Transform(ConstantBits + PassBits + 3);
        x.Transpose();
        Store(x.V0, to);
        Store(x.V1, to[stride..]);
        Store(x.V2, to[(2 * stride)..]);
        Store(x.V3, to[(3 * stride)..]);
        Store(x.V4, to[(4 * stride)..]);
        Store(x.V5, to[(5 * stride)..]);
        Store(x.V6, to[(6 * stride)..]);
        Store(x.V7, to[(7 * stride)..]);
    }

    /// <summary>The same for a block with a DC coefficient alone: one grey.</summary>
    public static void Flat(int dc, Span<byte> to, int stride)
    {
        byte grey = (byte)Math.Clamp(((dc + 4) >> 3) + 128, 0, 255);
        for (int y = 0; y < 8; y++)
            to.Slice(y * stride, 8).Fill(grey);
    }

    // Steps are unsigned 16-bit numbers.
    private static Vector256<int> Row(ReadOnlySpan<short> block, ReadOnlySpan<short> steps, int row)
    {
        var (low, high) = Vector128.Widen(Vector128.Create(block.Slice(row * 8, 8)));
        var (lowStep, highStep) = Vector128.Widen(Vector128.Create(steps.Slice(row * 8, 8)).AsUInt16());
        return Vector256.Create(low, high) * Vector256.Create(lowStep.AsInt32(), highStep.AsInt32());
    }

    private static void Store(Vector256<int> row, Span<byte> to)
    {
        var clamped = Vector256.Clamp(row + Vector256.Create(128), Vector256<int>.Zero, Vector256.Create(255));
        var words = Vector128.Narrow(clamped.GetLower(), clamped.GetUpper()).AsUInt16();
        Vector128.Narrow(words, words).GetLower().CopyTo(to);
    }

    /// <summary>Eight rows of eight numbers.</summary>
    private ref struct Eight(
        Vector256<int> v0, Vector256<int> v1, Vector256<int> v2, Vector256<int> v3,
        Vector256<int> v4, Vector256<int> v5, Vector256<int> v6, Vector256<int> v7)
    {
        public Vector256<int> V0 = v0, V1 = v1, V2 = v2, V3 = v3, V4 = v4, V5 = v5, V6 = v6, V7 = v7;

        /// <summary>One pass down all columns, rounded and shifted right.</summary>
        public void Transform(int shift)
        {
            // Even part: rows 0, 2, 4, 6.
            var rotated = (V2 + V6) * C0541;
            var e2 = rotated - V6 * C1847;
            var e3 = rotated + V2 * C0765;
            var e0 = (V0 + V4) << ConstantBits;
            var e1 = (V0 - V4) << ConstantBits;
            var half = Vector256.Create(1 << (shift - 1));
            var t0 = e0 + e3 + half;
            var t3 = e0 - e3 + half;
            var t1 = e1 + e2 + half;
            var t2 = e1 - e2 + half;

            // Odd part: rows 1, 3, 5, 7.
            var s = ((V7 + V3) + (V5 + V1)) * C1175;
            var z1 = (V7 + V1) * -C0899;
            var z2 = (V5 + V3) * -C2562;
            var z3 = s - (V7 + V3) * C1961;
            var z4 = s - (V5 + V1) * C0390;
            var o0 = V7 * C0298 + z1 + z3;
            var o1 = V5 * C2053 + z2 + z4;
            var o2 = V3 * C3072 + z2 + z3;
            var o3 = V1 * C1501 + z1 + z4;

            (V0, V7) = (t0 + o3 >> shift, t0 - o3 >> shift);
            (V1, V6) = (t1 + o2 >> shift, t1 - o2 >> shift);
            (V2, V5) = (t2 + o1 >> shift, t2 - o1 >> shift);
            (V3, V4) = (t3 + o0 >> shift, t3 - o0 >> shift);
        }

        /// <summary>Rows become columns.</summary>
        public void Transpose()
        {
            if (!Avx2.IsSupported)
            {
                TransposePlainly();
                return;
            }

            // Pairs of rows interleaved, then pairs of pairs, then the halves.
            var (a0, a1) = (Avx2.UnpackLow(V0, V1).AsInt64(), Avx2.UnpackHigh(V0, V1).AsInt64());
            var (a2, a3) = (Avx2.UnpackLow(V2, V3).AsInt64(), Avx2.UnpackHigh(V2, V3).AsInt64());
            var (a4, a5) = (Avx2.UnpackLow(V4, V5).AsInt64(), Avx2.UnpackHigh(V4, V5).AsInt64());
            var (a6, a7) = (Avx2.UnpackLow(V6, V7).AsInt64(), Avx2.UnpackHigh(V6, V7).AsInt64());
            var (b0, b1) = (Avx2.UnpackLow(a0, a2).AsInt32(), Avx2.UnpackHigh(a0, a2).AsInt32());
            var (b2, b3) = (Avx2.UnpackLow(a1, a3).AsInt32(), Avx2.UnpackHigh(a1, a3).AsInt32());
            var (b4, b5) = (Avx2.UnpackLow(a4, a6).AsInt32(), Avx2.UnpackHigh(a4, a6).AsInt32());
            var (b6, b7) = (Avx2.UnpackLow(a5, a7).AsInt32(), Avx2.UnpackHigh(a5, a7).AsInt32());
            const byte Low = 0x20, High = 0x31;
            (V0, V4) = (Avx2.Permute2x128(b0, b4, Low), Avx2.Permute2x128(b0, b4, High));
            (V1, V5) = (Avx2.Permute2x128(b1, b5, Low), Avx2.Permute2x128(b1, b5, High));
            (V2, V6) = (Avx2.Permute2x128(b2, b6, Low), Avx2.Permute2x128(b2, b6, High));
            (V3, V7) = (Avx2.Permute2x128(b3, b7, Low), Avx2.Permute2x128(b3, b7, High));
        }

        private void TransposePlainly()
        {
            Span<Vector256<int>> rows = [V0, V1, V2, V3, V4, V5, V6, V7];
            Span<Vector256<int>> columns = stackalloc Vector256<int>[8];
            var from = MemoryMarshal.Cast<Vector256<int>, int>(rows);
            var to = MemoryMarshal.Cast<Vector256<int>, int>(columns);
            for (int i = 0; i < 64; i++)
                to[(i & 7) * 8 + (i >> 3)] = from[i];
            (V0, V1, V2, V3) = (columns[0], columns[1], columns[2], columns[3]);
            (V4, V5, V6, V7) = (columns[4], columns[5], columns[6], columns[7]);
        }
    }
}
