namespace Aim.Models;

/// <summary>Element types of a safetensors file that this project reads and writes.</summary>
public enum SafetensorsType
{
    /// <summary>64-bit float.</summary>
    F64,

    /// <summary>32-bit float.</summary>
    F32,

    /// <summary>IEEE 16-bit float.</summary>
    F16,

    /// <summary>bfloat16: the upper half of a 32-bit float.</summary>
    BF16,

    /// <summary>Signed 64-bit integer.</summary>
    I64,

    /// <summary>Signed 32-bit integer.</summary>
    I32,

    /// <summary>Truth, a byte of 0 or 1.</summary>
    BOOL,

    /// <summary>Byte.</summary>
    U8,

    /// <summary>Unsigned 16-bit integer (read only).</summary>
    U16,
}

/// <summary>Type and shape of one tensor of a file.</summary>
/// <param name="Dtype">Element type.</param>
/// <param name="Shape">Dimensions, outermost first; empty for a scalar.</param>
public readonly record struct SafetensorsInfo(SafetensorsType Dtype, long[] Shape)
{
    /// <summary>Number of elements.</summary>
    public long Count => Shape.Aggregate(1L, (product, side) => product * side);
}

internal static class SafetensorsTypes
{
    /// <summary>The most bytes that a header may have, as in the format's own implementation.</summary>
    public const int HeaderCap = 100_000_000;

    public static int Size(this SafetensorsType type) => type switch
    {
        SafetensorsType.I64 or SafetensorsType.F64 => 8,
        SafetensorsType.F32 or SafetensorsType.I32 => 4,
        SafetensorsType.F16 or SafetensorsType.BF16 or SafetensorsType.U16 => 2,
        _ => 1,
    };

    /// <summary>The bfloat16 nearest to a float, ties to even; NaN stays NaN.</summary>
    public static ushort ToBFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value))
            return (ushort)((bits >> 16) | 0x40);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    /// <summary>A bfloat16 as a float, exactly.</summary>
    public static float FromBFloat16(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);
}
