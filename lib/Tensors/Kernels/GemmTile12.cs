using System.Runtime.CompilerServices;

namespace Aim.Tensors.Kernels;

/// <summary>12 rows by 2 vectors: 24 accumulators, for the 32 registers of AVX-512.</summary>
internal sealed unsafe class GemmTile12<V, S> : GemmTile
    where V : struct
    where S : struct, ISimd<V>
{
    public override int Rows => 12;

    public override int Columns => 2 * S.Lanes;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(
        int k, float* a, nint rsA, nint csA, float* b, nint rsB, float* c, nint ldc, float alpha, float beta, float* bias)
    {
        V c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default,
            c30 = default, c31 = default, c40 = default, c41 = default, c50 = default, c51 = default,
            c60 = default, c61 = default, c70 = default, c71 = default, c80 = default, c81 = default,
            c90 = default, c91 = default, c100 = default, c101 = default, c110 = default, c111 = default;
        var a3 = a + 3 * rsA;
        var a6 = a + 6 * rsA;
        var a9 = a + 9 * rsA;
        var rs2 = 2 * rsA;
        for (var p = 0; p < k; p++)
        {
            var b0 = S.Load(b);
            var b1 = S.Load(b + S.Lanes);
            var x0 = S.Create(*a);
            c00 = S.Fma(x0, b0, c00);
            c01 = S.Fma(x0, b1, c01);
            var x1 = S.Create(a[rsA]);
            c10 = S.Fma(x1, b0, c10);
            c11 = S.Fma(x1, b1, c11);
            var x2 = S.Create(a[rs2]);
            c20 = S.Fma(x2, b0, c20);
            c21 = S.Fma(x2, b1, c21);
            var x3 = S.Create(*a3);
            c30 = S.Fma(x3, b0, c30);
            c31 = S.Fma(x3, b1, c31);
            var x4 = S.Create(a3[rsA]);
            c40 = S.Fma(x4, b0, c40);
            c41 = S.Fma(x4, b1, c41);
            var x5 = S.Create(a3[rs2]);
            c50 = S.Fma(x5, b0, c50);
            c51 = S.Fma(x5, b1, c51);
            var x6 = S.Create(*a6);
            c60 = S.Fma(x6, b0, c60);
            c61 = S.Fma(x6, b1, c61);
            var x7 = S.Create(a6[rsA]);
            c70 = S.Fma(x7, b0, c70);
            c71 = S.Fma(x7, b1, c71);
            var x8 = S.Create(a6[rs2]);
            c80 = S.Fma(x8, b0, c80);
            c81 = S.Fma(x8, b1, c81);
            var x9 = S.Create(*a9);
            c90 = S.Fma(x9, b0, c90);
            c91 = S.Fma(x9, b1, c91);
            var x10 = S.Create(a9[rsA]);
            c100 = S.Fma(x10, b0, c100);
            c101 = S.Fma(x10, b1, c101);
            var x11 = S.Create(a9[rs2]);
            c110 = S.Fma(x11, b0, c110);
            c111 = S.Fma(x11, b1, c111);
            b += rsB;
            a += csA;
            a3 += csA;
            a6 += csA;
            a9 += csA;
        }
        Finish(c00, c01, c, alpha, beta, bias);
        Finish(c10, c11, c + ldc, alpha, beta, bias);
        Finish(c20, c21, c + 2 * ldc, alpha, beta, bias);
        Finish(c30, c31, c + 3 * ldc, alpha, beta, bias);
        Finish(c40, c41, c + 4 * ldc, alpha, beta, bias);
        Finish(c50, c51, c + 5 * ldc, alpha, beta, bias);
        Finish(c60, c61, c + 6 * ldc, alpha, beta, bias);
        Finish(c70, c71, c + 7 * ldc, alpha, beta, bias);
        Finish(c80, c81, c + 8 * ldc, alpha, beta, bias);
        Finish(c90, c91, c + 9 * ldc, alpha, beta, bias);
        Finish(c100, c101, c + 10 * ldc, alpha, beta, bias);
        Finish(c110, c111, c + 11 * ldc, alpha, beta, bias);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(V sum0, V sum1, float* c, float alpha, float beta, float* bias)
    {
        sum0 = S.Multiply(sum0, S.Create(alpha));
        sum1 = S.Multiply(sum1, S.Create(alpha));
        if (beta != 0)
        {
            sum0 = S.Fma(S.Create(beta), S.Load(c), sum0);
            sum1 = S.Fma(S.Create(beta), S.Load(c + S.Lanes), sum1);
        }
        if (bias != null)
        {
            sum0 = S.Add(sum0, S.Load(bias));
            sum1 = S.Add(sum1, S.Load(bias + S.Lanes));
        }
        S.Store(sum0, c);
        S.Store(sum1, c + S.Lanes);
    }
}
