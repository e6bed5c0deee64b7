namespace Aim.Tensors;

/// <summary>
/// Blocks that live long, one behind the other in memory of huge pages: a weight of 1.6 MB has none of its own. A slab goes back
/// to the operating system with its last block. <see cref="MemoryPool"/> calls this with its gate held.
/// </summary>
internal sealed unsafe class MemorySlabs
{
    private const int Alignment = 64;

    /// <summary>Of a slab of several blocks; what is not used of it is never touched, and so takes no memory.</summary>
    private const long SlabBytes = 64 << 20;

    /// <summary>From here on a block has a slab of its own.</summary>
    private const long OwnBytes = SlabBytes / 2;

    private readonly List<Slab> _slabs = [];

    /// <summary>From this many bytes on a block is kept here.</summary>
    internal const long LeastBytes = 256 << 10;

    /// <summary>Room in a slab, or null where a new one is needed.</summary>
    internal byte* TryRent(long bytes)
    {
        if (bytes >= OwnBytes || _slabs is not [.., var last] || last.Size - last.Used < bytes)
            return null;
        return Take(last, bytes);
    }

    /// <summary>Bytes of the slab that a block for which there is no room needs.</summary>
    internal static long SizeFor(long bytes) =>
        bytes >= OwnBytes ? (bytes + HugePages.Size - 1) / HugePages.Size * HugePages.Size : SlabBytes;

    /// <summary>Adds a slab, and takes a block of it.</summary>
    internal byte* Rent(byte* memory, long size, long bytes)
    {
        var slab = new Slab((nint)memory, size);
        // The last slab is the one that small blocks go to.
        _slabs.Insert(bytes >= OwnBytes ? 0 : _slabs.Count, slab);
        return Take(slab, bytes);
    }

    /// <summary>Gives a block back; the slab's memory if that was its last, else null.</summary>
    internal byte* Return(byte* block)
    {
        var i = _slabs.FindIndex(s => (nint)block >= s.Start && (nint)block < s.Start + s.Size);
        var slab = _slabs[i];
        if (--slab.Blocks > 0)
            return null;
        _slabs.RemoveAt(i);
        return (byte*)slab.Start;
    }

    private static byte* Take(Slab slab, long bytes)
    {
        var block = (byte*)slab.Start + slab.Used;
        slab.Used += (bytes + Alignment - 1) / Alignment * Alignment;
        slab.Blocks++;
        return block;
    }

    private sealed class Slab(nint start, long size)
    {
        public nint Start => start;

        public long Size => size;

        public long Used { get; set; }

        public int Blocks { get; set; }
    }
}
