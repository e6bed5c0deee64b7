namespace Aim.Tensors;

/// <summary>Arithmetic on shapes and strides.</summary>
internal static class Shapes
{
    internal static long Count(ReadOnlySpan<long> shape)
    {
        long n = 1;
        foreach (var s in shape)
        {
            if (Math.BigMul(n, s, out var product) != product >> 63)
                return shape.Contains(0) ? 0 : throw new TensorException($"the shape {Describe.Shape(shape)} has more elements "
                    + "than can be counted");
            n = product;
        }

        return n;
    }

    /// <summary>Bytes of a tensor; to be asked before anything is made whose size a caller chose.</summary>
    /// <exception cref="TensorException">A size is negative, or the tensor is larger than this machine's memory.</exception>
    internal static long Bytes(ReadOnlySpan<long> shape, ScalarType dtype)
    {
        foreach (var s in shape)
        {
            if (s < 0)
                throw new TensorException($"Trying to create tensor with negative dimension {s}: {Describe.Shape(shape)}");
        }

        var count = Count(shape);
        var size = Dtypes.Size(Dtypes.Supported(dtype));
        return count <= MemoryPool.Limit / size
            ? count * size
            : throw new TensorException($"a tensor of shape {Describe.Shape(shape)} and type {dtype} needs "
                + $"{(Int128)count * size} bytes, more than this machine's memory ({MemoryPool.Limit} bytes)");
    }

    /// <summary>A size computed from what a caller chose.</summary>
    /// <exception cref="TensorException">It is too large to be one.</exception>
    internal static long Size(Int128 size, string what) => size <= long.MaxValue && size >= long.MinValue
        ? (long)size
        : throw new TensorException($"{what}: a dimension of {size} elements is too large");

    /// <summary>A size for kernels that count in 32 bits.</summary>
    /// <exception cref="TensorException">It is larger.</exception>
    internal static int Int(long size, string what) => size <= int.MaxValue
        ? (int)size
        : throw new TensorException($"{what}: a dimension of {size} elements is not supported (at most {int.MaxValue})");

    internal static long[] ContiguousStrides(ReadOnlySpan<long> shape)
    {
        var strides = new long[shape.Length];
        long step = 1;
        for (var i = shape.Length - 1; i >= 0; i--)
        {
            strides[i] = step;
            step *= Math.Max(1, shape[i]);
        }

        return strides;
    }

    internal static bool IsContiguous(ReadOnlySpan<long> shape, ReadOnlySpan<long> strides)
    {
        long step = 1;
        for (var i = shape.Length - 1; i >= 0; i--)
        {
            if (shape[i] == 0)
                return true;
            if (shape[i] != 1 && strides[i] != step)
                return false;
            step *= shape[i];
        }

        return true;
    }

    /// <summary>Maps -1 to the last dimension and so on.</summary>
    internal static int Dim(long dim, int rank)
    {
        var range = Math.Max(1, rank);
        if (dim < -range || dim >= range)
            throw new TensorException($"Dimension out of range (expected to be in range of [{-range}, {range - 1}], but got "
                + $"{dim})");
        return (int)(dim < 0 ? dim + range : dim);
    }

    internal static long[] Broadcast(ReadOnlySpan<long> a, ReadOnlySpan<long> b)
    {
        var shape = new long[Math.Max(a.Length, b.Length)];
        for (var i = 1; i <= shape.Length; i++)
        {
            var x = i <= a.Length ? a[^i] : 1;
            var y = i <= b.Length ? b[^i] : 1;
            if (x != y && x != 1 && y != 1)
            {
                throw new TensorException($"The size of tensor a ({x}) must match the size of tensor b ({y}) "
                    + $"at non-singleton dimension {shape.Length - i}");
            }

            shape[^i] = x == 1 ? y : x;
        }

        return shape;
    }

    /// <summary>
    /// Strides with which a tensor of <paramref name="shape"/> reads as <paramref name="target"/> (0 where it repeats).
    /// </summary>
    internal static long[] BroadcastStrides(ReadOnlySpan<long> shape, ReadOnlySpan<long> strides, ReadOnlySpan<long> target)
    {
        var result = new long[target.Length];
        for (var i = 1; i <= shape.Length; i++)
            result[^i] = shape[^i] == 1 && target[^i] != 1 ? 0 : strides[^i];
        return result;
    }

    /// <summary>Elements from the first to the last that strides reach; 0 for an empty shape.</summary>
    internal static long Extent(ReadOnlySpan<long> shape, ReadOnlySpan<long> strides)
    {
        long last = 0;
        for (var i = 0; i < shape.Length; i++)
        {
            if (shape[i] == 0)
                return 0;
            last += (shape[i] - 1) * strides[i];
        }

        return last + 1;
    }

    /// <summary>Whether two elements may share a place: a dimension steps into what smaller ones reach.</summary>
    internal static bool Overlaps(long[] shape, long[] strides)
    {
        long reached = 0;
        foreach (var i in Enumerable.Range(0, shape.Length).Where(i => shape[i] > 1).OrderBy(i => strides[i]))
        {
            if (strides[i] <= reached)
                return true;
            reached += (shape[i] - 1) * strides[i];
        }

        return false;
    }

    internal static bool Same(ReadOnlySpan<long> a, ReadOnlySpan<long> b) => a.SequenceEqual(b);

    /// <summary>Resolves the one -1 of a requested shape.</summary>
    internal static long[] Infer(ReadOnlySpan<long> requested, long count)
    {
        var shape = requested.ToArray();
        var unknown = -1;
        for (var i = 0; i < shape.Length; i++)
        {
            if (shape[i] == -1)
            {
                if (unknown >= 0)
                    throw new TensorException("only one dimension can be inferred");
                unknown = i;
            }
            else if (shape[i] < 0)
            {
                throw new TensorException($"invalid shape dimension {shape[i]} at index {i} of shape "
                    + $"{Describe.Shape(requested)}");
            }
        }

        if (unknown >= 0)
            shape[unknown] = 1;
        var known = Count(shape);
        if (unknown >= 0 && known == 0)
        {
            throw new TensorException($"cannot reshape tensor of {count} elements into shape {Describe.Shape(requested)} "
                + "because the unspecified dimension size -1 can be any value and is ambiguous");
        }

        if (unknown >= 0 && count % known == 0)
            shape[unknown] = count / known;
        else if (unknown >= 0 || known != count)
            throw new TensorException($"shape '{Describe.Shape(requested)}' is invalid for input of size {count}");
        return shape;
    }

    /// <summary>Strides under which the same memory reads as <paramref name="target"/>; null if a copy is needed.</summary>
    internal static long[]? ViewStrides(ReadOnlySpan<long> shape, ReadOnlySpan<long> strides, ReadOnlySpan<long> target)
    {
        if (IsContiguous(shape, strides))
            return ContiguousStrides(target);
        var result = new long[target.Length];
        var t = target.Length - 1;
        long chunk = 1;
        long view = 1;
        var stride = strides.Length == 0 ? 1 : strides[^1];
        for (var d = shape.Length - 1; d >= 0; d--)
        {
            chunk *= shape[d];
            var ends = d == 0 || (shape[d - 1] != 1 && strides[d - 1] != chunk * stride);
            if (!ends)
                continue;
            while (t >= 0 && (view < chunk || target[t] == 1))
            {
                result[t] = view * stride;
                view *= target[t];
                t--;
            }

            if (view != chunk)
                return null;
            if (d > 0)
            {
                stride = strides[d - 1];
                chunk = view = 1;
            }
        }

        return t < 0 ? result : null;
    }
}
