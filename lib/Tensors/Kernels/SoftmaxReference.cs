namespace Aim.Tensors.Kernels;

/// <summary>Softmax, log-softmax and cross-entropy over the last dimension as their definitions, in double.</summary>
internal static unsafe class SoftmaxReference
{
    public static void Forward(float* x, float* y, long rows, int dim)
    {
        for (long r = 0; r < rows; r++)
        {
            var lse = LogSumExp(x + r * dim, dim);
            for (var d = 0; d < dim; d++)
                y[r * dim + d] = (float)Math.Exp(x[r * dim + d] - lse);
        }
    }

    public static void Backward(float* y, float* dy, float* dx, long rows, int dim)
    {
        for (long r = 0; r < rows; r++)
        {
            double dot = 0;
            for (var d = 0; d < dim; d++)
                dot += (double)y[r * dim + d] * dy[r * dim + d];
            for (var d = 0; d < dim; d++)
                dx[r * dim + d] = (float)(y[r * dim + d] * (dy[r * dim + d] - dot));
        }
    }

    public static void LogForward(float* x, float* y, long rows, int dim)
    {
        for (long r = 0; r < rows; r++)
        {
            var lse = LogSumExp(x + r * dim, dim);
            for (var d = 0; d < dim; d++)
                y[r * dim + d] = (float)(x[r * dim + d] - lse);
        }
    }

    public static void LogBackward(float* y, float* dy, float* dx, long rows, int dim)
    {
        for (long r = 0; r < rows; r++)
        {
            double sum = 0;
            for (var d = 0; d < dim; d++)
                sum += dy[r * dim + d];
            for (var d = 0; d < dim; d++)
                dx[r * dim + d] = (float)(dy[r * dim + d] - Math.Exp(y[r * dim + d]) * sum);
        }
    }

    public static void CrossEntropyForward(float* logits, long* targets, float* losses, float* lse, long rows, int classes,
        long ignore)
    {
        for (long r = 0; r < rows; r++)
        {
            var logSum = LogSumExp(logits + r * classes, classes);
            lse[r] = (float)logSum;
            losses[r] = targets[r] == ignore ? 0 : (float)(logSum - logits[r * classes + targets[r]]);
        }
    }

    public static void CrossEntropyBackward(
        float* logits, long* targets, float* lse, float* rowGradient, float scale, float* dLogits, long rows, int classes,
        long ignore)
    {
        for (long r = 0; r < rows; r++)
        {
            var g = targets[r] == ignore ? 0 : (double)scale * (rowGradient == null ? 1 : rowGradient[r]);
            for (var c = 0; c < classes; c++)
                dLogits[r * classes + c] = (float)(g * (Math.Exp((double)logits[r * classes + c] - lse[r]) - (c == targets[r]
                    ? 1 : 0)));
        }
    }

    private static double LogSumExp(float* x, int dim)
    {
        double max = float.NegativeInfinity, sum = 0;
        for (var d = 0; d < dim; d++)
            max = Math.Max(max, x[d]);
        for (var d = 0; d < dim; d++)
            sum += Math.Exp(x[d] - max);
        return max + Math.Log(sum);
    }
}
