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

/// <summary>The lab model's shapes (600 to 2,600 tokens, width 128) and a few of large models.</summary>
internal static unsafe class Cases
{
    public static IEnumerable<Func<Case>> All =>
    [
        .. GemmCases.All,
        .. AttentionCases.All,
        () =>
            Rows("RMSNorm", 2600, 128, 2, 4, m =>
                Norm.RmsForward((float*)m[0], (float*)m[2], (float*)m[1], null, 2600, 128, 1e-6)),
        () =>
            Rows("LayerNorm", 2600, 128, 2, 7, m =>
                Norm.LayerForward((float*)m[0], (float*)m[2], null, (float*)m[1], null, null, 2600, 128, 1e-6)),
        () => Rows("GELU (tanh)", 2600, 512, 2, 20, m => Activations.GeluTanh((float*)m[0], (float*)m[1], 2600 * 512)),
        () => Rows("SwiGLU", 2600, 352, 3, 20, m => Activations.Swiglu((float*)m[2], (float*)m[1], 2600, 352)),
        () => Rows("softmax", 600, 1000, 2, 20, m => Softmax.Forward((float*)m[0], (float*)m[1], 600, 1000)),
        () => Rows("add", 2600, 128, 3, 1, m => Kernels.Elementwise.Add((float*)m[0], (float*)m[2], (float*)m[1], 2600 * 128)),
        Rotate,
        Adam,
    ];

    /// <summary>A kernel over [rows, dim] that touches <paramref name="arrays"/> arrays of that size.</summary>
    private static Case Rows(string name, int rows, int dim, int arrays, int flopsEach, Action<nint[]> run) => new(
        name, $"{rows} x {dim}", (double)flopsEach * rows * dim, 4.0 * arrays * rows * dim, true,
        [(long)rows * dim, (long)rows * dim, 2L * rows * dim], run);

    private static Case Rotate()
    {
        var s = new RotaryShape(2, 4, 1170, 32, HeadStrides.RowMajor(4, 1170, 32), HeadStrides.RowMajor(4, 1170, 32), 0);
        const long Count = 2 * 4 * 1170 * 32;
        return new("rotary", "2 x 4 x 1170 x 32", 3.0 * Count, 8.0 * Count, true, [Count, 1170 * 32, 1170 * 32, Count],
            p => Rotary.Forward(s, (float*)p[0], (float*)p[1], (float*)p[2], (float*)p[3]));
    }

    private static Case Adam()
    {
        const long Count = 3_000_000;
        var settings = new AdamWSettings(1e-6, 0.9, 0.95, 1e-8, 0.1, 10);
        return new("AdamW", "3,000,000", 12.0 * Count, 28.0 * Count, true, [Count, Count, Count, Count],
            p => AdamWKernel.Step((float*)p[0], (float*)p[1], (float*)p[2], (float*)p[3], Count, settings));
    }
}
