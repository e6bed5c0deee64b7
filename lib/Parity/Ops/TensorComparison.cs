namespace Aim.Parity.Ops;

/// <summary>Holds a tensor to an expected one by the rules of the fixtures' README.</summary>
internal static class TensorComparison
{
    /// <param name="name">The tensor's name in the case.</param>
    /// <param name="oneUnit">For 16-bit results: a neighbouring value will do too.</param>
    /// <param name="signedZeros">Zeros must have the expected sign.</param>
    /// <returns>The largest differences, and what is wrong; null if nothing is.</returns>
    public static (Difference Difference, string? Problem) Compare(string name, Tensor got, Tensor expected, Tolerance tolerance,
        bool oneUnit = false, bool signedZeros = false)
    {
        var incomparable = new Difference(name, double.NaN, double.NaN);
        if (!got.shape.SequenceEqual(expected.shape))
            return (incomparable, $"{name}: shape {Values.Shape(got.shape)}, expected {Values.Shape(expected.shape)}");
        if (got.dtype != expected.dtype)
            return (incomparable, $"{name}: type {got.dtype}, expected {expected.dtype}");
        if (!Values.IsFloat(got.dtype))
            return Integers(name, Read<long>(got, ScalarType.Int64), Read<long>(expected, ScalarType.Int64), tolerance);
        var (a, b) = (Read<double>(got, ScalarType.Float64), Read<double>(expected, ScalarType.Float64));
        double abs = 0, rel = 0;
        string? problem = null;
        for (var i = 0; i < a.Length; i++)
        {
            var fits = Fits(a[i], b[i], tolerance) || (oneUnit && Neighbours(a[i], b[i], got.dtype));
            if (signedZeros && b[i] == 0 && double.IsNegative(a[i]) != double.IsNegative(b[i]))
                fits = false;
            if (double.IsFinite(a[i]) && double.IsFinite(b[i]))
            {
                var off = Math.Abs(a[i] - b[i]);
                abs = Math.Max(abs, off);
                rel = b[i] != 0 ? Math.Max(rel, off / Math.Abs(b[i])) : rel;
            }
            else if (!fits)
            {
                (abs, rel) = (double.NaN, double.NaN);
            }

            if (!fits)
            {
                problem ??= $"{name}[{i}] of {a.Length}: {a[i]:R}, expected {b[i]:R} within {tolerance.Abs} + {tolerance.Rel} "
                    + "|expected|";
            }
        }

        return (new Difference(name, abs, rel), problem);
    }

    /// <summary>Numbers that are no tensors: rates, say.</summary>
    public static bool Fits(double got, double expected, Tolerance tolerance) => double.IsNaN(expected) ? double.IsNaN(got)
        : double.IsInfinity(expected) || got == expected ? got == expected
        : Math.Abs(got - expected) <= tolerance.Abs + (tolerance.Rel * Math.Abs(expected));

    private static (Difference, string?) Integers(string name, long[] a, long[] b, Tolerance tolerance)
    {
        double abs = 0, rel = 0;
        string? problem = null;
        for (var i = 0; i < a.Length; i++)
        {
            if (a[i] == b[i])
                continue;
            var off = (double)Int128.Abs((Int128)a[i] - b[i]);
            abs = Math.Max(abs, off);
            rel = b[i] != 0 ? Math.Max(rel, off / Math.Abs((double)b[i])) : rel;
            if (off > tolerance.Abs + (tolerance.Rel * Math.Abs((double)b[i])))
                problem ??= $"{name}[{i}] of {a.Length}: {a[i]}, expected {b[i]}";
        }

        return (new Difference(name, abs, rel), problem);
    }

    /// <summary>Next to each other among the values of a 16-bit type.</summary>
    private static bool Neighbours(double a, double b, ScalarType type)
    {
        if (!double.IsFinite(a) || !double.IsFinite(b))
            return false;
        return type switch
        {
            ScalarType.Float16 => Math.Abs(Ordinal(BitConverter.HalfToUInt16Bits((Half)a))
                - Ordinal(BitConverter.HalfToUInt16Bits((Half)b))) <= 1,
            ScalarType.BFloat16 => Math.Abs(Ordinal(Upper(a)) - Ordinal(Upper(b))) <= 1,
            _ => false,
        };
    }

    private static ushort Upper(double value) => (ushort)(BitConverter.SingleToUInt32Bits((float)value) >> 16);

    private static int Ordinal(ushort bits) => bits >= 0x8000 ? -(bits & 0x7FFF) : bits;

    private static T[] Read<T>(Tensor x, ScalarType type)
        where T : unmanaged => x.detach().to(type).contiguous().data<T>().ToArray();
}
