namespace Aim.Tensors;

/// <summary>As on the managed engine; libtorch's allocator is not asked.</summary>
public static class MemoryMeter
{
    public static long? PeakOf(Action work)
    {
        work();
        return null;
    }
}
