using System.Numerics;
using System.Runtime.InteropServices;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Aim.Experiments.Training;

/// <summary>
/// AdamW (Loshchilov and Hutter, 2019) with the global gradient norm clipped, over a stage's parameters. It keeps its moments in plain
/// arrays, which is what a training state saves, and takes two passes over the gradients: one for the norm, one for everything else.
/// </summary>
internal sealed class StageOptimizer(IReadOnlyList<(string Name, Modules.Parameter Parameter)> parameters, StageRecipe recipe)
{
    private const float Epsilon = 1e-8f;

    private readonly float[][] mean = [.. parameters.Select(p => new float[p.Parameter.numel()])];
    private readonly float[][] square = [.. parameters.Select(p => new float[p.Parameter.numel()])];

    /// <summary>Updates made so far; the moments' bias correction follows from it.</summary>
    public int Step { get; set; }

    /// <summary>First and second moment of each parameter.</summary>
    public IEnumerable<(string Name, float[] Mean, float[] Square)> Moments =>
        parameters.Select((p, i) => (p.Name, mean[i], square[i]));

    /// <summary>Clips, updates the parameters in place and drops their gradients. Returns the norm before clipping.</summary>
    public double Update(double rate)
    {
        Step++;
        double squares = 0;
        foreach (var (_, parameter) in parameters)
        {
            if (parameter.grad is { } gradient)
            {
                squares += TensorPrimitives.SumOfSquares<float>(Floats(gradient));
            }
        }

        var norm = Math.Sqrt(squares);
        var clip = (float)Math.Min(1, recipe.ClipNorm / (norm + 1e-6));
        var correctMean = 1 - Math.Pow(recipe.Beta1, Step);
        var correctSquare = 1 - Math.Pow(recipe.Beta2, Step);
        for (var i = 0; i < parameters.Count; i++)
        {
            // A weight that this step did not use (the projector, on text) has no gradient or one of zeros, depending on what came
            // before; both are zero, or a resumed training would differ.
            var parameter = parameters[i].Parameter;
            var gradient = parameter.grad;
            var gradients = gradient is null ? new float[mean[i].Length] : Floats(gradient);
            Update(Floats(parameter), gradients, mean[i], square[i], clip, rate, correctMean, correctSquare);
            gradient?.zero_();
        }

        return norm;
    }

    private void Update(
        Span<float> values,
        ReadOnlySpan<float> gradients,
        Span<float> mean,
        Span<float> square,
        float clip,
        double rate,
        double correctMean,
        double correctSquare)
    {
        var keep = 1 - (float)(rate * recipe.WeightDecay);
        var size = (float)(rate / correctMean);
        var rootCorrection = (float)(1 / Math.Sqrt(correctSquare));
        float beta1 = (float)recipe.Beta1, beta2 = (float)recipe.Beta2;
        var v = MemoryMarshal.Cast<float, Vector<float>>(values);
        var g = MemoryMarshal.Cast<float, Vector<float>>(gradients);
        var m = MemoryMarshal.Cast<float, Vector<float>>(mean);
        var s = MemoryMarshal.Cast<float, Vector<float>>(square);
        for (var i = 0; i < v.Length; i++)
        {
            var gradient = g[i] * clip;
            m[i] = (m[i] * beta1) + (gradient * (1 - beta1));
            s[i] = (s[i] * beta2) + (gradient * gradient * (1 - beta2));
            v[i] = (v[i] * keep) - (m[i] * size / ((Vector.SquareRoot(s[i]) * rootCorrection) + new Vector<float>(Epsilon)));
        }

        for (var i = v.Length * Vector<float>.Count; i < values.Length; i++)
        {
            var gradient = gradients[i] * clip;
            mean[i] = (mean[i] * beta1) + (gradient * (1 - beta1));
            square[i] = (square[i] * beta2) + (gradient * gradient * (1 - beta2));
            values[i] = (values[i] * keep) - (mean[i] * size / ((MathF.Sqrt(square[i]) * rootCorrection) + Epsilon));
        }
    }

    private static Span<float> Floats(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);
}
