namespace Aim.Tensors.Kernels;

/// <summary>Sums over contiguous arrays, in an order fixed by the shape.</summary>
internal static unsafe class Reduce
{
    public static double Sum(float* x, long count)
    {
        double sum = 0;
        for (long i = 0; i < count; i++)
            sum += x[i];
        return sum;
    }

    /// <summary>Sum of squares (for gradient norms), in double.</summary>
    public static double SumSquares(float* x, long count)
    {
        double sum = 0;
        for (long i = 0; i < count; i++)
            sum += (double)x[i] * x[i];
        return sum;
    }

    /// <summary>result [dim] = sum over rows of x [rows, dim] (a bias's gradient).</summary>
    public static void SumRows(float* x, float* result, long rows, int dim)
    {
        for (var d = 0; d < dim; d++)
        {
            double sum = 0;
            for (long r = 0; r < rows; r++)
                sum += x[r * dim + d];
            result[d] = (float)sum;
        }
    }
}
