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
}
