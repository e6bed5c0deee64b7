using Aim.Tensors.Kernels;

namespace Aim.Tensors.Benchmarks;

/// <summary>Attention and importance as shares of the FMA peak measured around each case.</summary>
internal static class AttentionBench
{
    public static int Run(int allThreads)
    {
        foreach (var threads in allThreads == 1 ? [1] : new[] { 1, allThreads })
        {
            Pool.Threads = threads;
            Console.WriteLine();
            Console.WriteLine($"{threads} thread(s){"",-37}{"ms",11}{"rate",17}{"of peak",10}");
            foreach (var create in AttentionCases.All)
            {
                using var one = create();
                var (seconds, peak) = BenchClock.BestWithPeak(one.Run, 5, 0.03);
                Console.WriteLine($"{one.Name,-22}{one.Shape,-28}{seconds * 1e3,9:F3}{one.Flops / seconds / 1e9,9:F1} GFLOP/s"
                    + $"{one.Flops / seconds / peak,10:P0}");
            }
            PrintStreaming();
        }
        return 0;
    }

    /// <summary>What the importance variant of little memory costs in time, and what it saves.</summary>
    public static void PrintStreaming()
    {
        using var kept = AttentionCases.PageRank(1, 4, 2, 1170, 32, causal: false, streaming: false);
        using var streaming = AttentionCases.PageRank(1, 4, 2, 1170, 32, causal: false, streaming: true);
        var (one, two) = BenchClock.BestOfBoth(kept.Run, streaming.Run, 3, 0.03);
        Console.WriteLine($"Page Rank streaming, not causal, {streaming.Shape}: {two / one:F1} times the time, scratch of "
            + $"{AttentionCases.PageRankScratch(1170, 32, true) >> 10:N0} instead of "
            + $"{AttentionCases.PageRankScratch(1170, 32, false) >> 10:N0} KiB");
    }
}
