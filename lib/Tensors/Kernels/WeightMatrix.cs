using System.Runtime.CompilerServices;

namespace Aim.Tensors.Kernels;

/// <summary>How a weight is stored. Products widen it to float32, exactly.</summary>
internal enum WeightType
{
    Float32,
    BFloat16,
    Float16,
}

/// <summary>
/// A weight [Rows, Columns] (outputs, inputs) as products read it: row-major at any address (mapped files align nothing), or in
/// the panels of <see cref="WeightPack"/>, 64-byte aligned.
/// </summary>
internal readonly unsafe struct WeightMatrix
{
    public required byte* Data { get; init; }

    public required WeightType Type { get; init; }

    public required int Rows { get; init; }

    public required int Columns { get; init; }

    public bool Packed { get; init; }

    /// <summary>Bytes of one value.</summary>
    public int Size => SizeOf(Type);

    /// <summary>The value of one element; the plain definition of both layouts.</summary>
    public float this[int row, int column] => Packed
        ? Widen(Data + WeightPack.Offset(row, column, Columns, Type), Type)
        : Widen(Data + ((long)row * Columns + column) * Size, Type);

    public static int SizeOf(WeightType type) => type == WeightType.Float32 ? sizeof(float) : sizeof(ushort);

    public static float Widen(byte* source, WeightType type) => type switch
    {
        WeightType.Float32 => Unsafe.ReadUnaligned<float>(source),
        WeightType.BFloat16 => BitConverter.UInt32BitsToSingle((uint)Unsafe.ReadUnaligned<ushort>(source) << 16),
        _ => (float)Unsafe.ReadUnaligned<Half>(source),
    };
}
