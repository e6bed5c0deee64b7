using System.Runtime.CompilerServices;

namespace Aim.Tensors.Kernels;

internal abstract unsafe partial class KernelSet
{
    public abstract void AdamW(float* parameter, float* gradient, float* first, float* second, long count, in AdamWSettings s);
}

internal sealed unsafe partial class KernelSet<V, S>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void AdamW(float* parameter, float* gradient, float* first, float* second, long count, in AdamWSettings s)
    {
        var stepSize = S.Create((float)(-s.LearningRate / (1 - Math.Pow(s.Beta1, s.Step))));
        var root = S.Create((float)(1 / Math.Sqrt(1 - Math.Pow(s.Beta2, s.Step))));
        var decay = S.Create((float)(1 - s.LearningRate * s.WeightDecay));
        var rest1 = S.Create((float)(1 - s.Beta1));
        var beta2 = S.Create((float)s.Beta2);
        var rest2 = S.Create((float)(1 - s.Beta2));
        var eps = S.Create((float)s.Eps);
        var gradientScale = S.Create((float)s.GradientScale);
        for (long i = 0; i < count; i += S.Lanes)
        {
            var rest = (int)Math.Min(S.Lanes, count - i);
            var g = S.Multiply(gradientScale, LoadUpTo(gradient + i, rest));
            var m = LoadUpTo(first + i, rest);
            m = S.Fma(rest1, S.Subtract(g, m), m);
            var v = S.Fma(S.Multiply(rest2, g), g, S.Multiply(beta2, LoadUpTo(second + i, rest)));
            StoreUpTo(m, first + i, rest);
            StoreUpTo(v, second + i, rest);
            var denominator = S.Fma(S.Sqrt(v), root, eps);
            var p = S.Multiply(decay, LoadUpTo(parameter + i, rest));
            StoreUpTo(S.Fma(stepSize, S.Divide(m, denominator), p), parameter + i, rest);
        }
    }
}
