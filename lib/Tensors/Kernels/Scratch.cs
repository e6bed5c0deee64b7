using System.Runtime.InteropServices;

namespace Aim.Tensors.Kernels;

/// <summary>
/// Per-thread working memory of the kernels, 64-byte aligned, kept and grown from call to call. A slot belongs to one use at a
/// time: a kernel that calls another must not hold the other's slots.
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
    private const int Slots = 7;

    [ThreadStatic]
    private static Scratch? mine;

    private readonly float*[] blocks = new float*[Slots];
    private readonly long[] sizes = new long[Slots];

    ~Scratch()
    {
        foreach (var block in blocks)
            NativeMemory.AlignedFree(block);
    }

    /// <summary>
    /// At least <paramref name="count"/> floats of this thread's slot, contents undefined, valid until the next call for it.
    /// </summary>
    public static float* Get(int slot, long count)
    {
        var scratch = mine ??= new Scratch();
        if (scratch.sizes[slot] < count)
        {
            NativeMemory.AlignedFree(scratch.blocks[slot]);
            scratch.blocks[slot] = null;
            scratch.sizes[slot] = 0;
            scratch.blocks[slot] = (float*)NativeMemory.AlignedAlloc((nuint)checked(count * sizeof(float)), 64);
            scratch.sizes[slot] = count;
        }
        return scratch.blocks[slot];
    }
}
