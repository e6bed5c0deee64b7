using System.Runtime.CompilerServices;

namespace Aim.Tensors.Kernels;

/// <summary>Values of a row-major weight at any address, widened.</summary>
internal unsafe interface IRow<V>
    where V : struct
{
    /// <summary>Bytes of a value.</summary>
    static abstract int Size { get; }

    static abstract V Load(byte* source);

    static abstract float One(byte* source);
}

internal readonly unsafe struct Float32Row<V, S> : IRow<V>
    where V : struct
    where S : struct, ISimd<V>
{
    public static int Size => sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(byte* source) => S.Load((float*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float One(byte* source) => WeightMatrix.Widen(source, WeightType.Float32);
}

internal readonly unsafe struct BFloat16Row<V, S> : IRow<V>
    where V : struct
    where S : struct, ISimd<V>
{
    public static int Size => sizeof(ushort);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(byte* source) => S.LoadBFloat16((ushort*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float One(byte* source) => WeightMatrix.Widen(source, WeightType.BFloat16);
}

internal readonly unsafe struct Float16Row<V, S> : IRow<V>
    where V : struct
    where S : struct, ISimd<V>
{
    public static int Size => sizeof(ushort);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load(byte* source) => S.LoadFloat16((ushort*)source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float One(byte* source) => WeightMatrix.Widen(source, WeightType.Float16);
}
