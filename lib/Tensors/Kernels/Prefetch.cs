using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Aim.Tensors.Kernels;

/// <summary>
/// Asks for memory before it is needed, many lines at a time: a register tile that reads a few rows side by side would wait for
/// each. Does nothing where the platform has no such instruction.
/// </summary>
internal static unsafe class Prefetch
{
    private const int Line = 16;

    /// <summary>More than this would drive out what it brought in.</summary>
    private const int MaxFloats = 16384;

    /// <summary>Rows of more floats than this fetch the next one while they are written.</summary>
    public const int LongRow = 1024;

    /// <summary>The line at an address, which need not be readable.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void At(float* x)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(x);
    }

    /// <summary>Rows of <paramref name="count"/> floats, <paramref name="row"/> apart, or the first of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows(float* x, nint row, int rows, int count)
    {
        if (!Sse.IsSupported)
            return;
        rows = Math.Min(rows, MaxFloats / Math.Max(1, count));
        for (var i = 0; i < rows; i++, x += row)
        {
            for (var j = 0; j < count; j += Line)
                Sse.Prefetch0(x + j);
        }
    }
}
