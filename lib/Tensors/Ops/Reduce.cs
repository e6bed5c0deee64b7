using System.Numerics.Tensors;

namespace Aim.Tensors;

using ScalarType = torch.ScalarType;
using Tensor = torch.Tensor;

/// <summary>Sums. A tensor is read as [outer, reduced, inner]; the order of additions follows from these sizes alone.</summary>
internal static unsafe class Reduce
{
    /// <summary>Rows that one partial sum of a column takes up.</summary>
    private const long Block = 256;

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

    /// <summary>Brings <paramref name="dims"/> together: contiguous data read as [outer, reduced, inner], and the shape that remains.</summary>
    internal static (Tensor Packed, long Outer, long Reduced, long Inner, long[] Shape) Arrange(Tensor x, ReadOnlySpan<int> dims)
    {
        x = x.detach();
        var reduce = new bool[x.Rank];
        foreach (var d in dims)
            reduce[d] = true;
        if (dims.Length == 0)
            Array.Fill(reduce, true);
        var kept = Enumerable.Range(0, x.Rank).Where(d => !reduce[d]).ToArray();
        var gone = Enumerable.Range(0, x.Rank).Where(d => reduce[d]).ToArray();
        var shape = kept.Select(d => x._shape[d]).ToArray();
        long count = 1;
        foreach (var d in gone)
            count *= x._shape[d];
        var (first, last) = gone.Length == 0 ? (x.Rank, x.Rank - 1) : (gone[0], gone[^1]);
        if (last - first + 1 == gone.Length)
        {
            long outer = 1;
            long inner = 1;
            for (var d = 0; d < first; d++)
                outer *= x._shape[d];
            for (var d = last + 1; d < x.Rank; d++)
                inner *= x._shape[d];
            return (x.contiguous(), outer, count, inner, shape);
        }

        var order = kept.Concat(gone).Select(d => (long)d).ToArray();
        return (x.permute(order).contiguous(), Shapes.Count(shape), count, 1, shape);
    }

    /// <summary>One long row: fixed pieces, summed in double, then together.</summary>
    internal static double Row(float* x, long n)
    {
        double total = 0;
        for (long i = 0; i < n; i += 4096)
            total += Lanes(x + i, Math.Min(4096, n - i));
        return total;
    }

    private static double Lanes(float* x, long n)
    {
        // Eight double lanes: exact enough that the order of float additions does not show.
        Span<double> lanes = stackalloc double[8];
        lanes.Clear();
        long i = 0;
        if (System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated && n >= 8)
        {
            var sum = System.Runtime.Intrinsics.Vector512<double>.Zero;
            for (; i + 16 <= n; i += 16)
            {
                var (low, high) = System.Runtime.Intrinsics.Vector512.Widen(System.Runtime.Intrinsics.Vector512.Load(x + i));
                sum += low + high;
            }

            System.Runtime.Intrinsics.Vector512.CopyTo(sum, lanes);
        }

        for (; i < n; i++)
            lanes[(int)(i & 7)] += x[i];
        double total = 0;
        foreach (var l in lanes)
            total += l;
        return total;
    }

    private static void Floats(float* x, float* y, long outer, long reduced, long inner)
    {
        if (inner == 1)
        {
            if (outer == 1)
            {
                var pieces = (reduced + (4 * Work.Chunk) - 1) / (4 * Work.Chunk);
                var partial = new double[Math.Max(1, pieces)];
                Work.For(reduced, 4 * Work.Chunk, (begin, end) => partial[begin / (4 * Work.Chunk)] = Row(x + begin, end - begin));
                y[0] = (float)partial.Sum();
                return;
            }

            Work.Rows(outer, reduced, (begin, end) =>
            {
                for (var r = begin; r < end; r++)
                    y[r] = (float)Row(x + (r * reduced), reduced);
            });
            return;
        }

        // Columns: float sums over blocks of rows, the blocks in double.
        var blocks = Math.Max(1, (reduced + Block - 1) / Block);
        if (outer == 1 && blocks > 1)
        {
            var partial = new TensorStorage(blocks * inner * sizeof(float));
            var p = (float*)partial.Data;
            Work.For(blocks, 1, (begin, end) =>
            {
                for (var b = begin; b < end; b++)
                    Column(x + (b * Block * inner), p + (b * inner), Math.Min(Block, reduced - (b * Block)), inner);
            });
            for (long i = 0; i < inner; i++)
            {
                double total = 0;
                for (long b = 0; b < blocks; b++)
                    total += p[(b * inner) + i];
                y[i] = (float)total;
            }

            partial.Release();
            return;
        }

        Work.Rows(outer, reduced * inner, (begin, end) =>
        {
            var row = new double[inner];
            var part = new float[inner];
            for (var o = begin; o < end; o++)
            {
                Array.Clear(row);
                for (long b = 0; b < blocks; b++)
                {
                    fixed (float* to = part)
                        Column(x + (((o * reduced) + (b * Block)) * inner), to, Math.Min(Block, reduced - (b * Block)), inner);
                    for (long i = 0; i < inner; i++)
                        row[i] += part[i];
                }

                for (long i = 0; i < inner; i++)
                    y[(o * inner) + i] = (float)row[i];
            }
        });
    }

    private static void Column(float* x, float* y, long rows, long inner)
    {
        var sum = new Span<float>(y, (int)inner);
        sum.Clear();
        for (long r = 0; r < rows; r++)
            TensorPrimitives.Add(sum, new ReadOnlySpan<float>(x + (r * inner), (int)inner), sum);
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
