namespace Aim.Tensors.Kernels;

/// <summary>Softmax and log-softmax over the last dimension of contiguous [rows, dim]; in and out may be the same.</summary>
internal static unsafe class Softmax
{
    /// <summary>y = exp(x - max) / sum. A row of -inf alone gives NaN, as torch.</summary>
    public static void Forward(float* x, float* y, long rows, int dim)
    {
        var set = KernelSet.Current;
        Pool.Ranges(rows, RowSums.Chunk(dim), (from, to) => set.SoftmaxRows(x + from * dim, y + from * dim, to - from, dim));
    }

    /// <summary>dx = y * (dy - sum(y * dy)).</summary>
    public static void Backward(float* y, float* dy, float* dx, long rows, int dim)
    {
        var set = KernelSet.Current;
        Pool.Ranges(rows, RowSums.Chunk(dim), (from, to) =>
            set.SoftmaxBackwardRows(y + from * dim, dy + from * dim, dx + from * dim, to - from, dim));
    }

    /// <summary>y = x - logsumexp(x).</summary>
    public static void LogForward(float* x, float* y, long rows, int dim)
    {
        var set = KernelSet.Current;
        Pool.Ranges(rows, RowSums.Chunk(dim), (from, to) => set.LogSoftmaxRows(x + from * dim, y + from * dim, to - from, dim));
    }

    /// <summary>dx = dy - exp(y) * sum(dy).</summary>
    public static void LogBackward(float* y, float* dy, float* dx, long rows, int dim)
    {
        var set = KernelSet.Current;
        Pool.Ranges(rows, RowSums.Chunk(dim), (from, to) =>
            set.LogSoftmaxBackwardRows(y + from * dim, dy + from * dim, dx + from * dim, to - from, dim));
    }
}
