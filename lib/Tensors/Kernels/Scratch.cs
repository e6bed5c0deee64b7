namespace Aim.Tensors.Kernels;

/// <summary>
/// Per-thread working memory of the kernels, from the pool, 64-byte aligned, kept and grown from call to call. A slot belongs to
/// one use at a time: a kernel that calls another must not hold the other's slots.
/// </summary>
internal sealed unsafe class Scratch
{
    public const int GemmShared = 0;
    public const int GemmTask = 1;
    public const int GemmEdge = 2;
    public const int Shared = 3;
    public const int Task = 4;
    public const int Partial = 5;
    public const int Weight = 6;

    /// <summary>Rows of a weight widened for a gradient, which is itself a product.</summary>
    public const int Widened = 7;
    private const int Slots = 8;

    private static long allBytes;

    [ThreadStatic]
    private static Scratch? mine;

    private readonly float*[] blocks = new float*[Slots];
    private readonly int[] classes = new int[Slots];
    private readonly long[] sizes = new long[Slots];

    ~Scratch()
    {
        for (var slot = 0; slot < Slots; slot++)
            Drop(slot);
    }

    /// <summary>Bytes that all threads hold.</summary>
    public static long Bytes => Interlocked.Read(ref allBytes);

    /// <summary>
    /// At least <paramref name="count"/> floats of this thread's slot, contents undefined, valid until the next call for it.
    /// </summary>
    /// <exception cref="TensorException">The operating system has no such memory.</exception>
    public static float* Get(int slot, long count)
    {
        var scratch = mine ??= new Scratch();
        if (scratch.sizes[slot] < count)
            scratch.Grow(slot, count);
        return scratch.blocks[slot];
    }

    private void Grow(int slot, long count)
    {
        Drop(slot);
        blocks[slot] = (float*)MemoryPool.Rent(checked(count * sizeof(float)), out classes[slot]);
        var bytes = MemoryPool.SizeOf(classes[slot]);
        Interlocked.Add(ref allBytes, bytes);
        sizes[slot] = bytes / sizeof(float);
    }

    private void Drop(int slot)
    {
        if (blocks[slot] == null)
            return;
        Interlocked.Add(ref allBytes, -MemoryPool.SizeOf(classes[slot]));
        MemoryPool.Return((byte*)blocks[slot], classes[slot]);
        blocks[slot] = null;
        sizes[slot] = 0;
    }
}
