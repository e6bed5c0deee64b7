using System.Runtime.InteropServices;

namespace Aim.Tensors;

public static partial class torch
{
    private enum Fill
    {
        empty,
        zeros,
        ones,
    }

    /// <summary>A tensor of a C# array of one to six dimensions (a copy).</summary>
    /// <exception cref="TensorException">The elements are not float, double, BFloat16, Half, long, int, byte or bool.</exception>
    public static Tensor from_array(Array rawArray, Device? device = null) => from_array(rawArray, null, device);

    public static unsafe Tensor from_array(Array rawArray, ScalarType? dtype, Device? device = null, bool requires_grad = false,
        string[]? names = null)
    {
        var shape = new long[rawArray.Rank];
        for (var i = 0; i < shape.Length; i++)
            shape[i] = rawArray.GetLongLength(i);
        var bytes = MemoryMarshal.CreateReadOnlySpan(ref MemoryMarshal.GetArrayDataReference(rawArray),
            checked((int)(rawArray.LongLength * Marshal.SizeOf(rawArray.GetType().GetElementType() == typeof(bool)
                ? typeof(byte)
                : rawArray.GetType().GetElementType()!))));
        return rawArray switch
        {
            _ when rawArray.GetType().GetElementType() == typeof(float) =>
                Filled(MemoryMarshal.Cast<byte, float>(bytes), shape, dtype, requires_grad),
            _ when rawArray.GetType().GetElementType() == typeof(double) =>
                Filled(MemoryMarshal.Cast<byte, double>(bytes), shape, dtype, requires_grad),
            _ when rawArray.GetType().GetElementType() == typeof(BFloat16) =>
                Filled(MemoryMarshal.Cast<byte, BFloat16>(bytes), shape, dtype, requires_grad),
            _ when rawArray.GetType().GetElementType() == typeof(Half) =>
                Filled(MemoryMarshal.Cast<byte, Half>(bytes), shape, dtype, requires_grad),
            _ when rawArray.GetType().GetElementType() == typeof(long) =>
                Filled(MemoryMarshal.Cast<byte, long>(bytes), shape, dtype, requires_grad),
            _ when rawArray.GetType().GetElementType() == typeof(int) =>
                Filled(MemoryMarshal.Cast<byte, int>(bytes), shape, dtype, requires_grad),
            _ when rawArray.GetType().GetElementType() == typeof(byte) => Filled(bytes, shape, dtype, requires_grad),
            _ when rawArray.GetType().GetElementType() == typeof(bool) =>
                Filled(MemoryMarshal.Cast<byte, bool>(bytes), shape, dtype, requires_grad),
            _ => throw new TensorException($"from_array: arrays of {rawArray.GetType().GetElementType()!.Name} are not "
                + $"supported"),
        };
    }

    /// <summary>
    /// <c>start, start + step, ...</c> below <paramref name="stop"/>; Int64 if all three are integers, else Float32.
    /// </summary>
    public static unsafe Tensor arange(Scalar start, Scalar stop, Scalar step, ScalarType? dtype = null, Device? device = null,
        bool requires_grad = false)
    {
        var (a, b, s) = (start.ToDouble(), stop.ToDouble(), step.ToDouble());
        if (s == 0)
            throw new TensorException("arange: step must be nonzero");
        if (!double.IsFinite(a) || !double.IsFinite(b) || double.IsNaN(s))
            throw new TensorException($"unsupported range: {a} -> {b}");
        if ((s > 0 && b < a) || (s < 0 && b > a))
            throw new TensorException($"arange: upper bound and lower bound inconsistent with step sign ({a} to {b} by {s})");
        var floating = start.Type == ScalarType.Float64 || stop.Type == ScalarType.Float64 || step.Type == ScalarType.Float64;
        var count = (long)Math.Ceiling((b - a) / s);
        Tensor y;
        if (floating)
        {
            y = Tensor.Empty([count], ScalarType.Float64);
            for (long i = 0; i < count; i++)
                ((double*)y.Data)[i] = a + (i * s);
        }
        else
        {
            y = Tensor.Empty([count], ScalarType.Int64);
            for (long i = 0; i < count; i++)
                ((long*)y.Data)[i] = start.ToInt64() + (i * step.ToInt64());
        }

        return y.to(dtype ?? (floating ? ScalarType.Float32 : ScalarType.Int64)).requires_grad_(requires_grad);
    }

    public static Tensor arange(Scalar start, Scalar stop, ScalarType? dtype = null, Device? device = null,
        bool requires_grad = false) => arange(start, stop, 1, dtype, device, requires_grad);

    public static Tensor arange(Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        arange(0, stop, 1, dtype, device, requires_grad);

    /// <summary><paramref name="steps"/> evenly spaced values from start to end, both included.</summary>
    public static unsafe Tensor linspace(double start, double end, long steps, ScalarType? dtype = null, Device? device = null,
        bool requires_grad = false)
    {
        if (steps < 0)
            throw new TensorException($"linspace: number of steps must be non-negative, got {steps}");
        var y = Tensor.Empty([steps], ScalarType.Float64);
        var step = steps > 1 ? (end - start) / (steps - 1) : 0;

        // From both ends, as torch does, so that the last value is exactly `end`.
        for (long i = 0; i < steps; i++)
            ((double*)y.Data)[i] = i < steps / 2 || steps == 1 ? start + (step * i) : end - (step * (steps - 1 - i));
        return y.to(dtype ?? ScalarType.Float32).requires_grad_(requires_grad);
    }

    /// <summary>The identity matrix.</summary>
    public static Tensor eye(long rows, long columns = -1L, ScalarType? dtype = null, Device? device = null,
        bool requires_grad = false, string[]? names = null)
    {
        if (rows < 0 || columns < -1)
            throw new TensorException($"eye: n must be greater or equal to 0, got {(rows < 0 ? rows : columns)}");
        columns = columns < 0 ? rows : columns;
        var y = zeros(rows, columns, dtype);
        var n = Math.Min(rows, columns);
        if (n > 0)
            y.Restride([n], [columns + 1]).fill_(1);
        return y.requires_grad_(requires_grad);
    }

    /// <summary>Uniform integers in [low, high).</summary>
    public static unsafe Tensor randint(long low, long high, long[] size, ScalarType? dtype = null, Device? device = null,
        bool requires_grad = false, Generator? generator = null, string[]? names = null)
    {
        if (high <= low)
            throw new TensorException($"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}");
        var y = Tensor.Empty(size, ScalarType.Int64);
        generator ??= DefaultGenerator;
        lock (generator.Gate)
        {
            for (long i = 0; i < y.numel(); i++)
                ((long*)y.Data)[i] = low + (long)generator.NextBelow((ulong)(high - low));
        }

        return y.to(dtype ?? ScalarType.Int64);
    }

    public static Tensor randint(long high, long[] size, ScalarType? dtype = null, Device? device = null,
        bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        randint(0, high, size, dtype, device, requires_grad, generator);

    /// <summary>A random permutation of 0 .. n-1 (Fisher and Yates).</summary>
    public static unsafe Tensor randperm(long n, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
        Generator? generator = null)
    {
        var y = arange(n);
        var p = (long*)y.Data;
        generator ??= DefaultGenerator;
        lock (generator.Gate)
        {
            for (var i = n - 1; i > 0; i--)
            {
                var j = (long)generator.NextBelow((ulong)i + 1);
                (p[i], p[j]) = (p[j], p[i]);
            }
        }

        return y.to(dtype ?? ScalarType.Int64);
    }

    internal static unsafe Tensor Filled<T>(ReadOnlySpan<T> values, ReadOnlySpan<long> shape, ScalarType? dtype,
        bool requiresGrad)
        where T : unmanaged
    {
        if (Shapes.Count(shape) != values.Length)
            throw new TensorException($"{values.Length} values do not fill the shape {Describe.Shape(shape)} "
                + $"({Shapes.Count(shape)} elements)");
        var y = Tensor.Empty(shape, Dtypes.Of<T>());
        values.CopyTo(new Span<T>(y.Data, values.Length));
        return y.to(dtype ?? y.dtype).requires_grad_(requiresGrad);
    }

    private static Tensor Made(string name, ReadOnlySpan<long> shape, Fill fill, ScalarType? dtype, bool requiresGrad)
    {
        foreach (var s in shape)
        {
            if (s < 0)
                throw new TensorException($"{name}: Dimension size must be non-negative, got {Describe.Shape(shape)}");
        }

        var y = Tensor.Empty(shape, dtype ?? ScalarType.Float32);
        if (fill != Fill.empty)
            y.fill_(fill == Fill.ones ? 1 : 0);
        return y.requires_grad_(requiresGrad);
    }

    private static Tensor Constant(ReadOnlySpan<long> shape, Scalar value, ScalarType? dtype, bool requiresGrad) =>
        Tensor.Empty(shape, dtype ?? (value.Type == ScalarType.Float64 ? ScalarType.Float32 : value.Type)).fill_(value)
            .requires_grad_(requiresGrad);

    private static unsafe Tensor Random(ReadOnlySpan<long> shape, bool normal, ScalarType? dtype, bool requiresGrad,
        Generator? generator)
    {
        var y = Tensor.Empty(shape, ScalarType.Float32);
        var p = y.Floats;
        generator ??= DefaultGenerator;
        lock (generator.Gate)
        {
            for (long i = 0; i < y.numel(); i++)
                p[i] = normal ? (float)generator.NextNormal() : (generator.Next() >> 40) * (1f / (1 << 24));
        }

        return y.to(dtype ?? ScalarType.Float32).requires_grad_(requiresGrad);
    }
}
