using System.Runtime.InteropServices;

namespace Aim.Tensors;

/// <summary>
/// All native memory of the engine, aligned to a cache line and kept for reuse: a training step asks for the same sizes again
/// and again, so after the first step nothing comes from the operating system. Sizes are rounded up to four classes per power of
/// two (at most 25 % waste).
/// </summary>
internal static unsafe class MemoryPool
{
    private const int Alignment = 64;

    /// <summary>Beyond this many idle bytes, returned blocks go back to the operating system.</summary>
    private const long IdleLimit = 3L << 30;

    /// <summary>The machine's memory: no single block can be larger.</summary>
    internal static readonly long Limit = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    private static readonly Lock Gate = new();
    private static readonly Stack<nint>[] Idle = CreateClasses();
    private static readonly MemorySlabs Slabs = new();
    private static long s_idleBytes;
    private static long s_liveBytes;
    private static long s_peakBytes;
    private static long s_systemAllocations;

    /// <summary>Bytes in use now: tensors, weights and the kernels' scratch.</summary>
    internal static long LiveBytes => Interlocked.Read(ref s_liveBytes);

    /// <summary>Bytes in use now without the kernels' scratch, which only grows: what leak tests compare.</summary>
    internal static long HeldBytes => LiveBytes - Kernels.Scratch.Bytes;

    /// <summary>The most bytes in use at once since <see cref="ResetPeak"/>.</summary>
    internal static long PeakBytes => Interlocked.Read(ref s_peakBytes);

    /// <summary>Begins a new peak at what is in use now, which it returns.</summary>
    internal static long ResetPeak()
    {
        lock (Gate)
            return s_peakBytes = s_liveBytes;
    }

    /// <summary>How often a block had to come from the operating system.</summary>
    internal static long SystemAllocations => Interlocked.Read(ref s_systemAllocations);

    /// <summary>A block of at least <paramref name="bytes"/> bytes, its content undefined.</summary>
    /// <exception cref="TensorException">The operating system has no such memory.</exception>
    internal static byte* Rent(long bytes, out int sizeClass)
    {
        sizeClass = ClassOf(Checked(bytes));
        var size = SizeOf(sizeClass);
        lock (Gate)
        {
            if (Idle[sizeClass].TryPop(out var block))
            {
                s_idleBytes -= size;
                Took(size);
                return (byte*)block;
            }
        }

        return Counted(FromSystem(size, Alignment), size);
    }

    internal static void Return(byte* block, int sizeClass)
    {
        var size = SizeOf(sizeClass);
        lock (Gate)
        {
            s_liveBytes -= size;
            if (s_idleBytes + size <= IdleLimit)
            {
                s_idleBytes += size;
                Idle[sizeClass].Push((nint)block);
                return;
            }
        }

        NativeMemory.AlignedFree(block);
    }

    /// <summary>
    /// A block for what lives long and is seldom asked for: neither rounded up nor kept when idle, and in huge pages unless it is
    /// small.
    /// </summary>
    /// <exception cref="TensorException">The operating system has no such memory.</exception>
    internal static byte* RentExactly(long bytes)
    {
        if (Checked(bytes) < MemorySlabs.LeastBytes)
            return Counted(FromSystem(bytes, Alignment), bytes);
        lock (Gate)
        {
            var block = Slabs.TryRent(bytes);
            if (block == null)
            {
                var size = MemorySlabs.SizeFor(bytes);
                var slab = FromSystem(size, HugePages.Size);
                HugePages.AskFor(slab, size);
                block = Slabs.Rent(slab, size, bytes);
            }

            return Counted(block, bytes);
        }
    }

    internal static void ReturnExactly(byte* block, long bytes)
    {
        lock (Gate)
        {
            s_liveBytes -= bytes;
            if (bytes >= MemorySlabs.LeastBytes)
                block = Slabs.Return(block);
        }

        NativeMemory.AlignedFree(block);
    }

    /// <summary>Bytes of a block of a class.</summary>
    internal static long SizeOf(int sizeClass) => (4L + (sizeClass & 3)) * 16 << (sizeClass >> 2);

    // The gate is held.
    private static void Took(long size)
    {
        s_liveBytes += size;
        s_peakBytes = Math.Max(s_peakBytes, s_liveBytes);
    }

    private static byte* Counted(byte* block, long size)
    {
        lock (Gate)
            Took(size);
        return block;
    }

    private static byte* FromSystem(long size, long alignment)
    {
        for (var again = false; ; again = true)
        {
            try
            {
                var block = (byte*)NativeMemory.AlignedAlloc((nuint)size, (nuint)alignment);
                lock (Gate)
                    s_systemAllocations++;
                return block;
            }
            catch (OutOfMemoryException) when (!again)
            {
                FreeIdle();
            }
            catch (OutOfMemoryException)
            {
                throw new TensorException($"out of memory: {size} bytes were asked for while {LiveBytes} are in use");
            }
        }
    }

    private static void FreeIdle()
    {
        lock (Gate)
        {
            foreach (var blocks in Idle)
            {
                while (blocks.TryPop(out var block))
                    NativeMemory.AlignedFree((void*)block);
            }

            s_idleBytes = 0;
        }
    }

    private static long Checked(long bytes) => bytes >= 0 && bytes <= Limit
        ? bytes
        : throw new TensorException($"out of memory: {bytes} bytes were asked for, this machine has {Limit}");

    // Class 4e + q holds blocks of (4 + q) * 16 * 2^e bytes: 64, 80, 96, 112, 128, 160, ...
    private static int ClassOf(long bytes)
    {
        var units = Math.Max(4, (bytes + 15) / 16);
        var e = 61 - System.Numerics.BitOperations.LeadingZeroCount((ulong)units);
        var q = (units + (1L << e) - 1) >> e;
        return (int)((4 * e) + q - 4);
    }

    private static Stack<nint>[] CreateClasses()
    {
        var classes = new Stack<nint>[4 * 60];
        for (var i = 0; i < classes.Length; i++)
            classes[i] = new Stack<nint>();
        return classes;
    }
}
