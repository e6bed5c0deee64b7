namespace Aim.Tensors.Kernels;

/// <summary>Arithmetic on contiguous arrays; in and out may be the same.</summary>
internal static unsafe class Elementwise
{
    /// <summary>z = x + y.</summary>
    public static void Add(float* x, float* y, float* z, long count)
    {
        for (long i = 0; i < count; i++)
            z[i] = x[i] + y[i];
    }

    /// <summary>z = x - y.</summary>
    public static void Subtract(float* x, float* y, float* z, long count)
    {
        for (long i = 0; i < count; i++)
            z[i] = x[i] - y[i];
    }

    /// <summary>z = x * y.</summary>
    public static void Multiply(float* x, float* y, float* z, long count)
    {
        for (long i = 0; i < count; i++)
            z[i] = x[i] * y[i];
    }

    /// <summary>y = alpha * x.</summary>
    public static void Scale(float alpha, float* x, float* y, long count)
    {
        for (long i = 0; i < count; i++)
            y[i] = alpha * x[i];
    }

    /// <summary>y += alpha * x.</summary>
    public static void Axpy(float alpha, float* x, float* y, long count)
    {
        for (long i = 0; i < count; i++)
            y[i] = MathF.FusedMultiplyAdd(alpha, x[i], y[i]);
    }

    /// <summary>y = x.</summary>
    public static void Copy(float* x, float* y, long count) => Buffer.MemoryCopy(x, y, count * sizeof(float), count * sizeof(float));

    /// <summary>z [rows, dim] = x [rows, dim] + row [dim].</summary>
    public static void AddRow(float* x, float* row, float* z, long rows, int dim)
    {
        for (long r = 0; r < rows; r++)
        {
            for (var d = 0; d < dim; d++)
                z[r * dim + d] = x[r * dim + d] + row[d];
        }
    }
}
