using Aim.Tensors.Kernels;

namespace Aim.Tensors.Benchmarks;

/// <summary>Row-wise kernels as shares of the speed of a plain copy of as many bytes, measured in turns with them.</summary>
internal static class RowBench
{
    public static int Run(int allThreads)
    {
        foreach (var threads in allThreads == 1 ? [1] : new[] { 1, allThreads })
        {
            Pool.Threads = threads;
            Console.WriteLine();
            Console.WriteLine($"{threads} thread(s){"",-37}{"kernel",14}{"copy",14}{"share",8}");
            foreach (var create in RowCases.Large)
                Print(create, 3, 0.02);
            foreach (var create in RowCases.Lab)
                Print(create, 4, 0.01);
        }
        return 0;
    }

    private static void Print(Func<Case> create, int repeats, double seconds)
    {
        using var one = create();
        using var copy = RowCases.Copy(one.Bytes);
        var (kernel, plain) = BenchClock.BestOfBoth(one.Run, copy.Run, repeats, seconds);
        Console.WriteLine($"{one.Name,-22}{one.Shape,-28}{one.Bytes / kernel / 1e9,9:F1} GB/s{copy.Bytes / plain / 1e9,9:F1} GB/s"
            + $"{plain / kernel * one.Bytes / copy.Bytes,8:P0}");
    }
}
