using System.Diagnostics;
using Aim.Tensors.Kernels;

namespace Aim.Tensors.Benchmarks;

/// <summary>
/// The table of one run: per case GFLOP/s (GB/s where a kernel moves data rather than computes) and its share of the roofline
/// min(peak, intensity * bandwidth) (Williams, Waterman and Patterson 2009). Machines are shared, so peak is measured right
/// before and after every case, the best of several repeats counts on either side, and with one thread time is processor time.
/// </summary>
internal static class Quick
{
    private const int Repeats = 5;
    private const double RepeatSeconds = 0.03;

    public static int Run(int allThreads)
    {
        var clock = Stopwatch.StartNew();
        Console.WriteLine($"instruction set {Machine.Isa}, {Environment.ProcessorCount} cores");
        foreach (var threads in allThreads == 1 ? [1] : new[] { 1, allThreads })
        {
            Pool.Threads = threads;
            var bandwidth = Bandwidth();
            Console.WriteLine();
            var peak = Peak(0.2);
            Console.WriteLine($"{threads} thread(s): peak {peak / 1e9:F0} GFLOP/s, read bandwidth {bandwidth / 1e9:F1} GB/s");
            Console.WriteLine($"{"kernel",-22}{"shape",-28}{"ms",9}{"rate",16}{"of roofline",13}");
            foreach (var create in Cases.All)
            {
                using var one = create();
                Console.WriteLine(Line(one, bandwidth));
            }
            AttentionBench.PrintStreaming();
            TrainingBench.Print(threads, 0.3, sections: false);
        }
        Console.WriteLine();
        Console.WriteLine($"{clock.Elapsed.TotalSeconds:F0} s");
        return 0;
    }

    private static string Line(Case one, double bandwidth)
    {
        one.Run();
        one.Run();
        double peak = 0, seconds = double.PositiveInfinity;
        for (var repeat = 0; repeat < Repeats; repeat++)
        {
            peak = Math.Max(peak, Peak(0.01));
            seconds = Math.Min(seconds, Seconds(one));
        }
        var share = one.Flops / seconds / Math.Min(Math.Max(peak, Peak(0.01)), one.Flops / one.Bytes * bandwidth);
        var rate = one.MovesData ? $"{one.Bytes / seconds / 1e9:F1} GB/s" : $"{one.Flops / seconds / 1e9:F1} GFLOP/s";
        return $"{one.Name,-22}{one.Shape,-28}{seconds * 1e3,9:F3}{rate,16}{share,13:P0}";
    }

    private static double Seconds(Case one)
    {
        var (begin, runs) = (Now(), 0);
        do
        {
            one.Run();
            runs++;
        }
        while (Now() - begin < RepeatSeconds);
        return (Now() - begin) / runs;
    }

    /// <summary>Of all threads together.</summary>
    private static double Peak(double seconds)
    {
        const int Rounds = 100_000; // reading processor time is slow
        if (Pool.Threads > 1)
            return Machine.MeasurePeakFlops(seconds);
        var (begin, runs) = (Now(), 0);
        for (; Now() - begin < seconds; runs++)
            PeakLoop.Run(Rounds);
        return runs * Rounds * PeakLoop.FlopsPerRound / (Now() - begin);
    }

    private static double Bandwidth()
    {
        var (begin, wall) = (Now(), Stopwatch.StartNew());
        var rate = Machine.MeasureReadBandwidth();
        return rate * wall.Elapsed.TotalSeconds / (Now() - begin);
    }

    private static double Now() =>
        Pool.Threads == 1 ? Environment.CpuUsage.TotalTime.TotalSeconds : Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;
}
