using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Aim.Tensors.Kernels;

internal abstract unsafe partial class KernelSet
{
    /// <summary>Columns [from, to) of a product whose A rows are contiguous over k and whose B is the transpose of w.</summary>
    public abstract void DotColumns(in GemmArguments g, in WeightMatrix w, nint rowW, int from, int to);
}

internal sealed unsafe partial class KernelSet<V, S>
{
    /// <summary>The next four rows are fetched while four are multiplied, unless they are longer than this (bytes).</summary>
    private const int FarthestFetch = 64 << 10;

    /// <summary>How far ahead the same rows are fetched then.</summary>
    private const int LongRowFetch = 2048;

    public override void DotColumns(in GemmArguments g, in WeightMatrix w, nint rowW, int from, int to)
    {
        if (w.Type == WeightType.Float32)
            DotColumns<Float32Row<V, S>>(g, w.Data, rowW, from, to);
        else if (w.Type == WeightType.BFloat16)
            DotColumns<BFloat16Row<V, S>>(g, w.Data, rowW, from, to);
        else
            DotColumns<Float16Row<V, S>>(g, w.Data, rowW, from, to);
    }

    /// <summary>Four columns at a time and up to four rows; an element's bits do not depend on where it falls.</summary>
    private static void DotColumns<R>(in GemmArguments g, byte* w, nint rowW, int from, int to)
        where R : struct, IRow<V>
    {
        var step = rowW * R.Size;
        var sums = stackalloc float[16];
        for (var j = from; j < to; j += 4)
        {
            var columns = Math.Min(4, to - j);
            var b = w + j * step;
            for (var i = 0; i < g.M; i += 4)
            {
                var rows = Math.Min(4, g.M - i);
                var a = g.A + i * g.RowA;
                if (rows == 1)
                    Dots<R, Height1>(a, g.RowA, b, step, columns, g.K, sums);
                else if (rows == 2)
                    Dots<R, Height2>(a, g.RowA, b, step, columns, g.K, sums);
                else if (rows == 3)
                    Dots<R, Height3>(a, g.RowA, b, step, columns, g.K, sums);
                else
                    Dots<R, Height4>(a, g.RowA, b, step, columns, g.K, sums);
                for (var q = 0; q < rows * 4; q++)
                {
                    if (q % 4 < columns)
                        Put(g, i + q / 4, j + q % 4, sums[q]);
                }
            }
        }
    }

    /// <summary>
    /// Dot products of 1 to 4 rows with 4 columns (the last one again where there are fewer), fetching the four that come after.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Dots<R, H>(float* x0, nint rowX, byte* b0, nint step, int columns, int k, float* sums)
        where R : struct, IRow<V>
        where H : struct, IHeight
    {
        V s00 = default, s01 = default, s02 = default, s03 = default, s10 = default, s11 = default, s12 = default,
            s13 = default, s20 = default, s21 = default, s22 = default, s23 = default, s30 = default, s31 = default,
            s32 = default, s33 = default;
        var x1 = x0 + rowX;
        var x2 = x1 + rowX;
        var x3 = x2 + rowX;
        var b1 = b0 + Math.Min(1, columns - 1) * step;
        var b2 = b0 + Math.Min(2, columns - 1) * step;
        var b3 = b0 + Math.Min(3, columns - 1) * step;
        var ahead = 4 * step <= FarthestFetch ? 4 * step : LongRowFetch;
        var (count, whole) = (k % S.Lanes, k - k % S.Lanes);
        var end = (nint)whole * R.Size;
        var rest = stackalloc float[4 * S.Lanes];
        if (count > 0) // before the sums live in registers, which a call would spill
            Tail<R>(b0 + end, b1 + end, b2 + end, b3 + end, count, rest);
        nint p = 0;
        nint at = 0;
        for (; p < whole; p += S.Lanes, at += S.Lanes * R.Size)
        {
            if (Sse.IsSupported)
            {
                Sse.Prefetch0(b0 + at + ahead);
                Sse.Prefetch0(b1 + at + ahead);
                Sse.Prefetch0(b2 + at + ahead);
                Sse.Prefetch0(b3 + at + ahead);
            }
            var (w0, w1, w2, w3) = (R.Load(b0 + at), R.Load(b1 + at), R.Load(b2 + at), R.Load(b3 + at));
            var v0 = S.Load(x0 + p);
            s00 = S.Fma(v0, w0, s00);
            s01 = S.Fma(v0, w1, s01);
            s02 = S.Fma(v0, w2, s02);
            s03 = S.Fma(v0, w3, s03);
            if (H.Rows > 1)
            {
                var v1 = S.Load(x1 + p);
                s10 = S.Fma(v1, w0, s10);
                s11 = S.Fma(v1, w1, s11);
                s12 = S.Fma(v1, w2, s12);
                s13 = S.Fma(v1, w3, s13);
            }
            if (H.Rows > 2)
            {
                var v2 = S.Load(x2 + p);
                s20 = S.Fma(v2, w0, s20);
                s21 = S.Fma(v2, w1, s21);
                s22 = S.Fma(v2, w2, s22);
                s23 = S.Fma(v2, w3, s23);
            }
            if (H.Rows > 3)
            {
                var v3 = S.Load(x3 + p);
                s30 = S.Fma(v3, w0, s30);
                s31 = S.Fma(v3, w1, s31);
                s32 = S.Fma(v3, w2, s32);
                s33 = S.Fma(v3, w3, s33);
            }
        }
        if (count > 0)
        {
            V w0 = S.Load(rest), w1 = S.Load(rest + S.Lanes), w2 = S.Load(rest + 2 * S.Lanes), w3 = S.Load(rest + 3 * S.Lanes);
            var v0 = S.LoadPartial(x0 + p, count, 0);
            s00 = S.Fma(v0, w0, s00);
            s01 = S.Fma(v0, w1, s01);
            s02 = S.Fma(v0, w2, s02);
            s03 = S.Fma(v0, w3, s03);
            if (H.Rows > 1)
            {
                var v1 = S.LoadPartial(x1 + p, count, 0);
                s10 = S.Fma(v1, w0, s10);
                s11 = S.Fma(v1, w1, s11);
                s12 = S.Fma(v1, w2, s12);
                s13 = S.Fma(v1, w3, s13);
            }
            if (H.Rows > 2)
            {
                var v2 = S.LoadPartial(x2 + p, count, 0);
                s20 = S.Fma(v2, w0, s20);
                s21 = S.Fma(v2, w1, s21);
                s22 = S.Fma(v2, w2, s22);
                s23 = S.Fma(v2, w3, s23);
            }
            if (H.Rows > 3)
            {
                var v3 = S.LoadPartial(x3 + p, count, 0);
                s30 = S.Fma(v3, w0, s30);
                s31 = S.Fma(v3, w1, s31);
                s32 = S.Fma(v3, w2, s32);
                s33 = S.Fma(v3, w3, s33);
            }
        }
        Store4(s00, s01, s02, s03, sums + 0);
        if (H.Rows > 1)
            Store4(s10, s11, s12, s13, sums + 4);
        if (H.Rows > 2)
            Store4(s20, s21, s22, s23, sums + 8);
        if (H.Rows > 3)
            Store4(s30, s31, s32, s33, sums + 12);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store4(V s0, V s1, V s2, V s3, float* sums) =>
        (sums[0], sums[1], sums[2], sums[3]) = (S.Sum(s0), S.Sum(s1), S.Sum(s2), S.Sum(s3));

    /// <summary>The last values of four rows, fewer than a vector, widened one by one and filled with zeros.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Tail<R>(byte* b0, byte* b1, byte* b2, byte* b3, int count, float* target)
        where R : struct, IRow<V>
    {
        new Span<float>(target, 4 * S.Lanes).Clear();
        for (var p = 0; p < count; p++)
        {
            target[p] = R.One(b0 + p * R.Size);
            target[p + S.Lanes] = R.One(b1 + p * R.Size);
            target[p + 2 * S.Lanes] = R.One(b2 + p * R.Size);
            target[p + 3 * S.Lanes] = R.One(b3 + p * R.Size);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Dot1(float* a, float* b, int k)
    {
        V sum = default;
        var p = 0;
        for (; p + S.Lanes <= k; p += S.Lanes)
            sum = S.Fma(S.Load(a + p), S.Load(b + p), sum);
        if (p < k)
            sum = S.Fma(S.LoadPartial(a + p, k - p, 0), S.LoadPartial(b + p, k - p, 0), sum);
        return S.Sum(sum);
    }

    private static void Put(in GemmArguments g, int i, int j, float sum)
    {
        sum = g.Alpha * sum + (g.Bias == null ? 0 : g.Bias[j]);
        var c = g.C + i * g.RowC + j;
        *c = g.Beta == 0 ? sum : g.Beta * *c + sum;
    }
}
