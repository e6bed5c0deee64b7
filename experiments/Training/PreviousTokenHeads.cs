using Aim.Models;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Aim.Experiments.Training;

/// <summary>
/// Copying from context needs two heads in a row: one that brings each token its predecessor, and one that looks for it. Neither
/// is of use alone, so training waits on a long plateau (not passed in 2,400 steps here). Two heads of layer 0 therefore start as
/// the former, looking one and two tokens back, by constants alone: with q = c e^(-i d theta) and k = c in every rotary plane,
/// the score peaks at distance d. Copying then forms within 500 steps. They are ordinary weights and train like all others.
/// </summary>
internal static class PreviousTokenHeads
{
    private const int Heads = 2;
    private const float Strength = 6;   // score gap of some 4 between the peak and its neighbours
    private const float Content = 0.1f; // what the tokens themselves add to these scores at the start
    private const float Level = 4;      // of the channel that stands in for biases, in deviations of the others

    /// <summary>Sets the heads' weights in place.</summary>
    public static void Start(MultimodalModel model)
    {
        var text = model.Config.Text;
        int dim = text.HeadDim, half = dim / 2;
        int keyHeads = Math.Max(1, Heads * text.NumKeyValueHeads / text.NumAttentionHeads);
        var query = new float[Heads * dim];
        var key = new float[keyHeads * dim];
        for (var i = 0; i < half; i++)
        {
            var theta = Math.Pow(text.RopeTheta, -i / (double)half);
            for (var head = 0; head < Heads; head++)
            {
                query[(head * dim) + i] = (float)(Strength * Math.Cos((head + 1) * theta));
                query[(head * dim) + half + i] = (float)(-Strength * Math.Sin((head + 1) * theta));
            }

            for (var head = 0; head < keyHeads; head++)
            {
                key[(head * dim) + i] = Strength;
            }
        }

        var attention = model.Weights.Names.Single(n => n.StartsWith("language_model.", StringComparison.Ordinal)
            && n.EndsWith("layers.0.self_attn.q_proj.weight", StringComparison.Ordinal))[..^"q_proj.weight".Length];
        var constant = model.Weights.TryGet(attention + "q_proj.bias", out _) ? 0 : ConstantChannel(model);
        Set(model.Weights, attention + "q_proj", query, constant);
        Set(model.Weights, attention + "k_proj", key, constant);
    }

    private static void Set(WeightStore weights, string name, float[] constants, float channel)
    {
        var matrix = weights[name + ".weight"].Tensor;
        var width = (int)matrix.shape[1];
        var values = matrix.data<float>().ToArray();
        TensorPrimitives.Multiply(values.AsSpan(0, constants.Length * width), Content, values);
        if (channel > 0)
        {
            for (var i = 0; i < constants.Length; i++)
            {
                values[i * width] = constants[i] / channel;
            }
        }
        else
        {
            var bias = weights[name + ".bias"].Tensor;
            var biases = bias.data<float>().ToArray();
            constants.CopyTo(biases, 0);
            bias.copy_(torch.tensor(biases, bias.shape));
        }

        matrix.copy_(torch.tensor(values, matrix.shape));
    }

    /// <summary>
    /// A decoder without biases: channel 0 of every token gets the same value, so that a column of a weight acts as one. Returns
    /// what the channel is once the first norm has been applied.
    /// </summary>
    private static float ConstantChannel(MultimodalModel model)
    {
        var name = model.Weights.Names.Single(n => n.EndsWith("embed_tokens.weight", StringComparison.Ordinal));
        var table = model.Weights[name].Tensor;
        var width = (int)table.shape[1];
        var values = table.data<float>().ToArray();
        var square = values.Average(v => (double)v * v);
        var level = (float)(Level * Math.Sqrt(square));
        for (var row = 0; row < values.Length; row += width)
        {
            values[row] = level;
        }

        table.copy_(torch.tensor(values, table.shape));
        return (float)(level / Math.Sqrt((((width - 1) * square) + ((double)level * level)) / width));
    }
}
