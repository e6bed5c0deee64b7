using System.Numerics;

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
