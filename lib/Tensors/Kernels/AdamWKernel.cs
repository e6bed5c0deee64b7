namespace Aim.Tensors.Kernels;

/// <summary>AdamW over contiguous arrays.</summary>
internal static unsafe class AdamWKernel
{
    /// <summary>
    /// Updates parameter, first moment and second moment [count] in place from gradient * GradientScale (the scale lets clipping
    /// cost nothing); decoupled weight decay.
    /// </summary>
    public static void Step(float* parameter, float* gradient, float* first, float* second, long count, in AdamWSettings s)
    {
        var (set, settings) = (KernelSet.Current, s);
        Pool.Ranges(count, 32768, (from, to) =>
            set.AdamW(parameter + from, gradient + from, first + from, second + from, to - from, settings));
    }
}
