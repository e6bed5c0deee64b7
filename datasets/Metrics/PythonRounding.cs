using System.Numerics;

namespace Aim.Datasets;

/// <summary>Rounding of what upstream prints.</summary>
public static class PythonRounding
{
    /// <summary>
    /// Python's <c>round(value, 2)</c>: the value's exact binary fraction decides, and one that lies exactly between two goes to
    /// the even one. (<see cref="Math.Round(double, int)"/> multiplies by 100 first, which rounds 2.675 up.)
    /// </summary>
    /// <exception cref="ArgumentException">The value is not finite.</exception>
    public static double ToHundredths(double value)
    {
        if (!double.IsFinite(value))
            throw new ArgumentException($"{value} cannot be rounded");
        long bits = BitConverter.DoubleToInt64Bits(Math.Abs(value));
        int exponent = Math.Max((int)(bits >> 52), 1) - 1075;
        long mantissa = (bits & ((1L << 52) - 1)) | (bits >> 52 == 0 ? 0 : 1L << 52);
        if (exponent >= 0)
            return value;
        var hundredths = new BigInteger(mantissa) * 100;
        BigInteger unit = BigInteger.One << -exponent, whole = BigInteger.DivRem(hundredths, unit, out var rest);
        int half = (2 * rest).CompareTo(unit);
        if (half > 0 || half == 0 && !whole.IsEven)
            whole++;
        return Math.CopySign((double)whole / 100, value);
    }
}
