using System.Runtime.CompilerServices;

namespace Aim.Tensors.Kernels;

internal abstract unsafe partial class KernelSet
{
    /// <summary>Columns [from, to) of a product whose A rows and B columns are contiguous over k.</summary>
    public abstract void DotColumns(in GemmArguments g, int from, int to);
}

internal sealed unsafe partial class KernelSet<V, S>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void DotColumns(in GemmArguments g, int from, int to)
    {
        var j = from;
        for (; j + 4 <= to; j += 4)
        {
            for (var i = 0; i < g.M; i++)
                Dot4(g, i, j);
        }
        for (; j < to; j++)
        {
            for (var i = 0; i < g.M; i++)
                Put(g, i, j, Dot1(g.A + i * g.RowA, g.B + j * g.ColumnB, g.K));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Dot4(in GemmArguments g, int i, int j)
    {
        var a = g.A + i * g.RowA;
        var b0 = g.B + j * g.ColumnB;
        var b1 = b0 + g.ColumnB;
        var b2 = b1 + g.ColumnB;
        var b3 = b2 + g.ColumnB;
        V s0 = default, s1 = default, s2 = default, s3 = default;
        var p = 0;
        for (; p + S.Lanes <= g.K; p += S.Lanes)
        {
            var x = S.Load(a + p);
            s0 = S.Fma(x, S.Load(b0 + p), s0);
            s1 = S.Fma(x, S.Load(b1 + p), s1);
            s2 = S.Fma(x, S.Load(b2 + p), s2);
            s3 = S.Fma(x, S.Load(b3 + p), s3);
        }
        if (p < g.K)
        {
            var x = S.LoadPartial(a + p, g.K - p, 0);
            s0 = S.Fma(x, S.LoadPartial(b0 + p, g.K - p, 0), s0);
            s1 = S.Fma(x, S.LoadPartial(b1 + p, g.K - p, 0), s1);
            s2 = S.Fma(x, S.LoadPartial(b2 + p, g.K - p, 0), s2);
            s3 = S.Fma(x, S.LoadPartial(b3 + p, g.K - p, 0), s3);
        }
        Put(g, i, j, S.Sum(s0));
        Put(g, i, j + 1, S.Sum(s1));
        Put(g, i, j + 2, S.Sum(s2));
        Put(g, i, j + 3, S.Sum(s3));
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
