namespace Aim.Tensors.Kernels;

/// <summary>Arithmetic on contiguous arrays; in and out may be the same.</summary>
internal static unsafe class Elementwise
{
    /// <summary>Elements of a task: below, memory is faster than waking a thread.</summary>
    private const long Chunk = 65536;

    /// <summary>z = x + y.</summary>
    public static void Add(float* x, float* y, float* z, long count) => Map(BinaryFunction.Add, x, y, z, count);

    /// <summary>z = x - y.</summary>
    public static void Subtract(float* x, float* y, float* z, long count) => Map(BinaryFunction.Subtract, x, y, z, count);

    /// <summary>z = x * y.</summary>
    public static void Multiply(float* x, float* y, float* z, long count) => Map(BinaryFunction.Multiply, x, y, z, count);

    /// <summary>y = alpha * x.</summary>
    public static void Scale(float alpha, float* x, float* y, long count)
    {
        var set = KernelSet.Current;
        Pool.Ranges(count, Chunk, (from, to) => set.ScaleRow(alpha, x + from, y + from, (int)(to - from)));
    }

    /// <summary>y += alpha * x.</summary>
    public static void Axpy(float alpha, float* x, float* y, long count)
    {
        var set = KernelSet.Current;
        Pool.Ranges(count, Chunk, (from, to) => set.Axpy(alpha, x + from, y + from, to - from));
    }

    /// <summary>y = x.</summary>
    public static void Copy(float* x, float* y, long count) =>
        Buffer.MemoryCopy(x, y, count * sizeof(float), count * sizeof(float));

    /// <summary>z [rows, dim] = x [rows, dim] + row [dim].</summary>
    public static void AddRow(float* x, float* row, float* z, long rows, int dim)
    {
        var set = KernelSet.Current;
        Pool.Ranges(rows, Math.Max(1, Chunk / Math.Max(1, dim)), (from, to) =>
        {
            for (var r = from; r < to; r++)
                set.Map(BinaryFunction.Add, x + r * dim, row, z + r * dim, dim);
        });
    }

    private static void Map(BinaryFunction f, float* x, float* y, float* z, long count)
    {
        var set = KernelSet.Current;
        var past = Streaming.Pays(z, count, Chunk, (nint)x, (nint)y);
        Pool.Ranges(count, Chunk, (from, to) => set.Map(f, x + from, y + from, z + from, to - from, past));
    }
}
