using System.Runtime.CompilerServices;

namespace Aim.Tensors.Kernels;

/// <summary>A row of a panel of B as a tile reads it: two vectors, widened if need be.</summary>
internal unsafe interface IPanel<V>
    where V : struct
{
    /// <summary>The vector at <paramref name="row"/> and the one <paramref name="second"/> columns on.</summary>
    static abstract void Load(byte* row, int second, out V first, out V other);
}

internal readonly unsafe struct Float32Panel<V, S> : IPanel<V>
    where V : struct
    where S : struct, ISimd<V>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* row, int second, out V first, out V other)
    {
        first = S.Load((float*)row);
        other = S.Load((float*)row + second);
    }
}

/// <summary>Words of <see cref="WeightPack"/>: both columns in one.</summary>
internal readonly unsafe struct BFloat16Panel<V, S> : IPanel<V>
    where V : struct
    where S : struct, ISimd<V>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* row, int second, out V first, out V other) =>
        S.LoadBFloat16Pairs((uint*)row, out first, out other);
}

/// <summary>Words of <see cref="WeightPack"/>: both columns in one.</summary>
internal readonly unsafe struct Float16Panel<V, S> : IPanel<V>
    where V : struct
    where S : struct, ISimd<V>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* row, int second, out V first, out V other) =>
        S.LoadFloat16Pairs((uint*)row, out first, out other);
}
