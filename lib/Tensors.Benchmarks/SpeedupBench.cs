using Aim.Cost;
using Aim.Models;
using Aim.Reduction;
using Aim.Tensors.Kernels;
using static Aim.Tensors.torch;

namespace Aim.Tensors.Benchmarks;

/// <summary>
/// How much faster a prefill becomes by AIM, beside what Cost predicts for this machine with streamed attention: 32 frames of 196
/// tokens and 100 of text, whole, against a quarter of them and the default schedule, through Qwen2-0.5B's 24 layers. From
/// embeddings: tower and merging are not in it (<see cref="OverheadBench"/> has what merging takes), ranking and gathering are.
/// </summary>
/// <remarks>It takes a minute or two: the whole prefill is 6.3 TFLOP.</remarks>
internal static class SpeedupBench
{
    private const int Visual = 32 * 196, Text = 100;

    public static int Run(int threads)
    {
        Pool.Threads = threads;
        using var inference = no_grad();
        using var scope = NewDisposeScope();
        using var weights = new WeightStore();
        var config = BenchDecoder.Small;
        using var model = BenchDecoder.Make(config, weights);
        var schedule = PruneSchedule.Default(config.NumHiddenLayers);
        var pruner = new PageRankPruner(schedule);
        var (peak, bandwidth) = (0.0, 0.0);
        Look();

        // The short one takes turns with the long one, so that both see the machine in the same state; its first run warms up.
        Measure(Visual / 4, pruner);
        var reduced = Measure(Visual / 4, pruner);
        Look();
        var whole = Measure(Visual, null);
        Look();
        reduced = Better(reduced, Measure(Visual / 4, pruner));
        reduced = Better(reduced, Measure(Visual / 4, pruner));
        Look();

        var hardware = new Hardware("this machine", peak, bandwidth);
        Console.WriteLine($"{threads} thread(s), peak {peak / 1e9:F0} GFLOP/s, read bandwidth {bandwidth / 1e9:F1} GB/s; "
            + $"0.5B, 24 layers, schedule {schedule}, {Text} text tokens");
        var (slow, fast) = (Print($"{Visual} visual tokens", whole), Print($"{Visual / 4}, pruned", reduced));
        double measured = whole.Seconds / reduced.Seconds, predicted = slow / fast;
        Console.WriteLine($"  speed-up {measured:F2} measured, {predicted:F2} predicted: {measured / predicted:P0} (bar: 90 %)");
        return 0;

        void Look()
        {
            peak = Math.Max(peak, BenchClock.Peak(0.2));
            bandwidth = Math.Max(bandwidth, Machine.MeasureReadBandwidth(0.2));
        }

        (double Seconds, int[] Tokens) Measure(int visual, ITokenPruner? prunes)
        {
            using var inner = NewDisposeScope();
            var embeds = randn([1, visual + Text, config.HiddenSize], generator: new Generator(2));
            var begin = BenchClock.Now;
            using var result = model.Prefill(embeds, [PromptLayout.Span(14, 14 + visual, visual + Text)], prunes);
            return (BenchClock.Now - begin, result.TokensPerLayer[0]);
        }

        double Print(string what, (double Seconds, int[] Tokens) run)
        {
            var options = CostOptions.Executed with { Causal = true, WeightBytes = 4, ActivationBytes = 4 };
            var cost = CostModel.Prefill(Shape(config), run.Tokens, hardware, options);
            var flops = CostModel.MatmulFlops(Shape(config), run.Tokens, causal: true);
            Console.WriteLine($"  {what,-22}{run.Seconds,8:F2} s{flops / run.Seconds / 1e9,8:F0} GFLOP/s; "
                + $"Cost {cost.Seconds,6:F2} s, {cost.Seconds / run.Seconds:P0} of the roofline");
            return cost.Seconds;
        }
    }

    private static (double Seconds, int[] Tokens) Better((double Seconds, int[] Tokens) a, (double Seconds, int[] Tokens) b)
        => a.Seconds <= b.Seconds ? a : b;

    private static ModelShape Shape(TextConfig config) => new()
    {
        Name = "0.5B",
        Hidden = config.HiddenSize,
        Layers = config.NumHiddenLayers,
        Heads = config.NumAttentionHeads,
        KeyValueHeads = config.NumKeyValueHeads,
        HeadDim = config.HeadDim,
        Intermediate = config.IntermediateSize,
        Vocabulary = config.VocabSize,
    };
}
