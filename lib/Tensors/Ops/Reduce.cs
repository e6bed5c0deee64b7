namespace Aim.Tensors;

/// <summary>Sums. A tensor is read as [outer, reduced, inner]; the order of additions follows from these sizes alone.</summary>
internal static unsafe class Reduce
{
    /// <summary>Up to this many elements are added one after the other, in double.</summary>
    private const long Few = 32;

    /// <summary>Sums a broadcast gradient back to the shape of the operand that was broadcast.</summary>
    internal static Tensor To(Tensor gradient, Node? target) => target is null ? gradient : To(gradient, target.Shape);

    internal static Tensor To(Tensor gradient, ReadOnlySpan<long> shape)
    {
        if (Shapes.Same(gradient._shape, shape))
            return gradient;
        var extra = gradient.Rank - shape.Length;
        var dims = new List<int>();
        for (var d = 0; d < gradient.Rank; d++)
        {
            if (d < extra || (shape[d - extra] == 1 && gradient._shape[d] != 1))
                dims.Add(d);
        }

        return Sum(gradient, [.. dims]).view(shape.ToArray());
    }

    /// <summary>Sums over dimensions (all of them if the list is empty), keeping none.</summary>
    internal static Tensor Sum(Tensor x, ReadOnlySpan<int> dims, ScalarType? type = null)
    {
        var to = type ?? (Dtypes.IsFloat(x.dtype) ? x.dtype : ScalarType.Int64);
        if (x.dtype != to)
            x = x.detach().to(to);
        if (LowPrecision.Is(to))
        {
            using var scope = torch.NewDisposeScope();
            return LowPrecision.Rounded(Sum(LowPrecision.Widened(x), dims), to);
        }

        var (packed, outer, reduced, inner, shape) = Arrange(x, dims);
        var y = Tensor.Empty(shape, to);
        switch (to)
        {
            case ScalarType.Float32: Floats(packed.Floats, y.Floats, outer, reduced, inner); break;
            case ScalarType.Float64: Exact((double*)packed.Data, (double*)y.Data, outer, reduced, inner); break;
            case ScalarType.Int64: Exact((long*)packed.Data, (long*)y.Data, outer, reduced, inner); break;
            case ScalarType.Int32: Exact((int*)packed.Data, (int*)y.Data, outer, reduced, inner); break;
            default: Exact(packed.Data, y.Data, outer, reduced, inner); break;
        }

        return y;
    }

    /// <summary>
    /// Brings <paramref name="dims"/> together: contiguous data read as [outer, reduced, inner], and the shape that remains.
    /// </summary>
    internal static (Tensor Packed, long Outer, long Reduced, long Inner, long[] Shape) Arrange(Tensor x, ReadOnlySpan<int> dims)
    {
        x = x.detach();

        // Dimensions that stay, then those that go, both in order.
        var order = new long[x.Rank];
        var kept = 0;
        for (var d = 0; d < x.Rank; d++)
        {
            if (dims.Length > 0 && !dims.Contains(d))
                order[kept++] = d;
        }

        var gone = x.Rank - kept;
        for (int d = 0, at = kept; d < x.Rank; d++)
        {
            if (dims.Length == 0 || dims.Contains(d))
                order[at++] = d;
        }

        var shape = new long[kept];
        for (var i = 0; i < kept; i++)
            shape[i] = x._shape[order[i]];
        long count = 1;
        for (var i = kept; i < x.Rank; i++)
            count *= x._shape[order[i]];
        var (first, last) = gone == 0 ? (x.Rank, x.Rank - 1) : ((int)order[kept], (int)order[^1]);
        if (last - first + 1 == gone)
        {
            long outer = 1;
            long inner = 1;
            for (var d = 0; d < first; d++)
                outer *= x._shape[d];
            for (var d = last + 1; d < x.Rank; d++)
                inner *= x._shape[d];
            return (x.contiguous(), outer, count, inner, shape);
        }

        return (x.permute(order).contiguous(), Shapes.Count(shape), count, 1, shape);
    }

    /// <summary>Long lines and columns in the kernels; short ones here, in double, so that the sum is rounded once.</summary>
    private static void Floats(float* x, float* y, long outer, long reduced, long inner)
    {
        if (reduced <= Few)
        {
            Work.Rows(outer * inner, reduced, (begin, end) =>
            {
                for (var i = begin; i < end; i++)
                    y[i] = (float)Short(x + (i / inner * reduced * inner) + (i % inner), reduced, inner);
            });
        }
        else if (inner > 1)
        {
            for (long o = 0; o < outer; o++)
                Kernels.Reduce.SumRows(x + (o * reduced * inner), y + (o * inner), reduced, (int)inner);
        }
        else if (outer == 1)
        {
            y[0] = (float)Kernels.Reduce.Sum(x, reduced);
        }
        else
        {
            Work.Rows(outer, reduced, (begin, end) =>
            {
                for (var r = begin; r < end; r++)
                    y[r] = (float)Kernels.Reduce.Sum(x + (r * reduced), reduced);
            });
        }
    }

    private static double Short(float* x, long count, long stride)
    {
        double sum = 0;
        for (long r = 0; r < count; r++)
            sum += x[r * stride];
        return sum;
    }

    private static void Exact<T>(T* x, T* y, long outer, long reduced, long inner)
        where T : unmanaged, System.Numerics.INumber<T>
    {
        for (long o = 0; o < outer; o++)
        {
            for (long i = 0; i < inner; i++)
            {
                var sum = T.Zero;
                for (long r = 0; r < reduced; r++)
                    sum += x[(((o * reduced) + r) * inner) + i];
                y[(o * inner) + i] = sum;
            }
        }
    }
}
