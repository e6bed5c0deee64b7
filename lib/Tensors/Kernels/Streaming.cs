using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Aim.Tensors.Kernels;

/// <summary>Where a kernel's results go: into the caches or past them.</summary>
internal unsafe interface IStore<V>
    where V : struct
{
    static abstract bool Past { get; }

    static abstract void Store(V value, float* target);
}

internal readonly unsafe struct Near<V, S> : IStore<V>
    where V : struct
    where S : struct, ISimd<V>
{
    public static bool Past => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(V value, float* target) => S.Store(value, target);
}

internal readonly unsafe struct Past<V, S> : IStore<V>
    where V : struct
    where S : struct, ISimd<V>
{
    static bool IStore<V>.Past => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(V value, float* target) => S.StorePast(value, target);
}

/// <summary>
/// An output that no cache holds is written past them: an ordinary store first reads the line that it overwrites, a third of the
/// traffic of a copy.
/// </summary>
internal static unsafe class Streaming
{
    /// <summary>Bytes of output from which it pays: about half of a last cache, which the input needs too.</summary>
    private const long Bytes = 16L << 20;

    private const int Line = 64;

    /// <summary>
    /// Whether to write y, <paramref name="count"/> floats in rows of <paramref name="dim"/>, past the caches. Not over its own
    /// input, which is in the caches.
    /// </summary>
    public static bool Pays(float* y, long count, long dim, params ReadOnlySpan<nint> inputs) =>
        count * sizeof(float) >= Bytes && (nint)y % Line == 0 && dim * sizeof(float) % Line == 0 && !inputs.Contains((nint)y);

    /// <summary>Makes what this thread wrote past the caches visible before whatever it writes next.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fence(bool past)
    {
        if (past && Sse.IsSupported)
            Sse.StoreFence();
    }
}
