namespace Aim.Tensors.Kernels;

/// <summary>Softmax and log-softmax over the last dimension of contiguous [rows, dim]; in and out may be the same.</summary>
internal static unsafe class Softmax
{
    /// <summary>y = exp(x - max) / sum. A row of -inf alone gives NaN, as torch.</summary>
    public static void Forward(float* x, float* y, long rows, int dim) => SoftmaxReference.Forward(x, y, rows, dim);

    /// <summary>dx = y * (dy - sum(y * dy)).</summary>
    public static void Backward(float* y, float* dy, float* dx, long rows, int dim) => SoftmaxReference.Backward(y, dy, dx, rows, dim);

    /// <summary>y = x - logsumexp(x).</summary>
    public static void LogForward(float* x, float* y, long rows, int dim) => SoftmaxReference.LogForward(x, y, rows, dim);

    /// <summary>dx = dy - exp(y) * sum(dy).</summary>
    public static void LogBackward(float* y, float* dy, float* dx, long rows, int dim) => SoftmaxReference.LogBackward(y, dy, dx, rows, dim);
}
