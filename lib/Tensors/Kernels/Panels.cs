using System.Runtime.CompilerServices;

namespace Aim.Tensors.Kernels;

/// <summary>A row of a panel of B as a tile reads it: two vectors, widened if need be.</summary>
internal unsafe interface IPanel<V>
    where V : struct
{
    /// <summary>The vector at <paramref name="row"/> and the one <paramref name="second"/> columns on.</summary>
    static abstract void Load(byte* row, int second, out V first, out V other);

    /// <summary>Bytes of a row of 32 columns.</summary>
    static abstract int RowBytes { get; }

    /// <summary>Whether the panel is read once only.</summary>
    static virtual bool Streams => false;
}

/// <summary>A panel that is read once only.</summary>
internal readonly unsafe struct StreamedPanel<V, P> : IPanel<V>
    where V : struct
    where P : struct, IPanel<V>
{
    public static int RowBytes => P.RowBytes;

    public static bool Streams => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* row, int second, out V first, out V other) => P.Load(row, second, out first, out other);
}

internal readonly unsafe struct Float32Panel<V, S> : IPanel<V>
    where V : struct
    where S : struct, ISimd<V>
{
    public static int RowBytes => WeightPack.Width * sizeof(float);

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
    public static int RowBytes => WeightPack.Width * sizeof(ushort);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* row, int second, out V first, out V other) =>
        S.LoadBFloat16Pairs((uint*)row, out first, out other);
}

/// <summary>Words of <see cref="WeightPack"/>: both columns in one.</summary>
internal readonly unsafe struct Float16Panel<V, S> : IPanel<V>
    where V : struct
    where S : struct, ISimd<V>
{
    public static int RowBytes => WeightPack.Width * sizeof(ushort);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* row, int second, out V first, out V other) =>
        S.LoadFloat16Pairs((uint*)row, out first, out other);
}
