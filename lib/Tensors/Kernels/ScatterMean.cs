using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Aim.Tensors.Kernels;

/// <summary>Means of rows that indices send to the same place: merged tokens.</summary>
internal static unsafe class ScatterMean
{
    /// <summary>Columns of a task: their sums stay in the cache.</summary>
    private const int Columns = 1024;

    /// <summary>
    /// y [batch, rows, dim], which holds each place's own row, becomes the mean of that and of the rows of x [batch, sources,
    /// dim] that <paramref name="index"/> [batch, sources] sends there, added in their order. Indices lie in 0 .. rows - 1.
    /// </summary>
    public static void Rows(float* y, float* x, long* index, int batch, int rows, int sources, int dim)
    {
        var parts = GemmBlocked.Divide(dim, Columns);
        var work = new Work { Y = y, X = x, Index = index, Rows = rows, Sources = sources, Dim = dim, Parts = parts };
        Pool.Run(batch * parts, work, static (in work, task) => work.Run(task), (long)batch * (rows + sources) * dim >= 200_000);
    }

    private readonly struct Work
    {
        public required float* Y { get; init; }
        public required float* X { get; init; }
        public required long* Index { get; init; }
        public required int Rows { get; init; }
        public required int Sources { get; init; }
        public required int Dim { get; init; }
        public required int Parts { get; init; }

        public void Run(int task)
        {
            var (item, from) = (task / Parts, task % Parts * Columns);
            var count = Math.Min(Columns, Dim - from);
            var counts = (int*)Scratch.Get(Scratch.Task, Rows);
            new Span<int>(counts, Rows).Fill(1);
            var y = Y + (((long)item * Rows * Dim) + from);
            for (var i = 0; i < Sources; i++)
            {
                var place = Index[((long)item * Sources) + i];
                var sum = new Span<float>(y + (place * Dim), count);
                TensorPrimitives.Add(sum, new ReadOnlySpan<float>(X + ((((long)item * Sources) + i) * Dim) + from, count), sum);
                counts[place]++;
            }

            for (var j = 0; j < Rows; j++)
            {
                var sum = new Span<float>(y + ((long)j * Dim), count);
                if (counts[j] > 1)
                    TensorPrimitives.Divide(sum, counts[j], sum);
            }
        }
    }
}
