namespace Aim.Experiments.Training;

/// <summary>
/// After stage 0 the tower's output has whatever scale its residual stream grew to. This brings it to a scale that the
/// projector can start from, inside the ordinary weights, so that the model stays a plain one of its family:
/// <list type="number">
/// <item>the whole residual stream is scaled by one constant (embeddings and every branch's output projection), which
/// changes nothing inside the tower, since each block normalises what it reads;</item>
/// <item>the remaining mean and deviation of each channel, measured on training pictures, go into the projector's
/// first linear: W/std and b - W mean/std.</item>
/// </list>
/// </summary>
internal static class TowerScale
{
    private static readonly string[] ResidualWrites =
    [
        "embeddings.patch_embedding.weight", "embeddings.patch_embedding.bias", "embeddings.position_embedding.weight",
        "self_attn.out_proj.weight", "self_attn.out_proj.bias", "mlp.fc2.weight", "mlp.fc2.bias",
    ];

    /// <summary>Rescales tower and projector in place.</summary>
    /// <param name="model">The model; its projector is still at its initial values.</param>
    /// <param name="output">What the tower gives, as it is now, for training pictures: `[n, patches, vision width]`.</param>
    public static void Fold(LabHost model, Func<Tensor> output)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        var (mean, deviation, dim) = Measure(output);
        var scale = (float)(1 / Math.Sqrt(deviation.Average(d => (double)d * d)));
        foreach (var name in model.Weights.Names.Where(n => IsTower(n) && ResidualWrites.Any(n.EndsWith)))
        {
            model.Weights[name].Tensor.mul_(scale);
        }

        var weight = model.Weights.Names.Single(n =>
            n.EndsWith("multi_modal_projector.linear_1.weight", StringComparison.Ordinal));
        var bias = weight[..^"weight".Length] + "bias";
        var w = model.Weights[weight].Tensor.data<float>().ToArray();
        var b = model.Weights[bias].Tensor.data<float>().ToArray();
        for (var o = 0; o < b.Length; o++)
        {
            double shift = 0;
            for (var i = 0; i < dim; i++)
            {
                ref var value = ref w[(o * dim) + i];
                value /= deviation[i] * scale;
                shift += value * mean[i] * scale;
            }

            b[o] -= (float)shift;
        }

        model.Weights[weight].Tensor.copy_(torch.tensor(w, [b.Length, dim]));
        model.Weights[bias].Tensor.copy_(torch.tensor(b, [b.Length]));
    }

    /// <summary>Mean and standard deviation of each channel of the tower's output over all patches.</summary>
    public static (float[] Mean, float[] Deviation, int Dim) Measure(Func<Tensor> output)
    {
        var features = output();
        var dim = (int)features.shape[^1];
        var values = features.reshape(-1, dim).data<float>().ToArray();
        var rows = values.Length / dim;
        var mean = new float[dim];
        var deviation = new float[dim];
        for (var c = 0; c < dim; c++)
        {
            double sum = 0, squares = 0;
            for (var r = 0; r < rows; r++)
            {
                double v = values[(r * dim) + c];
                sum += v;
                squares += v * v;
            }

            mean[c] = (float)(sum / rows);
            deviation[c] = (float)Math.Sqrt(Math.Max(1e-12, (squares / rows) - (sum / rows * (sum / rows))));
        }

        return (mean, deviation, dim);
    }

    private static bool IsTower(string name) => name.Contains("vision_tower", StringComparison.Ordinal);
}
