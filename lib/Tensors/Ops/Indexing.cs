namespace Aim.Tensors;

/// <summary>
/// Gathering and scattering by index tensors. A tensor is read as [outer, size of the indexed dimension, inner].
/// </summary>
internal static unsafe class Indexing
{
    /// <summary>The indices as contiguous Int64, each checked to lie in [0, size).</summary>
    internal static Tensor Checked(Tensor index, long size, string name, int dim)
    {
        if (index.dtype is not (ScalarType.Int64 or ScalarType.Int32))
            throw new TensorException($"{name}(): Expected dtype int32 or int64 for index, got {Describe.Dtype(index.dtype)}");
        var packed = index.to(ScalarType.Int64).contiguous();
        var p = (long*)packed.Data;
        for (long i = 0; i < packed.numel(); i++)
        {
            if (p[i] < 0 || p[i] >= size)
                throw new TensorException($"{name}(): index {p[i]} is out of bounds for dimension {dim} with size {size}");
        }

        return packed;
    }

    /// <summary>Whole slices: <c>y[o, i, :] = x[o, index[i], :]</c>.</summary>
    internal static Tensor Select(Tensor x, int dim, Tensor index)
    {
        x = x.detach().contiguous();
        var count = index.numel();
        var (outer, size, inner) = Split(x, dim);
        var y = Tensor.Empty([.. x._shape[..dim], count, .. x._shape[(dim + 1)..]], x.dtype);
        var bytes = inner * x.element_size();
        var px = x.Data;
        var py = y.Data;
        var pi = (long*)index.Data;
        Work.Rows(outer * count, bytes / 4, (begin, end) =>
        {
            for (var r = begin; r < end; r++)
            {
                var (o, i) = (r / count, r % count);
                System.Buffer.MemoryCopy(px + (((o * size) + pi[i]) * bytes), py + (r * bytes), bytes, bytes);
            }
        });
        return y;
    }

    /// <summary><c>y[o, index[i], :] += x[o, i, :]</c>, in the order of i.</summary>
    internal static void SelectAdd(Tensor y, int dim, Tensor index, Tensor x)
    {
        x = x.detach().to(y.dtype).contiguous();
        if (LowPrecision.Is(y.dtype))
        {
            using var scope = torch.NewDisposeScope();
            var sum = LowPrecision.Widened(y);
            SelectAdd(sum, dim, index, LowPrecision.Widened(x));
            Copy.Run(sum, y);
            return;
        }

        var count = index.numel();
        var (outer, size, inner) = Split(y, dim);
        var pi = (long*)index.Data;
        for (long o = 0; o < outer; o++)
        {
            for (long i = 0; i < count; i++)
            {
                var (to, from) = (((o * size) + pi[i]) * inner, ((o * count) + i) * inner);
                switch (y.dtype)
                {
                    case ScalarType.Float32: AddRow((float*)y.Data + to, (float*)x.Data + from, inner); break;
                    case ScalarType.Float64: AddRow((double*)y.Data + to, (double*)x.Data + from, inner); break;
                    case ScalarType.Int64: AddRow((long*)y.Data + to, (long*)x.Data + from, inner); break;
                    case ScalarType.Int32: AddRow((int*)y.Data + to, (int*)x.Data + from, inner); break;
                    default: AddRow(y.Data + to, x.Data + from, inner); break;
                }
            }
        }
    }

    /// <summary>
    /// Calls back with (offset into the big tensor, running number of the index) for every element of <paramref name="index"/>,
    /// in row-major order; the big tensor is contiguous of shape <paramref name="shape"/>.
    /// </summary>
    internal static void Walk(Tensor index, long[] shape, int dim, Action<long, long> body)
    {
        if (index.numel() == 0)
            return;
        var strides = Shapes.ContiguousStrides(shape);
        var at = new long[index.Rank];
        var p = (long*)index.Data;
        var n = index.numel();
        for (long i = 0; i < n; i++)
        {
            long offset = index.Rank == 0 ? 0 : p[i] * strides[dim];
            for (var d = 0; d < at.Length; d++)
            {
                if (d != dim)
                    offset += at[d] * strides[d];
            }

            body(offset, i);
            for (var d = at.Length - 1; d >= 0 && ++at[d] == index._shape[d]; d--)
                at[d] = 0;
        }
    }

    internal static Tensor Gather(Tensor x, int dim, Tensor index)
    {
        x = x.detach().contiguous();
        var y = Tensor.Empty(index._shape, x.dtype);
        var px = x.Data;
        var py = y.Data;
        switch (x.element_size())
        {
            case 1: Walk(index, x._shape, dim, (from, to) => py[to] = px[from]); break;
            case 2: Walk(index, x._shape, dim, (from, to) => ((ushort*)py)[to] = ((ushort*)px)[from]); break;
            case 4: Walk(index, x._shape, dim, (from, to) => ((uint*)py)[to] = ((uint*)px)[from]); break;
            default: Walk(index, x._shape, dim, (from, to) => ((ulong*)py)[to] = ((ulong*)px)[from]); break;
        }

        return y;
    }

    /// <summary>Overwrites or adds; <paramref name="source"/> contiguous of the index's shape and the target's type.</summary>
    internal static void Scatter(Tensor y, int dim, Tensor index, Tensor source, bool add)
    {
        if (add && LowPrecision.Is(y.dtype))
        {
            using var scope = torch.NewDisposeScope();
            var sum = LowPrecision.Widened(y);
            Scatter(sum, dim, index, LowPrecision.Widened(source), add);
            Copy.Run(sum, y);
            return;
        }

        var py = y.Data;
        var px = source.Data;
        switch (y.dtype)
        {
            case ScalarType.Float32: Put((float*)py, (float*)px, index, y._shape, dim, add); break;
            case ScalarType.Float64: Put((double*)py, (double*)px, index, y._shape, dim, add); break;
            case ScalarType.Int64: Put((long*)py, (long*)px, index, y._shape, dim, add); break;
            case ScalarType.Int32: Put((int*)py, (int*)px, index, y._shape, dim, add); break;
            case ScalarType.BFloat16 or ScalarType.Float16:
                Put((ushort*)py, (ushort*)px, index, y._shape, dim, add: false);
                break;
            default: Put(py, px, index, y._shape, dim, add); break;
        }
    }

    private static void Put<T>(T* y, T* x, Tensor index, long[] shape, int dim, bool add)
        where T : unmanaged, System.Numerics.INumber<T> =>
        Walk(index, shape, dim, (to, from) => y[to] = add ? y[to] + x[from] : x[from]);

    private static void AddRow<T>(T* y, T* x, long n)
        where T : unmanaged, System.Numerics.INumber<T> =>
        System.Numerics.Tensors.TensorPrimitives.Add(new ReadOnlySpan<T>(y, (int)n), new ReadOnlySpan<T>(x, (int)n),
            new Span<T>(y, (int)n));

    private static (long Outer, long Size, long Inner) Split(Tensor x, int dim) =>
        (Shapes.Count(x._shape.AsSpan(0, dim)), x._shape[dim], Shapes.Count(x._shape.AsSpan(dim + 1)));
}
