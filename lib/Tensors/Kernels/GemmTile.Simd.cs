using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Aim.Tensors.Kernels;

/// <summary>
/// The tiles of one vector width: written once for 12 rows, compiled for every height, since what lies above the height is dead
/// code then. 12 rows by 2 vectors keep 24 sums in the 32 registers of AVX-512; 6 rows, 12 sums in the 16 of AVX2 and SSE.
/// </summary>
internal sealed unsafe class GemmTile<V, S>(int rows) : GemmTile
    where V : struct
    where S : struct, ISimd<V>
{
    public override int Rows => rows;

    public override int Lanes => S.Lanes;

    public override delegate*<in TileArguments, void> Kernel(WeightType type, int height, bool streams = false) => type switch
    {
        WeightType.Float32 => Kernel<Float32Panel<V, S>>(height, streams),
        WeightType.BFloat16 => Kernel<BFloat16Panel<V, S>>(height, streams),
        _ => Kernel<Float16Panel<V, S>>(height, streams),
    };

    private static delegate*<in TileArguments, void> Kernel<P>(int height, bool streams)
        where P : struct, IPanel<V> => streams ? Kernel<StreamedPanel<V, P>>(height) : Kernel<P>(height);

    private static delegate*<in TileArguments, void> Kernel<P>(int height)
        where P : struct, IPanel<V> => height switch
        {
            1 => &Run<P, Height1>,
            2 => &Run<P, Height2>,
            3 => &Run<P, Height3>,
            4 => &Run<P, Height4>,
            5 => &Run<P, Height5>,
            6 => &Run<P, Height6>,
            7 => &Run<P, Height7>,
            8 => &Run<P, Height8>,
            9 => &Run<P, Height9>,
            10 => &Run<P, Height10>,
            11 => &Run<P, Height11>,
            _ => &Run<P, Height12>,
        };

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<P, H>(in TileArguments t)
        where P : struct, IPanel<V>
        where H : struct, IHeight
    {
        V c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default, c30 = default,
            c31 = default, c40 = default, c41 = default, c50 = default, c51 = default, c60 = default, c61 = default,
            c70 = default, c71 = default, c80 = default, c81 = default, c90 = default, c91 = default, c100 = default,
            c101 = default, c110 = default, c111 = default;
        var a = t.A;
        var rowA = t.RowA;
        var twoRows = 2 * rowA;
        var a3 = a + 3 * rowA;
        var a6 = a + 6 * rowA;
        var a9 = a + 9 * rowA;
        var columnA = t.ColumnA;
        var b = t.B;
        var rowB = t.RowB;
        var next = t.Next;
        var nextStep = t.NextStep;
        var second = t.Second;
        if (Sse.IsSupported)
        {
            var c = t.C; // from L3 if need be, while the products are summed
            for (var i = 0; i < H.Rows; i++, c += t.RowC)
            {
                Sse.Prefetch0(c);
                Sse.Prefetch0(c + second);
            }
        }
        for (var p = t.Depth; p > 0; p--)
        {
            P.Load(b, second, out var b0, out var b1);
            if (Sse.IsSupported && P.Streams)
            {
                Sse.PrefetchNonTemporal(next);
                if (P.RowBytes > 64)
                    Sse.PrefetchNonTemporal(next + 64);
            }
            else if (Sse.IsSupported)
            {
                Sse.Prefetch0(next);
                Sse.Prefetch0(next + 64);
            }
            next += nextStep;
            var x0 = S.Create(*a);
            c00 = S.Fma(x0, b0, c00);
            c01 = S.Fma(x0, b1, c01);
            if (H.Rows > 1)
            {
                var x1 = S.Create(a[rowA]);
                c10 = S.Fma(x1, b0, c10);
                c11 = S.Fma(x1, b1, c11);
            }
            if (H.Rows > 2)
            {
                var x2 = S.Create(a[twoRows]);
                c20 = S.Fma(x2, b0, c20);
                c21 = S.Fma(x2, b1, c21);
            }
            if (H.Rows > 3)
            {
                var x3 = S.Create(*a3);
                c30 = S.Fma(x3, b0, c30);
                c31 = S.Fma(x3, b1, c31);
            }
            if (H.Rows > 4)
            {
                var x4 = S.Create(a3[rowA]);
                c40 = S.Fma(x4, b0, c40);
                c41 = S.Fma(x4, b1, c41);
            }
            if (H.Rows > 5)
            {
                var x5 = S.Create(a3[twoRows]);
                c50 = S.Fma(x5, b0, c50);
                c51 = S.Fma(x5, b1, c51);
            }
            if (H.Rows > 6)
            {
                var x6 = S.Create(*a6);
                c60 = S.Fma(x6, b0, c60);
                c61 = S.Fma(x6, b1, c61);
            }
            if (H.Rows > 7)
            {
                var x7 = S.Create(a6[rowA]);
                c70 = S.Fma(x7, b0, c70);
                c71 = S.Fma(x7, b1, c71);
            }
            if (H.Rows > 8)
            {
                var x8 = S.Create(a6[twoRows]);
                c80 = S.Fma(x8, b0, c80);
                c81 = S.Fma(x8, b1, c81);
            }
            if (H.Rows > 9)
            {
                var x9 = S.Create(*a9);
                c90 = S.Fma(x9, b0, c90);
                c91 = S.Fma(x9, b1, c91);
            }
            if (H.Rows > 10)
            {
                var x10 = S.Create(a9[rowA]);
                c100 = S.Fma(x10, b0, c100);
                c101 = S.Fma(x10, b1, c101);
            }
            if (H.Rows > 11)
            {
                var x11 = S.Create(a9[twoRows]);
                c110 = S.Fma(x11, b0, c110);
                c111 = S.Fma(x11, b1, c111);
            }
            b += rowB;
            a += columnA;
            if (H.Rows > 3)
                a3 += columnA;
            if (H.Rows > 6)
                a6 += columnA;
            if (H.Rows > 9)
                a9 += columnA;
        }
        Finish(t, 0, c00, c01);
        if (H.Rows > 1)
            Finish(t, 1, c10, c11);
        if (H.Rows > 2)
            Finish(t, 2, c20, c21);
        if (H.Rows > 3)
            Finish(t, 3, c30, c31);
        if (H.Rows > 4)
            Finish(t, 4, c40, c41);
        if (H.Rows > 5)
            Finish(t, 5, c50, c51);
        if (H.Rows > 6)
            Finish(t, 6, c60, c61);
        if (H.Rows > 7)
            Finish(t, 7, c70, c71);
        if (H.Rows > 8)
            Finish(t, 8, c80, c81);
        if (H.Rows > 9)
            Finish(t, 9, c90, c91);
        if (H.Rows > 10)
            Finish(t, 10, c100, c101);
        if (H.Rows > 11)
            Finish(t, 11, c110, c111);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(in TileArguments t, int row, V sum0, V sum1)
    {
        var c = t.C + row * t.RowC;
        sum0 = S.Multiply(sum0, S.Create(t.Alpha));
        sum1 = S.Multiply(sum1, S.Create(t.Alpha));
        if (t.Beta != 0)
        {
            sum0 = S.Fma(S.Create(t.Beta), S.Load(c), sum0);
            sum1 = S.Fma(S.Create(t.Beta), S.Load(c + t.Second), sum1);
        }
        if (t.Bias != null)
        {
            sum0 = S.Add(sum0, S.Load(t.Bias));
            sum1 = S.Add(sum1, S.Load(t.Bias + t.Second));
        }
        S.Store(sum0, c);
        S.Store(sum1, c + t.Second);
    }
}
