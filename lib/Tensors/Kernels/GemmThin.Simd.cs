using System.Runtime.CompilerServices;

namespace Aim.Tensors.Kernels;

internal abstract unsafe partial class KernelSet
{
    /// <summary>Columns [from, to) of a product whose A rows are contiguous over k and whose B is the transpose of w.</summary>
    public abstract void DotColumns(in GemmArguments g, in WeightMatrix w, nint rowW, int from, int to);
}

internal sealed unsafe partial class KernelSet<V, S>
{
    public override void DotColumns(in GemmArguments g, in WeightMatrix w, nint rowW, int from, int to)
    {
        if (w.Type == WeightType.Float32)
            DotColumns<Float32Row<V, S>>(g, w.Data, rowW, from, to);
        else if (w.Type == WeightType.BFloat16)
            DotColumns<BFloat16Row<V, S>>(g, w.Data, rowW, from, to);
        else
            DotColumns<Float16Row<V, S>>(g, w.Data, rowW, from, to);
    }

    /// <summary>Four columns at a time and two rows; a column's bits do not depend on where it falls.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DotColumns<R>(in GemmArguments g, byte* w, nint rowW, int from, int to)
        where R : struct, IRow<V>
    {
        var step = rowW * R.Size;
        var sums = stackalloc float[8];
        for (var j = from; j < to; j += 4)
        {
            var columns = Math.Min(4, to - j);
            var b = w + j * step;
            var (b1, b2, b3) = (Math.Min(1, columns - 1) * step, Math.Min(2, columns - 1) * step, Math.Min(3, columns - 1) * step);
            for (var i = 0; i < g.M; i += 2)
            {
                var a = g.A + i * g.RowA;
                if (i + 1 < g.M)
                    Dots2<R>(a, a + g.RowA, b, b1, b2, b3, g.K, sums);
                else
                    Dots1<R>(a, b, b1, b2, b3, g.K, sums);
                for (var q = 0; q < columns; q++)
                {
                    Put(g, i, j + q, sums[q]);
                    if (i + 1 < g.M)
                        Put(g, i + 1, j + q, sums[4 + q]);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Dots1<R>(float* x, byte* b, nint b1, nint b2, nint b3, int k, float* sums)
        where R : struct, IRow<V>
    {
        V s0 = default, s1 = default, s2 = default, s3 = default;
        var p = 0;
        for (; p + S.Lanes <= k; p += S.Lanes, b += S.Lanes * R.Size)
        {
            var v = S.Load(x + p);
            s0 = S.Fma(v, R.Load(b), s0);
            s1 = S.Fma(v, R.Load(b + b1), s1);
            s2 = S.Fma(v, R.Load(b + b2), s2);
            s3 = S.Fma(v, R.Load(b + b3), s3);
        }
        if (p < k)
        {
            var rest = stackalloc float[4 * S.Lanes];
            Tail<R>(b, b1, b2, b3, k - p, rest);
            var v = S.LoadPartial(x + p, k - p, 0);
            s0 = S.Fma(v, S.Load(rest), s0);
            s1 = S.Fma(v, S.Load(rest + S.Lanes), s1);
            s2 = S.Fma(v, S.Load(rest + 2 * S.Lanes), s2);
            s3 = S.Fma(v, S.Load(rest + 3 * S.Lanes), s3);
        }
        (sums[0], sums[1], sums[2], sums[3]) = (S.Sum(s0), S.Sum(s1), S.Sum(s2), S.Sum(s3));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Dots2<R>(float* x, float* y, byte* b, nint b1, nint b2, nint b3, int k, float* sums)
        where R : struct, IRow<V>
    {
        V s0 = default, s1 = default, s2 = default, s3 = default, t0 = default, t1 = default, t2 = default, t3 = default;
        var p = 0;
        for (; p + S.Lanes <= k; p += S.Lanes, b += S.Lanes * R.Size)
        {
            var (v, u) = (S.Load(x + p), S.Load(y + p));
            var w0 = R.Load(b);
            s0 = S.Fma(v, w0, s0);
            t0 = S.Fma(u, w0, t0);
            var w1 = R.Load(b + b1);
            s1 = S.Fma(v, w1, s1);
            t1 = S.Fma(u, w1, t1);
            var w2 = R.Load(b + b2);
            s2 = S.Fma(v, w2, s2);
            t2 = S.Fma(u, w2, t2);
            var w3 = R.Load(b + b3);
            s3 = S.Fma(v, w3, s3);
            t3 = S.Fma(u, w3, t3);
        }
        if (p < k)
        {
            var rest = stackalloc float[4 * S.Lanes];
            Tail<R>(b, b1, b2, b3, k - p, rest);
            var (v, u) = (S.LoadPartial(x + p, k - p, 0), S.LoadPartial(y + p, k - p, 0));
            s0 = S.Fma(v, S.Load(rest), s0);
            t0 = S.Fma(u, S.Load(rest), t0);
            s1 = S.Fma(v, S.Load(rest + S.Lanes), s1);
            t1 = S.Fma(u, S.Load(rest + S.Lanes), t1);
            s2 = S.Fma(v, S.Load(rest + 2 * S.Lanes), s2);
            t2 = S.Fma(u, S.Load(rest + 2 * S.Lanes), t2);
            s3 = S.Fma(v, S.Load(rest + 3 * S.Lanes), s3);
            t3 = S.Fma(u, S.Load(rest + 3 * S.Lanes), t3);
        }
        (sums[0], sums[1], sums[2], sums[3]) = (S.Sum(s0), S.Sum(s1), S.Sum(s2), S.Sum(s3));
        (sums[4], sums[5], sums[6], sums[7]) = (S.Sum(t0), S.Sum(t1), S.Sum(t2), S.Sum(t3));
    }

    /// <summary>The last values of four rows, fewer than a vector, widened one by one and filled with zeros.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Tail<R>(byte* b, nint b1, nint b2, nint b3, int count, float* target)
        where R : struct, IRow<V>
    {
        new Span<float>(target, 4 * S.Lanes).Clear();
        for (var p = 0; p < count; p++, b += R.Size, target++)
        {
            target[0] = R.One(b);
            target[S.Lanes] = R.One(b + b1);
            target[2 * S.Lanes] = R.One(b + b2);
            target[3 * S.Lanes] = R.One(b + b3);
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
