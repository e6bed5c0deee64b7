using System.Numerics;
using System.Runtime.CompilerServices;

namespace Aim.Tensors;

/// <summary>Strided copies and conversions of type.</summary>
internal static unsafe class Copy
{
    /// <summary>
    /// Copies (and converts) element by element; <paramref name="source"/> must broadcast to <paramref name="target"/>.
    /// </summary>
    internal static void Run(Tensor source, Tensor target)
    {
        if (source.dtype != target.dtype)
        {
            if (!source.is_contiguous())
            {
                using var packed = Contiguous(source, register: false);
                Run(packed, target);
                return;
            }

            if (target.is_contiguous() && Shapes.Same(source._shape, target._shape))
            {
                Convert(source, target);
                return;
            }

            using var converted = Tensor.Empty(source._shape, target.dtype, register: false);
            Convert(source, converted);
            Run(converted, target);
            return;
        }

        var loop = new Loop(target._shape, target._strides,
            Shapes.BroadcastStrides(source._shape, source._strides, target._shape));
        switch (Dtypes.Size(target.dtype))
        {
            case 1: Strided(loop, target.Data, source.Data); break;
            case 2: Strided(loop, (ushort*)target.Data, (ushort*)source.Data); break;
            case 4: Strided(loop, (uint*)target.Data, (uint*)source.Data); break;
            default: Strided(loop, (ulong*)target.Data, (ulong*)source.Data); break;
        }
    }

    /// <summary>A contiguous copy (always a copy).</summary>
    internal static Tensor Contiguous(Tensor source, bool register = true)
    {
        var result = Tensor.Empty(source._shape, source.dtype, register);
        Run(source, result);
        return result;
    }

    private static void Strided<T>(Loop loop, T* y, T* x)
        where T : unmanaged
    {
        var (n, sy, sx) = (loop.Inner, loop.InnerStride(0), loop.InnerStride(1));
        loop.Run((oy, ox, _, begin, end) =>
        {
            var p = y + oy + (begin * sy);
            var q = x + ox + (begin * sx);
            var count = end - begin;
            if (sy == 1 && sx == 1)
            {
                Unsafe.CopyBlockUnaligned(p, q, (uint)(count * sizeof(T)));
            }
            else if (sy == 1 && sx == 0)
            {
                new Span<T>(p, (int)count).Fill(*q);
            }
            else
            {
                for (long i = 0; i < count; i++)
                    p[i * sy] = q[i * sx];
            }
        });
    }

    /// <summary>Both contiguous. 16-bit types go by way of float32, as in torch.</summary>
    private static void Convert(Tensor x, Tensor y)
    {
        if (LowPrecision.Is(x.dtype) || LowPrecision.Is(y.dtype))
        {
            ConvertLow(x, y);
            return;
        }

        switch (x.dtype)
        {
            case ScalarType.Float32: From((float*)x.Data, x, y); break;
            case ScalarType.Float64: From((double*)x.Data, x, y); break;
            case ScalarType.Int64: From((long*)x.Data, x, y); break;
            case ScalarType.Int32: From((int*)x.Data, x, y); break;
            default: From(x.Data, x, y); break;
        }
    }

    private static void ConvertLow(Tensor x, Tensor y)
    {
        if (x.dtype == ScalarType.Float32)
        {
            LowPrecision.Round(x.Floats, (ushort*)y.Data, y.dtype, x.numel());
            return;
        }

        if (LowPrecision.Is(x.dtype) && y.dtype == ScalarType.Float32)
        {
            LowPrecision.Widen((ushort*)x.Data, x.dtype, y.Floats, x.numel());
            return;
        }

        using var wide = Tensor.Empty(x._shape, ScalarType.Float32, register: false);
        Convert(x, wide);
        Convert(wide, y);
    }

    private static void From<T>(T* p, Tensor x, Tensor y)
        where T : unmanaged, INumber<T>
    {
        var n = x.numel();
        switch (y.dtype)
        {
            case ScalarType.Float32: To(p, (float*)y.Data, n); break;
            case ScalarType.Float64: To(p, (double*)y.Data, n); break;
            case ScalarType.Int64: To(p, (long*)y.Data, n); break;
            case ScalarType.Int32: To(p, (int*)y.Data, n); break;
            case ScalarType.Byte: To(p, y.Data, n); break;
            default:
                var b = y.Data;
                for (long i = 0; i < n; i++)
                    b[i] = p[i] != T.Zero ? (byte)1 : (byte)0;
                break;
        }
    }

    /// <summary>
    /// Integers wrap around. Floating-point numbers are cut towards zero; what an integer type cannot hold, NaN included, becomes
    /// its smallest value, as torch on x86 has it (uint8 is cut from int64).
    /// </summary>
    private static void To<T, TTo>(T* p, TTo* q, long n)
        where T : unmanaged, INumber<T>
        where TTo : unmanaged, INumber<TTo>
    {
        if ((typeof(T) == typeof(float) || typeof(T) == typeof(double)) && typeof(TTo) != typeof(float)
            && typeof(TTo) != typeof(double))
        {
            for (long i = 0; i < n; i++)
            {
                var value = double.CreateTruncating(p[i]);
                q[i] = typeof(TTo) == typeof(int)
                    ? TTo.CreateTruncating(value is > -2147483649.0 and < 2147483648.0 ? (int)value : int.MinValue)
                    : TTo.CreateTruncating(value is >= -9223372036854775808.0 and < 9223372036854775808.0
                        ? (long)value
                        : long.MinValue);
            }

            return;
        }

        for (long i = 0; i < n; i++)
            q[i] = TTo.CreateTruncating(p[i]);
    }
}
