using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Aim.Tensors.Kernels;

internal abstract unsafe partial class KernelSet
{
    /// <summary>
    /// One row times a packed panel [k, 32] that memory has to deliver, once: y [32] = x panel + bias (or null). Products are
    /// summed in blocks of <paramref name="depth"/>, and the blocks in order, which gives the bits of a tile after a tile.
    /// </summary>
    public abstract void StreamPanel(WeightType type, float* x, byte* panel, int k, int depth, float* bias, float* y);
}

internal sealed unsafe partial class KernelSet<V, S>
{
    /// <summary>How far ahead of a panel's row memory is fetched, in bytes, the next panel's included.</summary>
    private const int StreamAhead = 6144;

    public override void StreamPanel(WeightType type, float* x, byte* panel, int k, int depth, float* bias, float* y)
    {
        if (type == WeightType.Float32)
            StreamPanel<Float32Panel<V, S>>(x, panel, k, depth, bias, y);
        else if (type == WeightType.BFloat16)
            StreamPanel<BFloat16Panel<V, S>>(x, panel, k, depth, bias, y);
        else
            StreamPanel<Float16Panel<V, S>>(x, panel, k, depth, bias, y);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void StreamPanel<P>(float* x, byte* b, int k, int depth, float* bias, float* y)
        where P : struct, IPanel<V>
    {
        V total0 = default, total1 = default;
        for (var p = 0; p < k; p += depth)
        {
            V sum0 = default, sum1 = default;
            for (var i = Math.Min(depth, k - p); i > 0; i--)
            {
                P.Load(b, WeightPack.Half, out var b0, out var b1);
                if (Sse.IsSupported)
                {
                    Sse.PrefetchNonTemporal(b + StreamAhead);
                    if (P.RowBytes > 64)
                        Sse.PrefetchNonTemporal(b + StreamAhead + 64);
                }
                var v = S.Create(*x);
                sum0 = S.Fma(v, b0, sum0);
                sum1 = S.Fma(v, b1, sum1);
                b += P.RowBytes;
                x++;
            }
            total0 = p == 0 ? sum0 : S.Add(total0, sum0);
            total1 = p == 0 ? sum1 : S.Add(total1, sum1);
        }
        if (bias != null)
        {
            total0 = S.Add(total0, S.Load(bias));
            total1 = S.Add(total1, S.Load(bias + WeightPack.Half));
        }
        S.Store(total0, y);
        S.Store(total1, y + WeightPack.Half);
    }
}
