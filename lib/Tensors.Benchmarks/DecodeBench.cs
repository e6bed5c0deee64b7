using System.Diagnostics;
using Aim.Models;
using Aim.Tensors.Kernels;
using static Aim.Tensors.torch;

namespace Aim.Tensors.Benchmarks;

/// <summary>
/// Tokens decoded from a checkpoint directory (<c>aim synth-checkpoint --size 0.5b</c> writes one): the time of one, and the
/// share of read bandwidth that it comes to by its bytes, which are every weight of a product in the checkpoint's type and the
/// float32 cache of keys and values. Bandwidth is measured between any two tokens, and a token's share is of what was measured
/// beside it: on a shared machine it halves and doubles from second to second.
/// </summary>
internal static class DecodeBench
{
    private const int WarmUp = 40;
    private const int Rounds = 120;

    public static int Run(int threads, string directory, int context)
    {
        using var inference = no_grad();
        using var scope = NewDisposeScope();
        using var multimodal = MultimodalModel.Load(directory);
        using var roofline = new Roofline();
        var model = multimodal.Language;
        var ids = Enumerable.Range(0, context).Select(i => i * 7919 % model.Config.VocabSize).ToArray();
        using var prefill = model.Prefill(model.Embed(ids).unsqueeze(0), [PromptLayout.AllText(context)]);
        var mark = prefill.Cache.Mark();
        foreach (var count in threads == 1 ? [1] : new[] { 1, threads })
        {
            Pool.Threads = count;
            Print(model, prefill, mark, roofline, context);
        }

        return 0;
    }

    private static void Print(LanguageModel model, PrefillResult prefill, KvMark mark, Roofline roofline, int context)
    {
        long newest = 1;
        for (var i = 0; i < WarmUp; i++)
            Token();
        prefill.Cache.Rewind(mark);
        var (times, rates, shares) = (new double[Rounds], new double[Rounds], new double[Rounds]);
        long managed = long.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var before = roofline.Bandwidth();
            var (start, allocated) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
            Token();
            times[round] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            managed = Math.Min(managed, GC.GetAllocatedBytesForCurrentThread() - allocated);
            rates[round] = Math.Max(before, roofline.Bandwidth());
            shares[round] = Bytes(model, prefill.Cache.Length(0)) / times[round] / rates[round];
        }

        Console.WriteLine($"{Pool.Threads} thread(s), {context} tokens before, medians of {Rounds} tokens: "
            + $"{Quantile(times, 2) * 1e3:F2} ms, read bandwidth {Quantile(rates, 2) / 1e9:F1} GB/s, "
            + $"{Quantile(shares, 2):P0} of it (quartiles {Quantile(shares, 1):P0} to {Quantile(shares, 3):P0}); "
            + $"{managed} bytes of managed memory a token");
        var order = Enumerable.Range(0, Rounds).OrderBy(i => rates[i]).ToArray();
        foreach (var (name, part) in new[] { ("slowest", order[..(Rounds / 3)]), ("fastest", order[^(Rounds / 3)..]) })
        {
            double Middle(double[] values) => Quantile([.. part.Select(i => values[i])], 2);
            Console.WriteLine($"  where memory was {name}: {Middle(times) * 1e3:F2} ms, {Middle(rates) / 1e9:F1} GB/s, "
                + $"{Middle(shares):P0}");
        }

        void Token()
        {
            using var inner = NewDisposeScope();
            newest = model.Decode(tensor(new[] { newest }), prefill.Cache).argmax(-1).item<long>();
        }
    }

    private static double Bytes(LanguageModel model, int cached)
    {
        var c = model.Config;
        long kv = c.NumKeyValueHeads * c.HeadDim, q = c.NumAttentionHeads * c.HeadDim;
        var layer = c.HiddenSize * ((2 * q) + (2 * kv) + (3L * c.IntermediateSize));
        return (((c.NumHiddenLayers * layer) + ((long)c.VocabSize * c.HiddenSize)) * model.WeightBytes)
            + (2.0 * sizeof(float) * c.NumHiddenLayers * cached * kv);
    }

    /// <summary>The first (1), middle (2) or third quartile (3).</summary>
    private static double Quantile(double[] values, int quarter) => values.Order().ElementAt(values.Length * quarter / 4);
}
