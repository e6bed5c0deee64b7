using Aim.Models;
using Aim.Reduction;
using Aim.Tensors.Kernels;
using static Aim.Tensors.torch;

namespace Aim.Tensors.Benchmarks;

/// <summary>
/// What reducing tokens costs, as a share of the prefill that it shortens: AIM's merging of 32 frames of 196 tokens to 49, and
/// its Page Rank ranking with the choice and the gathering of survivors, against decoders of random weights that read the 1,600
/// tokens left (1,569 visual, 31 text).
/// </summary>
/// <remarks>
/// The output head is small here (a vocabulary of 1,000) and the vision tower absent: both would only lower the shares.
/// </remarks>
internal static class OverheadBench
{
    private const int Frames = 32, FrameTokens = 196, Tokens = 1600;
    private const int Visual = (Frames * FrameTokens / 4) + 1;

    public static int Run(int threads)
    {
        Pool.Threads = threads;
        using var inference = no_grad();
        Console.WriteLine($"{threads} thread(s), peak {BenchClock.Peak(0.2) / 1e9:F0} GFLOP/s; {Frames} frames x {FrameTokens} "
            + $"tokens merged to a quarter, {Tokens} tokens in the decoder");
        WholeDecoder();
        OneLayer();
        return 0;
    }

    /// <summary>24 layers of 0.5B's sizes, pruned from layer 12 to 19: overhead as it occurs in the run.</summary>
    private static void WholeDecoder()
    {
        var merge = Merge(BenchDecoder.Small.HiddenSize);
        using var scope = NewDisposeScope();
        using var weights = new WeightStore();
        using var model = BenchDecoder.Make(BenchDecoder.Small, weights);
        var embeds = randn([1, Tokens, BenchDecoder.Small.HiddenSize], generator: new Generator(2));
        var layout = PromptLayout.Span(14, 14 + Visual, Tokens);
        var schedule = new PruneSchedule(12, 19, BenchDecoder.Small.NumHiddenLayers);
        var (pruned, ranking, whole) = (double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity);
        for (var i = 0; i < 3; i++)
        {
            whole = Math.Min(whole, Prefill(null).Seconds);
            var run = Prefill(new PageRankPruner(schedule));
            (pruned, ranking) = run.Seconds < pruned ? run : (pruned, ranking);
        }

        Console.WriteLine($"0.5B, 24 layers, schedule {schedule}: merge {merge * 1e3:F1} ms, "
            + $"rank and gather {ranking * 1e3:F1} ms; prefill {pruned:F2} s pruned, {whole:F2} s not");
        Console.WriteLine($"  overhead {(merge + ranking) / (merge + pruned):P2} of merging and pruned prefill together, "
            + $"{(merge + ranking) / whole:P2} of the prefill of all {Tokens} tokens (bar: 4 %)");

        (double Seconds, double Ranking) Prefill(ITokenPruner? pruner)
        {
            var start = BenchClock.Now;
            using var result = model.Prefill(embeds, [layout], pruner);
            return (BenchClock.Now - start, result.PruneTime.TotalSeconds);
        }
    }

    /// <summary>
    /// A layer of 7B's sizes after which tokens are ranked (a quarter of the 28 are under the schedule (14, 22)), with its share
    /// of the merging, which is done once for 28.
    /// </summary>
    private static void OneLayer()
    {
        const int Depth = 28;
        var merge = Merge(BenchDecoder.Large.HiddenSize) / Depth;
        using var scope = NewDisposeScope();
        using var weights = new WeightStore();
        using var model = BenchDecoder.Make(BenchDecoder.Large, weights);
        var random = new Generator(3);
        var embeds = randn([1, Tokens, BenchDecoder.Large.HiddenSize], generator: random);
        var q = randn([1, BenchDecoder.Large.NumAttentionHeads, Tokens, BenchDecoder.Large.HeadDim], generator: random);
        var k = randn([1, BenchDecoder.Large.NumKeyValueHeads, Tokens, BenchDecoder.Large.HeadDim], generator: random);
        var layout = PromptLayout.AllText(Tokens);
        var mask = new AttentionMask(true);
        var best = BenchClock.BestOfEach(
            [
                () => model.Prefill(embeds, [layout]).Dispose(),
                () => FusedOps.importance(q, k, mask).Dispose(),
            ], 3, 0.1, 0);
        Console.WriteLine($"7B, one ranked layer: merge / {Depth} {merge * 1e3:F1} ms, rank {best[1] * 1e3:F1} ms; "
            + $"layer {best[0] * 1e3:F0} ms");
        Console.WriteLine($"  overhead {(merge + best[1]) / best[0]:P2} of a ranked layer (bar: 1.5 %); "
            + $"a layer that ranks nothing bears {merge / best[0]:P2}");
    }

    /// <summary>Seconds of merging a clip's frames.</summary>
    private static double Merge(int dim)
    {
        using var scope = NewDisposeScope();
        var tokens = randn([Frames, FrameTokens, dim], generator: new Generator(1));
        var merger = new AimMerger(Retention.Parse("1/4"));
        return BenchClock.BestOfEach([() => merger.Merge(tokens, null).Tokens.Dispose()], 5, 0.1)[0];
    }
}
