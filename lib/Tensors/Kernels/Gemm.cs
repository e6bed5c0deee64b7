namespace Aim.Tensors.Kernels;

/// <summary>C[m, n] = alpha * A[m, k] * B[k, n] + beta * C (+ bias per column).</summary>
internal static unsafe class Gemm
{
    /// <summary>
    /// One product. A and B have any strides (row, column, in elements), so x Wᵀ, dY W and dYᵀ X all come through here; rows of C are
    /// contiguous, <paramref name="ldc"/> apart. With beta = 0, C is not read. <paramref name="bias"/> [n] or null.
    /// </summary>
    public static void Run(
        int m, int n, int k, float alpha, float* a, long rsA, long csA, float* b, long rsB, long csB,
        float beta, float* c, long ldc, float* bias = null) =>
        RunBatched(1, m, n, k, alpha, a, 0, rsA, csA, b, 0, rsB, csB, beta, c, 0, ldc, bias);

    /// <summary>The same for every item of a batch; a batch stride of 0 shares an operand.</summary>
    public static void RunBatched(
        int batch, int m, int n, int k, float alpha, float* a, long batchA, long rsA, long csA, float* b, long batchB, long rsB, long csB,
        float beta, float* c, long batchC, long ldc, float* bias = null)
    {
        if (m <= 0 || n <= 0 || batch <= 0)
            return;
        FlopCounter.AddMatmul(2L * m * n * k * batch);
        for (var i = 0; i < batch; i++)
            GemmReference.Run(m, n, k, alpha, a + i * batchA, rsA, csA, b + i * batchB, rsB, csB, beta, c + i * batchC, ldc, bias);
    }
}
