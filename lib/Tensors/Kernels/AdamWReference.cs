namespace Aim.Tensors.Kernels;

/// <summary>What one step of AdamW is told (Loshchilov and Hutter 2019; torch.optim.AdamW). Step counts from 1.</summary>
internal readonly record struct AdamWSettings(
    double LearningRate, double Beta1, double Beta2, double Eps, double WeightDecay, long Step, double GradientScale = 1);

/// <summary>One step of AdamW as torch.optim.AdamW writes it, in double.</summary>
internal static unsafe class AdamWReference
{
    public static void Step(float* parameter, float* gradient, float* first, float* second, long count, in AdamWSettings s)
    {
        var correction1 = 1 - Math.Pow(s.Beta1, s.Step);
        var correction2 = Math.Sqrt(1 - Math.Pow(s.Beta2, s.Step));
        for (long i = 0; i < count; i++)
        {
            var g = s.GradientScale * gradient[i];
            var decayed = parameter[i] * (1 - s.LearningRate * s.WeightDecay);
            var m = s.Beta1 * first[i] + (1 - s.Beta1) * g;
            var v = s.Beta2 * second[i] + (1 - s.Beta2) * g * g;
            first[i] = (float)m;
            second[i] = (float)v;
            parameter[i] = (float)(decayed - s.LearningRate / correction1 * m / (Math.Sqrt(v) / correction2 + s.Eps));
        }
    }
}
