using System.Runtime.InteropServices;
using Aim.Tensors.Kernels;

namespace Aim.Tensors.Benchmarks;

/// <summary>
/// The four products of a decoder layer with packed weights (query, key and value fused, gate and up fused) at Qwen2's sizes:
/// each one's speed, and the layer's share of the roofline, which is the time that the roofline allows for the four of them to
/// the time they took. The weights come from memory, not from a cache: a product of few rows finds another copy in every run.
/// </summary>
internal sealed unsafe class LayerBench : IDisposable
{
    /// <summary>Up to this many rows weights are rotated.</summary>
    private const int ColdRows = 28;

    /// <summary>A run longer than this (seconds) is not repeated, one longer than a quarter of it once.</summary>
    private const double LongRun = 0.1;

    /// <summary>Repeats of shorter ones, each of as many runs as fill <see cref="RepeatSeconds"/>.</summary>
    private const int Repeats = 4;

    private const double RepeatSeconds = 0.008;

    /// <summary>More FLOPs than this need no run to warm up: their first one is long.</summary>
    private const double WarmFlops = 5e9;

    /// <summary>Seconds after which the runtime has compiled the loops around the kernels in full.</summary>
    private const double WarmUp = 0.25;

    private static readonly int[] Rows = [1, 4, 28, 128, 768, 1664];

    private static readonly Layer[] Layers =
    [
        new("Qwen2-0.5B", [new(1152, 896), new(896, 896), new(9728, 896), new(896, 4864)]),
        new("Qwen2-7B", [new(4608, 3584), new(3584, 3584), new(37888, 3584), new(3584, 18944)]),
    ];

    private readonly Roofline roofline;
    private readonly float* x = Filled(1664L * 18944, 0.25f);
    private readonly float* y = Filled(1664L * 37888, 0);
    private long at;

    public LayerBench(Roofline roofline) => this.roofline = roofline;

    public void Print()
    {
        Console.WriteLine($"{"layer, type, rows",-27}{"qkv",21}{"o",21}{"gate up",21}{"down",21}{"of roofline",13}");
        BenchClock.Mean(() =>
        {
            foreach (var product in Layers[0].Products)
            {
                Run(product, WeightType.Float32, 1);
                Run(product, WeightType.BFloat16, 1);
            }
        }, WarmUp);
        foreach (var layer in Layers)
        {
            foreach (var rows in Rows)
                Print(layer, WeightType.Float32, rows);
            Print(layer, WeightType.BFloat16, 1);
            Print(layer, WeightType.BFloat16, layer.Products[0].K < 1000 ? 768 : 128);
        }
    }

    private void Print(Layer layer, WeightType type, int rows)
    {
        double allowed = 0, taken = 0;
        var line = $"{layer.Name} {(type == WeightType.Float32 ? "f32" : "bf16")} {rows}".PadRight(27);
        foreach (var product in layer.Products)
        {
            var flops = 2.0 * rows * product.N * product.K;
            var bytes = (double)product.N * product.K * WeightMatrix.SizeOf(type) + 4.0 * rows * (product.N + product.K);
            var (seconds, peak, bandwidth) = Measure(product, type, rows);
            var least = Math.Max(flops / peak, bandwidth > 0 ? bytes / bandwidth : 0);
            allowed += least;
            taken += seconds;
            line += (rows <= 4 ? $"{bytes / seconds / 1e9:F1} GB/s" : $"{flops / seconds / 1e9:F0} GFLOP/s").PadLeft(15)
                + $"{least / seconds,6:P0}";
        }
        Console.WriteLine($"{line}{allowed / taken,13:P0}");
    }

    /// <summary>The best of some repeats, and the best that the machine gave before, between and after them.</summary>
    private (double Seconds, double Peak, double Bandwidth) Measure(Product product, WeightType type, int rows)
    {
        double seconds = double.PositiveInfinity, peak = 0, bandwidth = 0;
        if (2.0 * rows * product.N * product.K < WarmFlops)
            Run(product, type, rows);
        var repeats = Repeats;
        for (var repeat = 0; repeat < repeats; repeat++)
        {
            Look();
            var mean = BenchClock.Mean(() => Run(product, type, rows), RepeatSeconds);
            seconds = Math.Min(seconds, mean);
            repeats = mean > LongRun ? 1 : mean > LongRun / 4 ? 2 : repeats;
        }
        Look();
        return (seconds, peak, bandwidth);

        void Look()
        {
            peak = Math.Max(peak, BenchClock.Peak(0.003));
            if (rows <= ColdRows)
                bandwidth = Math.Max(bandwidth, roofline.Bandwidth());
        }
    }

    /// <summary>One product with weights that the last one did not touch.</summary>
    private void Run(Product product, WeightType type, int rows)
    {
        var size = WeightGemm.PackedBytes(product.N, product.K, type);
        at = at + 2 * size <= Roofline.Bytes ? at + size : 0;
        var weight = new WeightMatrix
        {
            Data = roofline.Block + at,
            Type = type,
            Rows = product.N,
            Columns = product.K,
            Packed = true,
        };
        WeightGemm.Run(rows, x, product.K, weight, y, product.N, null);
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(x);
        NativeMemory.AlignedFree(y);
    }

    private static float* Filled(long count, float value)
    {
        var block = (float*)NativeMemory.AlignedAlloc((nuint)(count * sizeof(float)), 64);
        Pool.Ranges(count, 1 << 20, (from, to) => new Span<float>(block + from, (int)(to - from)).Fill(value));
        return block;
    }

    private sealed record Product(int N, int K);

    private sealed record Layer(string Name, Product[] Products);
}
