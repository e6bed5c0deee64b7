namespace Aim.Tensors;

/// <summary>
/// The upper half of a float: 8 bits of exponent, 7 of fraction. Made from a float by rounding to nearest, ties to even; NaN
/// stays NaN. A type to store, not to compute with.
/// </summary>
public readonly struct BFloat16 : IEquatable<BFloat16>, IComparable<BFloat16>
{
    private readonly ushort _bits;

    internal static double Largest => BitConverter.UInt32BitsToSingle(0x7F7F0000);

    private BFloat16(ushort bits) => _bits = bits;

    public static explicit operator BFloat16(float f) => new(Bits(BitConverter.SingleToUInt32Bits(f)));

    /// <summary>By way of float, as torch converts.</summary>
    public static explicit operator BFloat16(double d) => (BFloat16)(float)d;

    public static explicit operator float(BFloat16 bf) => bf.ToSingle();

    public static explicit operator double(BFloat16 bf) => bf.ToSingle();

    public static bool operator ==(BFloat16 left, BFloat16 right) => left.Equals(right);

    public static bool operator !=(BFloat16 left, BFloat16 right) => !left.Equals(right);

    /// <summary>Exact.</summary>
    public float ToSingle() => BitConverter.UInt32BitsToSingle((uint)_bits << 16);

    public bool Equals(BFloat16 other) => ToSingle().Equals(other.ToSingle());

    public override bool Equals(object? obj) => obj is BFloat16 other && Equals(other);

    public override int GetHashCode() => ToSingle().GetHashCode();

    public int CompareTo(BFloat16 other) => ToSingle().CompareTo(other.ToSingle());

    public override string ToString() => ToSingle().ToString(System.Globalization.CultureInfo.InvariantCulture);

    internal static ushort Bits(uint f) =>
        (f & 0x7FFFFFFF) > 0x7F800000 ? (ushort)0x7FC0 : (ushort)((f + 0x7FFF + ((f >> 16) & 1)) >> 16);
}
