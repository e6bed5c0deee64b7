namespace Aim.Tensors.Kernels;

/// <summary>RMSNorm and LayerNorm over the last dimension of contiguous [rows, dim]. Weight and bias [dim] may be null (1 and 0).</summary>
internal static unsafe class Norm
{
    /// <summary>y = x * rstd * weight with rstd = 1 / sqrt(mean(x²) + eps), saved per row unless null.</summary>
    public static void RmsForward(float* x, float* weight, float* y, float* rstd, long rows, int dim, double eps) =>
        NormReference.RmsForward(x, weight, y, rstd, rows, dim, eps);

    /// <summary>Gradients of x [rows, dim] and weight [dim], each overwritten, each may be null; dx may be dy.</summary>
    public static void RmsBackward(float* dy, float* x, float* weight, float* rstd, float* dx, float* dWeight, long rows, int dim) =>
        NormReference.RmsBackward(dy, x, weight, rstd, dx, dWeight, rows, dim);

    /// <summary>y = (x - mean) * rstd * weight + bias, variance without Bessel's correction; mean and rstd saved per row unless null.</summary>
    public static void LayerForward(
        float* x, float* weight, float* bias, float* y, float* mean, float* rstd, long rows, int dim, double eps) =>
        NormReference.LayerForward(x, weight, bias, y, mean, rstd, rows, dim, eps);

    /// <summary>Gradients of x [rows, dim], weight and bias [dim], each overwritten, each may be null; dx may be dy.</summary>
    public static void LayerBackward(
        float* dy, float* x, float* weight, float* mean, float* rstd, float* dx, float* dWeight, float* dBias, long rows, int dim) =>
        NormReference.LayerBackward(dy, x, weight, mean, rstd, dx, dWeight, dBias, rows, dim);
}
