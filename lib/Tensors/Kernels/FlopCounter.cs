namespace Aim.Tensors;

/// <summary>
/// Counts the floating-point operations that were really executed: useful work only, whatever a kernel's padding. A product of
/// [m, k] and [k, n] counts 2mnk; attention counts 4 * headDim per head and (query, visible key) pair, its backward pass twice
/// that (recomputing the scores is not useful work). Totals are process-wide and thread-safe.
/// </summary>
public static class FlopCounter
{
    private static long matmul;
    private static long overhead;

    [ThreadStatic]
    private static long matmulOfThread;

    [ThreadStatic]
    private static long overheadOfThread;

    [ThreadStatic]
    private static int decidingOfThread;

    /// <summary>FLOPs of matrix products and attention since the process began or <see cref="Reset"/>.</summary>
    public static long Matmul => Interlocked.Read(ref matmul);

    /// <summary>
    /// FLOPs spent on deciding what to prune, which no model asks for: the importance kernels, and products within
    /// <see cref="CountAsOverhead"/>.
    /// </summary>
    public static long Overhead => Interlocked.Read(ref overhead);

    /// <summary>Sets both totals to zero.</summary>
    public static void Reset()
    {
        Interlocked.Exchange(ref matmul, 0);
        Interlocked.Exchange(ref overhead, 0);
    }

    /// <summary>Starts counting from here; the totals go on untouched.</summary>
    public static Scope Measure() => new(() => (Matmul, Overhead));

    /// <summary>
    /// Starts counting what the calling thread asks for, whichever threads then compute it: several threads can each count their
    /// own sample. Read it on the thread that began it.
    /// </summary>
    public static Scope MeasureThread() => new(() => (matmulOfThread, overheadOfThread));

    /// <summary>Until it is disposed, what the calling thread multiplies counts as overhead: it serves a decision.</summary>
    public static Deciding CountAsOverhead()
    {
        decidingOfThread++;
        return default;
    }

    internal static void AddMatmul(long flops)
    {
        if (decidingOfThread > 0)
        {
            AddOverhead(flops);
            return;
        }

        Interlocked.Add(ref matmul, flops);
        matmulOfThread += flops;
    }

    internal static void AddOverhead(long flops)
    {
        Interlocked.Add(ref overhead, flops);
        overheadOfThread += flops;
    }

    /// <summary>Ends a <see cref="CountAsOverhead"/>, on the thread that began it.</summary>
    public readonly struct Deciding : IDisposable
    {
        /// <summary>Products count as such again.</summary>
        public void Dispose() => decidingOfThread--;
    }

    /// <summary>What was counted since <see cref="Measure"/>; frozen by <see cref="Dispose"/>.</summary>
    public sealed class Scope : IDisposable
    {
        private readonly Func<(long Matmul, long Overhead)> now;
        private readonly (long Matmul, long Overhead) before;
        private (long Matmul, long Overhead)? frozen;

        internal Scope(Func<(long Matmul, long Overhead)> now) => (this.now, before) = (now, now());

        /// <summary>FLOPs of matrix products and attention within the scope.</summary>
        public long Matmul => (frozen ?? Since()).Matmul;

        /// <summary>FLOPs of the importance kernels within the scope.</summary>
        public long Overhead => (frozen ?? Since()).Overhead;

        /// <summary>Stops counting.</summary>
        public void Dispose() => frozen ??= Since();

        private (long Matmul, long Overhead) Since() => (now().Matmul - before.Matmul, now().Overhead - before.Overhead);
    }
}
