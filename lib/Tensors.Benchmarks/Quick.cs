using System.Diagnostics;
using Aim.Tensors.Kernels;

namespace Aim.Tensors.Benchmarks;

/// <summary>
/// The table of one run: per case GFLOP/s (GB/s where a kernel moves data rather than computes) and its share of the roofline
/// min(peak, intensity * bandwidth) (Williams, Waterman and Patterson 2009). Machines are shared, so peak is measured right
/// before and after every case, the best of several repeats counts on either side, and with one thread time is processor time.
/// Row kernels are compared with copies instead (<see cref="RowBench"/>).
/// </summary>
internal static class Quick
{
    private const int Repeats = 4;
    private const double RepeatSeconds = 0.02;
    private const double WarmUp = 0.06;

    public static int Run(int allThreads)
    {
        var clock = Stopwatch.StartNew();
        Console.WriteLine($"instruction set {Machine.Isa}, {Environment.ProcessorCount} cores");
        Pool.Threads = allThreads;
        using var roofline = new Roofline();
        using var layers = new LayerBench(roofline);
        foreach (var threads in allThreads == 1 ? [1] : new[] { 1, allThreads })
        {
            Pool.Threads = threads;
            var bandwidth = Math.Max(roofline.Bandwidth(), roofline.Bandwidth());
            Console.WriteLine();
            Console.WriteLine(
                $"{threads} thread(s): peak {BenchClock.Peak(0.2) / 1e9:F0} GFLOP/s, read bandwidth {bandwidth / 1e9:F1} GB/s");
            layers.Print();
            Console.WriteLine();
            Console.WriteLine($"{"kernel",-22}{"shape",-28}{"ms",9}{"rate",16}{"of roofline",13}");
            foreach (var create in Cases.All)
            {
                using var one = create();
                Console.WriteLine(Line(one, bandwidth));
            }
            AttentionBench.PrintStreaming();
            RowBench.Print(threads, 4, 0.006, 0.03);
            TrainingBench.Print(threads, 0.3, sections: false);
        }
        Console.WriteLine();
        Console.WriteLine($"{clock.Elapsed.TotalSeconds:F0} s");
        return 0;
    }

    private static string Line(Case one, double bandwidth)
    {
        BenchClock.Mean(one.Run, WarmUp);
        double peak = 0, seconds = double.PositiveInfinity;
        for (var repeat = 0; repeat < Repeats; repeat++)
        {
            peak = Math.Max(peak, BenchClock.Peak(0.01));
            seconds = Math.Min(seconds, BenchClock.Mean(one.Run, RepeatSeconds));
        }
        var share = one.Flops / seconds / Math.Min(Math.Max(peak, BenchClock.Peak(0.01)), one.Flops / one.Bytes * bandwidth);
        var rate = one.MovesData ? $"{one.Bytes / seconds / 1e9:F1} GB/s" : $"{one.Flops / seconds / 1e9:F1} GFLOP/s";
        return $"{one.Name,-22}{one.Shape,-28}{seconds * 1e3,9:F3}{rate,16}{share,13:P0}";
    }
}
