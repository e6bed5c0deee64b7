using System.Diagnostics;
using System.Runtime.Intrinsics;
using Aim.Tensors.Kernels;

namespace Aim.Tensors;

/// <summary>What this machine can do, measured: the figures that speeds are given as shares of.</summary>
public static unsafe class Machine
{
    /// <summary>Instruction set of the kernels in use: <c>avx512</c>, <c>avx2</c> or <c>portable</c>.</summary>
    public static string Isa =>
        KernelSet.Current.Name;

    /// <summary>
    /// Floating-point operations per second of fused multiply-adds in registers, over all threads of the engine.
    /// </summary>
    public static double MeasurePeakFlops(double seconds = 0.3)
    {
        var threads = Pool.Threads;
        var flops = new double[threads];
        Pool.Run(threads, t => flops[t] = PeakOfOneThread(seconds));
        return flops.Sum();
    }

    /// <summary>Bytes per second read from memory, over all threads of the engine.</summary>
    public static double MeasureReadBandwidth(double seconds = 0.3)
    {
        const long Bytes = 64L << 20;
        var threads = Pool.Threads;
        var rates = new double[threads];
        Pool.Run(threads, t => rates[t] = BandwidthOfOneThread(Bytes, seconds));
        return rates.Sum();
    }

    private static double PeakOfOneThread(double seconds)
    {
        var clock = Stopwatch.StartNew();
        long rounds = 0;
        while (clock.Elapsed.TotalSeconds < seconds)
        {
            PeakLoop.Run(2000);
            rounds += 2000;
        }
        return rounds * PeakLoop.FlopsPerRound / clock.Elapsed.TotalSeconds;
    }

    private static double BandwidthOfOneThread(long bytes, double seconds)
    {
        var block = (float*)MemoryPool.RentExactly(bytes);
        new Span<byte>(block, (int)bytes).Fill(1);
        var clock = Stopwatch.StartNew();
        double read = 0;
        float sum = 0;
        while (clock.Elapsed.TotalSeconds < seconds)
        {
            sum += PeakLoop.Read(block, bytes / sizeof(float));
            read += bytes;
        }
        var rate = read / clock.Elapsed.TotalSeconds;
        MemoryPool.ReturnExactly((byte*)block, bytes);
        return float.IsNaN(sum) ? 0 : rate;
    }
}
