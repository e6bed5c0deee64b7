namespace Aim.Tensors;

/// <summary>How much memory work takes, as the engine counts what it hands out.</summary>
public static class MemoryMeter
{
    /// <summary>
    /// The most bytes that were in use at once while some work ran, beyond those in use when it began: its tensors, and scratch
    /// of kernels that had not needed as much before. One piece of work is measured at a time. Null: this engine does not count.
    /// </summary>
    public static long? PeakOf(Action work)
    {
        ArgumentNullException.ThrowIfNull(work);
        long before = MemoryPool.ResetPeak();
        work();
        return MemoryPool.PeakBytes - before;
    }
}
