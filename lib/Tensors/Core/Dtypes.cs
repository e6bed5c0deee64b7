using System.Runtime.CompilerServices;

namespace Aim.Tensors;

/// <summary>Sizes of element types and torch's promotion rules.</summary>
internal static class Dtypes
{
    internal static int Size(ScalarType t) => t switch
    {
        ScalarType.Byte or ScalarType.Int8 or ScalarType.Bool => 1,
        ScalarType.Int16 or ScalarType.Float16 or ScalarType.BFloat16 => 2,
        ScalarType.Int32 or ScalarType.Float32 => 4,
        _ => 8,
    };

    internal static bool IsFloat(ScalarType t) =>
        t is ScalarType.Float32 or ScalarType.Float64 or ScalarType.Float16 or ScalarType.BFloat16;

    internal static bool IsInteger(ScalarType t) => !IsFloat(t) && t != ScalarType.Bool;

    internal static ScalarType Of<T>()
    {
        if (typeof(T) == typeof(float))
            return ScalarType.Float32;
        if (typeof(T) == typeof(double))
            return ScalarType.Float64;
        if (typeof(T) == typeof(long))
            return ScalarType.Int64;
        if (typeof(T) == typeof(int))
            return ScalarType.Int32;
        if (typeof(T) == typeof(byte))
            return ScalarType.Byte;
        if (typeof(T) == typeof(BFloat16))
            return ScalarType.BFloat16;
        if (typeof(T) == typeof(Half))
            return ScalarType.Float16;
        return typeof(T) == typeof(bool)
            ? ScalarType.Bool
            : throw new TensorException($"tensors of {typeof(T).Name} are not supported: use float, double, BFloat16, Half, "
                + $"long, int, byte or bool");
    }

    /// <exception cref="TensorException">The type is one that the engine lacks.</exception>
    internal static ScalarType Supported(ScalarType t) => t is ScalarType.Int8 or ScalarType.Int16
        ? throw new TensorException($"tensors of type {t} are not supported: use Float32, Float64, BFloat16, Float16, Int64, "
            + "Int32, Byte or Bool")
        : t;

    internal static ScalarType Promote(ScalarType a, ScalarType b)
    {
        if (a == b)
            return a;
        if (IsFloat(a) || IsFloat(b))
        {
            if (a == ScalarType.Float64 || b == ScalarType.Float64)
                return ScalarType.Float64;
            return IsFloat(a) && !IsFloat(b) ? a : !IsFloat(a) ? b : ScalarType.Float32;
        }

        // Bool < Byte < Int32 < Int64
        return Rank(a) > Rank(b) ? a : b;
    }

    /// <summary>
    /// The type of an operation on two tensors: a 0-d tensor yields to one with dimensions unless its kind is higher.
    /// </summary>
    internal static ScalarType Result(torch.Tensor a, torch.Tensor b)
    {
        if (a.dtype == b.dtype)
            return a.dtype;
        if (a.IsNumber || b.IsNumber)
            return a.IsNumber ? b.dtype : a.dtype;
        if (a.ndim == 0 == (b.ndim == 0))
            return Promote(a.dtype, b.dtype);
        var (major, minor) = a.ndim == 0 ? (b, a) : (a, b);
        return Kind(minor.dtype) > Kind(major.dtype) ? Promote(major.dtype, minor.dtype) : major.dtype;
    }

    internal static ScalarType Result(torch.Tensor a, Scalar b)
    {
        if (Kind(b.Type) <= Kind(a.dtype))
            return a.dtype;
        return b.Type == ScalarType.Float64 ? ScalarType.Float32 : b.Type;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Kind(ScalarType t) => t == ScalarType.Bool ? 0 : IsFloat(t) ? 2 : 1;

    private static int Rank(ScalarType t) => t switch
    {
        ScalarType.Bool => 0,
        ScalarType.Byte => 1,
        ScalarType.Int8 => 1,
        ScalarType.Int16 => 2,
        ScalarType.Int32 => 3,
        _ => 4,
    };
}
