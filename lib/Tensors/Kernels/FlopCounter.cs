namespace Aim.Tensors;

/// <summary>
/// Counts the floating-point operations that were really executed: useful work only, whatever a kernel's padding. A product of
/// [m, k] and [k, n] counts 2mnk; attention counts 4 * headDim per head and (query, visible key) pair, its backward pass twice that
/// (recomputing the scores is not useful work). Totals are process-wide and thread-safe.
/// </summary>
public static class FlopCounter
{
    private static long matmul;
    private static long overhead;

    /// <summary>FLOPs of matrix products and attention since the process began or <see cref="Reset"/>.</summary>
    public static long Matmul => Interlocked.Read(ref matmul);

    /// <summary>FLOPs spent on deciding what to prune (the importance kernels), which no model asks for.</summary>
    public static long Overhead => Interlocked.Read(ref overhead);

    /// <summary>Sets both totals to zero.</summary>
    public static void Reset()
    {
        Interlocked.Exchange(ref matmul, 0);
        Interlocked.Exchange(ref overhead, 0);
    }

    /// <summary>Starts counting from here; the totals go on untouched.</summary>
    public static Scope Measure() => new(Matmul, Overhead);

    internal static void AddMatmul(long flops) => Interlocked.Add(ref matmul, flops);

    internal static void AddOverhead(long flops) => Interlocked.Add(ref overhead, flops);

    /// <summary>What was counted since <see cref="Measure"/>; frozen by <see cref="Dispose"/>.</summary>
    public sealed class Scope : IDisposable
    {
        private readonly long matmulBefore;
        private readonly long overheadBefore;
        private (long Matmul, long Overhead)? frozen;

        internal Scope(long matmul, long overhead) => (matmulBefore, overheadBefore) = (matmul, overhead);

        /// <summary>FLOPs of matrix products and attention within the scope.</summary>
        public long Matmul => frozen?.Matmul ?? FlopCounter.Matmul - matmulBefore;

        /// <summary>FLOPs of the importance kernels within the scope.</summary>
        public long Overhead => frozen?.Overhead ?? FlopCounter.Overhead - overheadBefore;

        /// <summary>Stops counting.</summary>
        public void Dispose() => frozen ??= (Matmul, Overhead);
    }
}
