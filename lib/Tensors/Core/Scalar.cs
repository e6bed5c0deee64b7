namespace Aim.Tensors;

/// <summary>
/// A number passed to an operation: boolean, integer or floating point; only its kind takes part in type promotion.
/// </summary>
public sealed class Scalar
{
    private readonly double _double;
    private readonly long _long;

    private Scalar(double d, long l, torch.ScalarType type)
    {
        _double = d;
        _long = l;
        Type = type;
    }

    /// <summary>Bool, Int64 or Float64 by the C# type it was made from (float counts as Float64).</summary>
    public torch.ScalarType Type { get; }

    internal double Double => Type == torch.ScalarType.Float64 ? _double : _long;

    internal long Long => Type == torch.ScalarType.Float64 ? (long)_double : _long;

    /// <summary>This number, if elements of a type can hold it.</summary>
    /// <exception cref="TensorException">It is beyond the type's range (uint8 wraps negative numbers).</exception>
    internal Scalar Checked(torch.ScalarType type)
    {
        var fits = type switch
        {
            torch.ScalarType.Bool or torch.ScalarType.Float64 => true,
            torch.ScalarType.Float32 => InRange(float.MaxValue),
            torch.ScalarType.BFloat16 => InRange(BFloat16.Largest),
            torch.ScalarType.Float16 => InRange((double)Half.MaxValue),
            torch.ScalarType.Byte => Math.Abs(Double) <= byte.MaxValue,
            torch.ScalarType.Int32 => Double is >= int.MinValue and <= int.MaxValue,
            _ => Type != torch.ScalarType.Float64 || Double is >= long.MinValue and < 9223372036854775808.0,
        };
        return fits ? this : throw new TensorException($"value {this} cannot be converted to type {Describe.Dtype(type)} without "
            + "overflow");
    }

    private bool InRange(double largest) => double.IsInfinity(Double) || !(Math.Abs(Double) > largest);

    public static implicit operator Scalar(BFloat16 value) => new(value.ToSingle(), 0, torch.ScalarType.Float64);

    public static implicit operator Scalar(Half value) => new((double)value, 0, torch.ScalarType.Float64);

    public static implicit operator Scalar(bool value) => new(0, value ? 1 : 0, torch.ScalarType.Bool);

    public static implicit operator Scalar(byte value) => new(0, value, torch.ScalarType.Int64);

    public static implicit operator Scalar(int value) => new(0, value, torch.ScalarType.Int64);

    public static implicit operator Scalar(long value) => new(0, value, torch.ScalarType.Int64);

    public static implicit operator Scalar(float value) => new(value, 0, torch.ScalarType.Float64);

    public static implicit operator Scalar(double value) => new(value, 0, torch.ScalarType.Float64);

    public override string ToString() => Type == torch.ScalarType.Float64
        ? _double.ToString(System.Globalization.CultureInfo.InvariantCulture)
        : _long.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>Conversions in TorchSharp's method form: <c>1.5.ToScalar()</c>.</summary>
public static class ScalarExtensionMethods
{
    public static double ToDouble(this Scalar value) => value.Double;

    public static float ToSingle(this Scalar value) => (float)value.Double;

    public static long ToInt64(this Scalar value) => value.Long;

    public static int ToInt32(this Scalar value) => (int)value.Long;

    public static bool ToBoolean(this Scalar value) => value.Double != 0;

    public static Scalar ToScalar(this BFloat16 value) => value;

    public static Scalar ToScalar(this Half value) => value;

    public static Scalar ToScalar(this bool value) => value;

    public static Scalar ToScalar(this byte value) => value;

    public static Scalar ToScalar(this int value) => value;

    public static Scalar ToScalar(this long value) => value;

    public static Scalar ToScalar(this float value) => value;

    public static Scalar ToScalar(this double value) => value;
}
