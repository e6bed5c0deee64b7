namespace Aim.Tensors.Kernels;

/// <summary>Matrix product as its definition: three loops, summed in double.</summary>
internal static unsafe class GemmReference
{
    public static void Run(
        int m, int n, int k, float alpha, float* a, long rsA, long csA, float* b, long rsB, long csB,
        float beta, float* c, long ldc, float* bias)
    {
        for (var i = 0; i < m; i++)
        {
            for (var j = 0; j < n; j++)
            {
                double sum = 0;
                for (var p = 0; p < k; p++)
                    sum += (double)a[i * rsA + p * csA] * b[p * rsB + j * csB];
                sum = alpha * sum + (bias == null ? 0 : bias[j]);
                if (beta != 0)
                    sum += (double)beta * c[i * ldc + j];
                c[i * ldc + j] = (float)sum;
            }
        }
    }

    /// <summary>y = x wᵀ + bias with a stored weight.</summary>
    public static void Run(int m, float* x, long rowX, in WeightMatrix w, float* y, long rowY, float* bias)
    {
        for (var i = 0; i < m; i++)
        {
            for (var j = 0; j < w.Rows; j++)
            {
                double sum = bias == null ? 0 : bias[j];
                for (var p = 0; p < w.Columns; p++)
                    sum += (double)x[i * rowX + p] * w[j, p];
                y[i * rowY + j] = (float)sum;
            }
        }
    }
}
