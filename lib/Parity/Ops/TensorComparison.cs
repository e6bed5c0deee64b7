namespace Aim.Parity.Ops;

/// <summary>Holds a tensor to an expected one by the rules of the fixtures' README.</summary>
internal static class TensorComparison
{
    /// <param name="c">Takes the differences, and what is wrong.</param>
    /// <param name="name">The tensor's name in the case.</param>
    /// <param name="oneUnit">For 16-bit results: a neighbouring value will do too.</param>
    /// <param name="signedZeros">Zeros must have the expected sign.</param>
    public static void Tensors(this Comparison c, string name, Tensor got, Tensor expected, Tolerance tolerance,
        bool oneUnit = false, bool signedZeros = false)
    {
        if (!got.shape.SequenceEqual(expected.shape))
            c.Incomparable(name, $"{name}: shape {Values.Shape(got.shape)}, expected {Values.Shape(expected.shape)}");
        else if (got.dtype != expected.dtype)
            c.Incomparable(name, $"{name}: type {got.dtype}, expected {expected.dtype}");
        else if (!Values.IsFloat(got.dtype))
            c.Whole(name, Read<long>(got, ScalarType.Int64), Read<long>(expected, ScalarType.Int64), tolerance);
        else
        {
            bool SignFits(double a, double b) => !signedZeros || b != 0 || double.IsNegative(a) == double.IsNegative(b);
            bool Fits(double a, double b) =>
                SignFits(a, b) && (tolerance.Holds(a, b) || (oneUnit && Neighbours(a, b, got.dtype)));
            c.Close(name, Read<double>(got, ScalarType.Float64), Read<double>(expected, ScalarType.Float64), tolerance, Fits);
        }
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
