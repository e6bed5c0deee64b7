namespace Aim.Tensors.Kernels;

/// <summary>
/// Cross-entropy of logits [rows, classes] against int64 targets [rows]; rows whose target is the ignore index do not count.
/// </summary>
internal static unsafe class CrossEntropy
{
    /// <summary>
    /// losses[r] = logsumexp(logits[r]) - logits[r, target], 0 where ignored; lse [rows] is for the backward pass.
    /// </summary>
    /// <returns>the number of rows that count</returns>
    /// <exception cref="ArgumentOutOfRangeException">a target is neither a class nor the ignore index</exception>
    public static long Forward(float* logits, long* targets, float* losses, float* lse, long rows, int classes, long ignoreIndex)
    {
        long counted = 0;
        for (long r = 0; r < rows; r++)
        {
            if (targets[r] == ignoreIndex)
                continue;
            if (targets[r] < 0 || targets[r] >= classes)
                throw new ArgumentOutOfRangeException(nameof(targets),
                    $"Target {targets[r]} is out of bounds: there are {classes} classes.");
            counted++;
        }
        var set = KernelSet.Current;
        Pool.Ranges(rows, RowSums.Chunk(classes), (from, to) =>
        {
            for (var r = from; r < to; r++)
            {
                lse[r] = set.LogSumExp(logits + r * classes, classes);
                losses[r] = targets[r] == ignoreIndex ? 0 : lse[r] - logits[r * classes + targets[r]];
            }
        });
        return counted;
    }

    /// <summary>
    /// dLogits[r] = scale * rowGradient[r] * (softmax(logits[r]) - onehot(target)), zeros where ignored; rowGradient [rows] or
    /// null (1). For a mean, scale = gradient / counted. dLogits may be logits.
    /// </summary>
    public static void Backward(
        float* logits, long* targets, float* lse, float* rowGradient, float scale, float* dLogits, long rows, int classes,
        long ignoreIndex)
    {
        var set = KernelSet.Current;
        Pool.Ranges(rows, RowSums.Chunk(classes), (from, to) =>
        {
            for (var r = from; r < to; r++)
            {
                var row = dLogits + r * classes;
                if (targets[r] == ignoreIndex)
                {
                    new Span<float>(row, classes).Clear();
                    continue;
                }
                var g = scale * (rowGradient == null ? 1 : rowGradient[r]);
                set.ScaledExp(logits + r * classes, row, classes, lse[r], g);
                row[targets[r]] -= g;
            }
        });
    }
}
