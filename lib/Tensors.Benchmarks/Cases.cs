using System.Runtime.InteropServices;
using Aim.Tensors.Kernels;

namespace Aim.Tensors.Benchmarks;

/// <summary>One kernel at one shape, with its operands.</summary>
internal sealed unsafe class Case(string name, string shape, double flops, double bytes, bool movesData, long[] operands,
    Action<nint[]> run)
    : IDisposable
{
    private readonly nint[] memory = [.. operands.Select(Allocate)];

    public string Name => name;

    public string Shape => shape;

    /// <summary>Useful floating-point operations of one run.</summary>
    public double Flops => flops;

    /// <summary>Bytes that one run must at least read and write.</summary>
    public double Bytes => bytes;

    public bool MovesData => movesData;

    public void Run() => run(memory);

    public void Dispose()
    {
        foreach (var block in memory)
            NativeMemory.AlignedFree((void*)block);
    }

    private static nint Allocate(long count)
    {
        var block = (float*)NativeMemory.AlignedAlloc((nuint)count * sizeof(float), 64);
        for (long i = 0; i < count; i++)
            block[i] = (i * 7919 % 13 - 6) * 0.1f;
        return (nint)block;
    }
}

/// <summary>The lab model's shapes (600 to 2,600 tokens, width 128) and a few of large models; see also RowCases.</summary>
internal static unsafe class Cases
{
    public static IEnumerable<Func<Case>> All =>
    [
        .. GemmCases.All,
        .. AttentionCases.All,
        Adam,
    ];

    private static Case Adam()
    {
        const long Count = 3_000_000;
        var settings = new AdamWSettings(1e-6, 0.9, 0.95, 1e-8, 0.1, 10);
        return new("AdamW", "3,000,000", 12.0 * Count, 28.0 * Count, true, [Count, Count, Count, Count],
            p => AdamWKernel.Step((float*)p[0], (float*)p[1], (float*)p[2], (float*)p[3], Count, settings));
    }
}
