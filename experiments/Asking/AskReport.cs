using System.Globalization;
using Aim.Experiments.Cli;

namespace Aim.Experiments.Asking;

/// <summary>What an answer took, as text for people or as JSON.</summary>
internal static class AskReport
{
    /// <summary>Some lines.</summary>
    public static void Write(TextWriter to, AskResult result)
    {
        var (flops, times) = (result.Flops, result.Times);
        to.WriteLine($"method    {result.Method}");
        to.WriteLine(
            $"tokens    {result.Text} text + {result.Visual.Entering} visual of {result.Visual.Before}; "
            + $"by layer {Runs(result.TokensPerLayer)}");
        to.WriteLine(
            $"FLOPs     vision {Size(flops.Vision)}, prefill {Size(flops.Prefill)}, overhead {Size(flops.Overhead)}, "
            + $"decode {Size(flops.Decode)}; priced {Size(flops.PrefillPriced)}, unreduced {Size(flops.UnreducedPriced)}");
        to.WriteLine(
            $"seconds   load {Seconds(times.Load)} ({result.Weights} weights), pictures {Seconds(times.Prepare)}, "
            + $"vision {Seconds(times.Vision)}, merge {Seconds(times.Merge)}, prefill {Seconds(times.Prefill)} "
            + $"(pruning {Seconds(times.Prune)}), decode {Seconds(times.Decode)}");
        if (result.Speed is { } speed)
        {
            string decode = speed.DecodeShare is { } share
                ? $"; decode {Number(speed.TokensPerSecond!.Value)} tokens/s, {Percent(share)} of it"
                : "";
            to.WriteLine(
                $"speed     prefill {Number(flops.Prefill / times.Prefill / 1e9)} GFLOP/s, {Percent(speed.PrefillShare)} of this "
                + $"machine's roofline ({Number(speed.PeakFlops / 1e9)} GFLOP/s, {Number(speed.BytesPerSecond / 1e9)} GB/s)"
                + decode);
        }

        to.WriteLine($"memory    {Machinery.Bytes(result.PeakMemoryBytes)} at most");
    }

    /// <summary>Everything, with all digits.</summary>
    public static string Json(AskResult result) => CostJson.Serialize(new
    {
        result.Answer,
        result.Ids,
        Finish = $"{result.Finish}".ToLowerInvariant(),
        result.Method,
        TextTokens = result.Text,
        VisualTokens = new { result.Visual.Before, result.Visual.Entering },
        result.TokensPerLayer,
        result.Flops,
        Seconds = result.Times,
        result.Weights,
        result.Speed,
        result.PeakMemoryBytes,
    });

    // 1669 x 15, 1473, .., as runs of equal counts.
    private static string Runs(IReadOnlyList<int> tokens)
    {
        var runs = new List<string>();
        for (int i = 0, n; i < tokens.Count; i += n)
        {
            n = tokens.Skip(i).TakeWhile(t => t == tokens[i]).Count();
            runs.Add(n == 1 ? $"{tokens[i]}" : $"{tokens[i]} x {n}");
        }

        return string.Join(", ", runs);
    }

    private static string Size(double flops)
    {
        var (unit, size) = flops >= 1e12 ? ("T", 1e12) : flops >= 1e9 ? ("G", 1e9) : ("M", 1e6);
        return Number(flops / size) + unit;
    }

    private static string Number(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Seconds(double value) => value.ToString(value < 10 ? "0.000" : "0.0", CultureInfo.InvariantCulture);

    private static string Percent(double share) => (100 * share).ToString("0", CultureInfo.InvariantCulture) + " %";
}
