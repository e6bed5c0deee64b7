using Aim.Tensors.Kernels;

namespace Aim.Tensors;

/// <summary>
/// Splits loops over the thread pool. Pieces have a fixed size, so that what each computes, and hence every bit of the result,
/// does not depend on how many threads there are.
/// </summary>
internal static class Work
{
    /// <summary>Elements per piece of an elementwise loop.</summary>
    internal const long Chunk = 16384;

    /// <summary>Calls <paramref name="body"/> with [begin, end) ranges that cover [0, count).</summary>
    internal static void For(long count, long chunk, Action<long, long> body)
    {
        if (count > 0)
            Pool.Ranges(count, chunk, body);
    }

    /// <summary>Rows of <paramref name="width"/> elements, several to a piece if they are short.</summary>
    internal static void Rows(long rows, long width, Action<long, long> body) =>
        For(rows, Math.Max(1, Chunk / Math.Max(1, width)), body);
}
