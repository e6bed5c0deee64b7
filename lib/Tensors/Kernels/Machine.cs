using System.Diagnostics;
using Aim.Tensors.Kernels;

namespace Aim.Tensors;

/// <summary>What this machine can do, measured: the figures that speeds are given as shares of.</summary>
public static unsafe class Machine
{
    /// <summary>Several times what a thread has of the last cache.</summary>
    private const long BytesPerThread = 256L << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(5);

    /// <summary>Instruction set of the kernels in use: <c>avx512</c>, <c>avx2</c> or <c>portable</c>.</summary>
    public static string Isa =>
        KernelSet.Current.Name;

    /// <summary>
    /// Floating-point operations per second of fused multiply-adds in registers, over all threads of the engine. Parts that ran
    /// one after the other, because a thread was not to be had, count as that.
    /// </summary>
    public static double MeasurePeakFlops(double seconds = 0.3)
    {
        var flops = new double[Pool.Threads];
        var clock = Stopwatch.StartNew();
        Pool.Run(flops.Length, t => flops[t] = FlopsOfOneThread(seconds));
        return flops.Sum() / clock.Elapsed.TotalSeconds;
    }

    /// <summary>
    /// Bytes per second read from memory far larger than the caches, over all threads of the engine: the best of several loops.
    /// The memory is had as that of weights is, in huge pages where the system has them.
    /// </summary>
    public static double MeasureReadBandwidth(double seconds = 0.3)
    {
        var bytes = Pool.Threads * BytesPerThread;
        var block = Allocate(bytes);
        var rate = Best(seconds, BandwidthLoop.Readers, way => ReadRate(way, block, bytes));
        MemoryPool.ReturnExactly(block, bytes);
        return rate;
    }

    /// <summary>
    /// Bytes per second read and written (both count) by a copy between arrays far larger than the caches, over all threads of
    /// the engine: the best of several loops.
    /// </summary>
    public static double MeasureCopyBandwidth(double seconds = 0.3)
    {
        var bytes = Pool.Threads * BytesPerThread;
        var block = Allocate(bytes);
        var half = bytes / 2;
        var rate = Best(seconds, BandwidthLoop.Copiers, way => Together(half, (from, count) =>
        {
            BandwidthLoop.Copy(way, block + from, block + half + from, count);
            return 0;
        }));
        MemoryPool.ReturnExactly(block, bytes);
        return 2 * rate;
    }

    /// <summary>Bytes per second of one pass of all threads over a block, each with a part of its own.</summary>
    internal static double ReadRate(int way, byte* block, long bytes) =>
        Together(bytes, (from, count) => BandwidthLoop.Read(way, block + from, count));

    private static double Best(double seconds, int ways, Func<int, double> rate)
    {
        var clock = Stopwatch.StartNew();
        double best = 0;
        do
        {
            for (var way = 0; way < ways; way++)
                best = Math.Max(best, rate(way));
        }
        while (clock.Elapsed.TotalSeconds < seconds);
        return best;
    }

    /// <summary>
    /// Gives every thread its part of [0, bytes); all begin at the same time, as far as that can be had. Bytes per second from
    /// the first begin to the last end: the sum of the threads' own rates would be more than the machine gives where they ran one
    /// after the other.
    /// </summary>
    private static double Together(long bytes, Func<long, long, float> body)
    {
        var threads = Pool.Threads;
        var part = bytes / threads / 4096 * 4096;
        var (begins, ends, sums) = (new long[threads], new long[threads], new float[threads]);
        var here = 0;
        Pool.Run(threads, t =>
        {
            Interlocked.Increment(ref here);
            var wait = Stopwatch.StartNew(); // not for ever: within a task of the pool all parts run one after the other
            while (Volatile.Read(ref here) < threads && wait.Elapsed < Patience)
                Thread.SpinWait(4);
            begins[t] = Stopwatch.GetTimestamp();
            sums[t] = body(t * part, part); // kept, so that the reading is
            ends[t] = Stopwatch.GetTimestamp();
        });
        return sums.Any(float.IsNaN) ? 0 : part * threads / Stopwatch.GetElapsedTime(begins.Min(), ends.Max()).TotalSeconds;
    }

    private static byte* Allocate(long bytes)
    {
        var block = MemoryPool.RentExactly(bytes);
        Pool.Run(Pool.Threads, t => new Span<byte>(block + t * BytesPerThread, (int)BytesPerThread).Fill(1));
        return block;
    }

    private static double FlopsOfOneThread(double seconds)
    {
        var clock = Stopwatch.StartNew();
        long rounds = 0;
        while (clock.Elapsed.TotalSeconds < seconds)
        {
            PeakLoop.Run(2000);
            rounds += 2000;
        }
        return rounds * PeakLoop.FlopsPerRound;
    }
}
