using Aim.Tensors.Kernels;

namespace Aim.Tensors.Benchmarks;

/// <summary>
/// Row-wise kernels as shares of the speed of a copy of as many bytes, the better of one through the caches and one past them,
/// measured in turns with them.
/// </summary>
internal static class RowBench
{
    public static int Run(int allThreads)
    {
        foreach (var threads in allThreads == 1 ? [1] : new[] { 1, allThreads })
        {
            Pool.Threads = threads;
            Print(threads, 3, 0.015, 0.08);
        }
        return 0;
    }

    /// <summary>A line for every case: so many repeats of so many seconds (or one run), after warming up.</summary>
    public static void Print(int threads, int repeats, double seconds, double warmUp)
    {
        Console.WriteLine();
        Console.WriteLine(
            $"{$"row kernels, {threads} thread(s)",-50}{"kernel",14}{"copy",9}{"past caches",14}{"of the better",15}");
        foreach (var create in RowCases.Large.Concat(RowCases.Lab))
        {
            using var one = create();
            using var copy = RowCases.Copy(one.Bytes, past: false);
            using var past = RowCases.Copy(one.Bytes, past: true);
            var best = BenchClock.BestOfEach([one.Run, copy.Run, past.Run], repeats, seconds, warmUp);
            Console.WriteLine($"{one.Name,-22}{one.Shape,-28}{one.Bytes / best[0] / 1e9,9:F1} GB/s"
                + $"{copy.Bytes / best[1] / 1e9,9:F1}{past.Bytes / best[2] / 1e9,9:F1} GB/s"
                + $"{Math.Min(best[1], best[2]) / best[0] * one.Bytes / copy.Bytes,15:P0}");
        }
    }
}
