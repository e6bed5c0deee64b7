using System.Diagnostics;
using System.Runtime.Intrinsics;

namespace Aim.Tensors;

/// <summary>What this machine can do, measured through libtorch: the figures that speeds are given as shares of.</summary>
public static class Machine
{
    private const long Size = 1024;

    /// <summary>The processor's widest vectors; libtorch chooses its kernels by itself.</summary>
    public static string Isa =>
        Vector512.IsHardwareAccelerated ? "avx512" : Vector256.IsHardwareAccelerated ? "avx2" : "portable";

    /// <summary>Floating-point operations per second of a square matrix product.</summary>
    public static double MeasurePeakFlops(double seconds = 0.3)
    {
        using var scope = torch.NewDisposeScope();
        var a = torch.ones(Size, Size);
        return 2.0 * Size * Size * Size * PerSecond(() => a.matmul(a).Dispose(), seconds);
    }

    /// <summary>Bytes per second read from memory by a sum.</summary>
    public static double MeasureReadBandwidth(double seconds = 0.3)
    {
        using var scope = torch.NewDisposeScope();
        var a = torch.ones(1L << 26);
        return 4.0 * a.numel() * PerSecond(() => a.sum().Dispose(), seconds);
    }

    private static double PerSecond(Action work, double seconds)
    {
        work();
        var clock = Stopwatch.StartNew();
        var count = 0;
        for (; clock.Elapsed.TotalSeconds < seconds; count++)
            work();
        return count / clock.Elapsed.TotalSeconds;
    }
}
