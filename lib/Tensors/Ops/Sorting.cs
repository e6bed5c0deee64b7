using System.Numerics;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Aim.Tensors;

/// <summary>Orders along one dimension. NaN counts as the largest value; equal values keep their order.</summary>
internal static unsafe class Sorting
{
    internal enum Pick
    {
        Largest,
        Smallest,
    }

    /// <summary>
    /// Positions of the elements of each line in order, of shape [.., length], and the lines themselves (dim last).
    /// </summary>
    internal static (Tensor Lines, long[] Order) Order(Tensor x, int dim, bool descending)
    {
        x = LowPrecision.Widened(x);
        var lines = (x.Rank == 0 ? x.detach().view(1) : x.detach().transpose(dim, -1)).contiguous();
        var length = lines._shape[^1];
        var order = new long[lines.numel()];
        switch (x.dtype)
        {
            case ScalarType.Float32: Sort((float*)lines.Data, order, length, descending); break;
            case ScalarType.Float64: Sort((double*)lines.Data, order, length, descending); break;
            case ScalarType.Int64: Sort((long*)lines.Data, order, length, descending); break;
            case ScalarType.Int32: Sort((int*)lines.Data, order, length, descending); break;
            default: Sort(lines.Data, order, length, descending); break;
        }

        return (lines, order);
    }

    /// <summary>
    /// The position of the largest or smallest element of each line: the first one of equals, a NaN before all.
    /// </summary>
    internal static long[] Extreme(Tensor packed, long outer, long length, long inner, Pick pick)
    {
        packed = LowPrecision.Widened(packed);
        var result = new long[outer * inner];
        switch (packed.dtype)
        {
            case ScalarType.Float32 when inner == 1: Extreme((float*)packed.Data, result, length, pick); break;
            case ScalarType.Float32: Extreme((float*)packed.Data, result, outer, length, inner, pick); break;
            case ScalarType.Float64: Extreme((double*)packed.Data, result, outer, length, inner, pick); break;
            case ScalarType.Int64: Extreme((long*)packed.Data, result, outer, length, inner, pick); break;
            case ScalarType.Int32: Extreme((int*)packed.Data, result, outer, length, inner, pick); break;
            default: Extreme(packed.Data, result, outer, length, inner, pick); break;
        }

        return result;
    }

    private static void Sort<T>(T* x, long[] order, long length, bool descending)
        where T : unmanaged, INumber<T>
    {
        var comparer = new ByValue<T>(descending);
        for (long start = 0; start < order.Length; start += length)
        {
            var line = order.AsSpan((int)start, (int)length);
            for (var i = 0; i < line.Length; i++)
                line[i] = i;
            comparer.Line = x + start;
            line.Sort(comparer);
        }
    }

    private static void Extreme<T>(T* x, long[] result, long outer, long length, long inner, Pick pick)
        where T : unmanaged, INumber<T>
    {
        for (long o = 0; o < outer; o++)
        {
            for (long i = 0; i < inner; i++)
            {
                var line = x + (o * length * inner) + i;
                long best = 0;
                for (long r = 1; r < length && !T.IsNaN(line[best * inner]); r++)
                {
                    var (v, b) = (line[r * inner], line[best * inner]);
                    if (T.IsNaN(v) || (pick == Pick.Largest ? v > b : v < b))
                        best = r;
                }

                result[(o * inner) + i] = best;
            }
        }
    }

    /// <summary>
    /// Lines of floats next to each other, such as the logits of a vocabulary: the extreme of a block at a time, and then the
    /// place in its block.
    /// </summary>
    private static void Extreme(float* x, long[] result, long length, Pick pick)
    {
        const int Block = 1024;
        for (var o = 0; o < result.Length; o++, x += length)
        {
            var (best, extreme) = (0L, x[0]);
            for (long from = 0; from < length && !float.IsNaN(extreme); from += Block)
            {
                var block = new ReadOnlySpan<float>(x + from, (int)Math.Min(Block, length - from));
                var value = pick == Pick.Largest ? TensorPrimitives.Max(block) : TensorPrimitives.Min(block);
                if (float.IsNaN(value) || (pick == Pick.Largest ? value > extreme : value < extreme))
                    (best, extreme) = (from, value);
            }

            // a comparison, not a search for bits: 0 and -0 are equal, and so are no two NaN
            while (x[best] != extreme && !float.IsNaN(x[best]))
                best++;
            result[o] = best;
        }
    }

    private sealed class ByValue<T>(bool descending) : IComparer<long>
        where T : unmanaged, INumber<T>
    {
        internal T* Line;

        public int Compare(long a, long b)
        {
            var (x, y) = (Line[a], Line[b]);
            var order = T.IsNaN(x) ? (T.IsNaN(y) ? 0 : 1) : T.IsNaN(y) ? -1 : x < y ? -1 : x > y ? 1 : 0;
            if (order == 0)
                return a.CompareTo(b);
            return descending ? -order : order;
        }
    }
}
