using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Aim.Tensors.Kernels;

/// <summary>
/// The loop behind <see cref="Machine"/>'s peak: as many independent fused multiply-adds as hide their latency.
/// </summary>
internal static unsafe class PeakLoop
{
    private static readonly int Lanes = Vector512.IsHardwareAccelerated ? 16 : Vector256.IsHardwareAccelerated ? 8 : 4;

    /// <summary>Twelve independent chains, one multiply and one add a lane.</summary>
    public static double FlopsPerRound => 12 * 2 * Lanes;

    public static void Run(int rounds)
    {
        if (Vector512.IsHardwareAccelerated)
            sink = Wide(rounds);
        else if (Vector256.IsHardwareAccelerated)
            sink = Middle(rounds);
        else
            sink = Narrow(rounds);
    }

    private static float sink;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Wide(int rounds)
    {
        var m = Vector512.Create(0.999f);
        Vector512<float> a = m, b = m, c = m, d = m, e = m, f = m, g = m, h = m, i = m, j = m, k = m, l = m;
        for (var r = 0; r < rounds; r++)
        {
            a = Vector512.FusedMultiplyAdd(a, m, m);
            b = Vector512.FusedMultiplyAdd(b, m, m);
            c = Vector512.FusedMultiplyAdd(c, m, m);
            d = Vector512.FusedMultiplyAdd(d, m, m);
            e = Vector512.FusedMultiplyAdd(e, m, m);
            f = Vector512.FusedMultiplyAdd(f, m, m);
            g = Vector512.FusedMultiplyAdd(g, m, m);
            h = Vector512.FusedMultiplyAdd(h, m, m);
            i = Vector512.FusedMultiplyAdd(i, m, m);
            j = Vector512.FusedMultiplyAdd(j, m, m);
            k = Vector512.FusedMultiplyAdd(k, m, m);
            l = Vector512.FusedMultiplyAdd(l, m, m);
        }
        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Middle(int rounds)
    {
        var m = Vector256.Create(0.999f);
        Vector256<float> a = m, b = m, c = m, d = m, e = m, f = m, g = m, h = m, i = m, j = m, k = m, l = m;
        for (var r = 0; r < rounds; r++)
        {
            a = Vector256.FusedMultiplyAdd(a, m, m);
            b = Vector256.FusedMultiplyAdd(b, m, m);
            c = Vector256.FusedMultiplyAdd(c, m, m);
            d = Vector256.FusedMultiplyAdd(d, m, m);
            e = Vector256.FusedMultiplyAdd(e, m, m);
            f = Vector256.FusedMultiplyAdd(f, m, m);
            g = Vector256.FusedMultiplyAdd(g, m, m);
            h = Vector256.FusedMultiplyAdd(h, m, m);
            i = Vector256.FusedMultiplyAdd(i, m, m);
            j = Vector256.FusedMultiplyAdd(j, m, m);
            k = Vector256.FusedMultiplyAdd(k, m, m);
            l = Vector256.FusedMultiplyAdd(l, m, m);
        }
        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Narrow(int rounds)
    {
        var m = Vector128.Create(0.999f);
        Vector128<float> a = m, b = m, c = m, d = m, e = m, f = m, g = m, h = m, i = m, j = m, k = m, l = m;
        for (var r = 0; r < rounds; r++)
        {
            a = Vector128.MultiplyAddEstimate(a, m, m);
            b = Vector128.MultiplyAddEstimate(b, m, m);
            c = Vector128.MultiplyAddEstimate(c, m, m);
            d = Vector128.MultiplyAddEstimate(d, m, m);
            e = Vector128.MultiplyAddEstimate(e, m, m);
            f = Vector128.MultiplyAddEstimate(f, m, m);
            g = Vector128.MultiplyAddEstimate(g, m, m);
            h = Vector128.MultiplyAddEstimate(h, m, m);
            i = Vector128.MultiplyAddEstimate(i, m, m);
            j = Vector128.MultiplyAddEstimate(j, m, m);
            k = Vector128.MultiplyAddEstimate(k, m, m);
            l = Vector128.MultiplyAddEstimate(l, m, m);
        }
        return Vector128.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }
}
