using System.Diagnostics;
using Aim.Tensors.Kernels;

namespace Aim.Tensors.Benchmarks;

/// <summary>
/// Seconds of a run on a shared machine: the best of several repeats, in processor time where one thread works (what another
/// process takes does not count) and in wall clock where several do.
/// </summary>
internal static class BenchClock
{
    /// <summary>Seconds after which the runtime has compiled what is hot in full.</summary>
    private const double WarmUp = 0.15;

    public static double Now =>
        Pool.Threads == 1 ? Environment.CpuUsage.TotalTime.TotalSeconds : Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;

    /// <summary>Mean of as many runs as fill <paramref name="seconds"/>.</summary>
    public static double Mean(Action run, double seconds)
    {
        var (begin, runs) = (Now, 0);
        do
        {
            run();
            runs++;
        }
        while (Now - begin < seconds);
        return (Now - begin) / runs;
    }

    /// <summary>
    /// The best means of two actions that take turns, so that both see the machine in the same state.
    /// </summary>
    public static (double First, double Second) BestOfBoth(Action first, Action second, int repeats, double seconds)
    {
        var best = BestOfEach([first, second], repeats, seconds);
        return (best[0], best[1]);
    }

    /// <summary>Likewise of any number.</summary>
    public static double[] BestOfEach(Action[] actions, int repeats, double seconds, double warmUp = WarmUp)
    {
        foreach (var action in actions)
            Mean(action, warmUp);
        var best = actions.Select(_ => double.PositiveInfinity).ToArray();
        for (var repeat = 0; repeat < repeats; repeat++)
        {
            for (var i = 0; i < actions.Length; i++)
                best[i] = Math.Min(best[i], Mean(actions[i], seconds));
        }
        return best;
    }

    /// <summary>The action's best mean, and the highest FMA peak (FLOP/s) measured around its repeats.</summary>
    public static (double Seconds, double Peak) BestWithPeak(Action run, int repeats, double seconds)
    {
        Mean(run, WarmUp);
        var (best, peak) = (double.PositiveInfinity, 0.0);
        for (var i = 0; i < repeats; i++)
        {
            peak = Math.Max(peak, Peak(0.01));
            best = Math.Min(best, Mean(run, seconds));
        }
        return (best, Math.Max(peak, Peak(0.01)));
    }

    /// <summary>FLOP/s of fused multiply-adds, all threads together.</summary>
    public static double Peak(double seconds)
    {
        const int Rounds = 100_000; // reading processor time is slow
        if (Pool.Threads > 1)
            return Machine.MeasurePeakFlops(seconds);
        return Rounds * PeakLoop.FlopsPerRound / Mean(() => PeakLoop.Run(Rounds), seconds);
    }
}
