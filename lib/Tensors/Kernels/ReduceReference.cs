namespace Aim.Tensors.Kernels;

/// <summary>Sums as their definitions, in double.</summary>
internal static unsafe class ReduceReference
{
    public static double Sum(float* x, long count)
    {
        double sum = 0;
        for (long i = 0; i < count; i++)
            sum += x[i];
        return sum;
    }

    public static double SumSquares(float* x, long count)
    {
        double sum = 0;
        for (long i = 0; i < count; i++)
            sum += (double)x[i] * x[i];
        return sum;
    }

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
