namespace Aim.Tensors.Kernels;

/// <summary>
/// RMSNorm and LayerNorm over the last dimension of contiguous [rows, dim]. Weight and bias [dim] may be null (1 and 0).
/// </summary>
internal static unsafe class Norm
{
    /// <summary>Rows of a task: of long ones more, since only the first is read on its own.</summary>
    private static long Chunk(int dim) => dim >= Prefetch.LongRow ? Math.Max(1, 65536 / dim) : RowSums.Chunk(dim);

    /// <summary>y = x * rstd * weight with rstd = 1 / sqrt(mean(x²) + eps), saved per row unless null.</summary>
    public static void RmsForward(float* x, float* weight, float* y, float* rstd, long rows, int dim, double eps)
    {
        var set = KernelSet.Current;
        var past = Streaming.Pays(y, rows * dim, dim, (nint)x);
        Pool.Ranges(rows, Chunk(dim), (from, to) => set.RmsForwardRows(
            x + from * dim, weight, y + from * dim, rstd == null ? null : rstd + from, to - from, dim, (float)eps, past));
    }

    /// <summary>Gradients of x [rows, dim] and weight [dim], each overwritten, each may be null; dx may be dy.</summary>
    public static void RmsBackward(float* dy, float* x, float* weight, float* rstd, float* dx, float* dWeight, long rows, int dim)
    {
        var set = KernelSet.Current;
        var sums = new RowSums(rows, dim, dWeight != null ? 1 : 0);
        Pool.Ranges(rows, RowSums.Chunk(dim), (from, to) => set.RmsBackwardRows(
            dy + from * dim, x + from * dim, weight, rstd + from, dx == null ? null : dx + from * dim,
            dWeight == null ? null : sums.Part(0, from), to - from, dim));
        sums.Total(0, dWeight);
    }

    /// <summary>
    /// y = (x - mean) * rstd * weight + bias, variance without Bessel's correction; mean and rstd saved per row unless null.
    /// </summary>
    public static void LayerForward(
        float* x, float* weight, float* bias, float* y, float* mean, float* rstd, long rows, int dim, double eps)
    {
        var set = KernelSet.Current;
        var past = Streaming.Pays(y, rows * dim, dim, (nint)x);
        Pool.Ranges(rows, Chunk(dim), (from, to) => set.LayerForwardRows(
            x + from * dim, weight, bias, y + from * dim, mean == null ? null : mean + from, rstd == null ? null : rstd + from,
            to - from, dim, (float)eps, past));
    }

    /// <summary>Gradients of x [rows, dim], weight and bias [dim], each overwritten, each may be null; dx may be dy.</summary>
    public static void LayerBackward(
        float* dy, float* x, float* weight, float* mean, float* rstd, float* dx, float* dWeight, float* dBias, long rows, int dim)
    {
        var set = KernelSet.Current;
        var sums = new RowSums(rows, dim, dWeight == null && dBias == null ? 0 : 2);
        Pool.Ranges(rows, RowSums.Chunk(dim), (from, to) => set.LayerBackwardRows(
            dy + from * dim, x + from * dim, weight, mean + from, rstd + from, dx == null ? null : dx + from * dim,
            dWeight == null ? null : sums.Part(0, from), dBias == null ? null : sums.Part(1, from), to - from, dim));
        sums.Total(0, dWeight);
        sums.Total(1, dBias);
    }
}
