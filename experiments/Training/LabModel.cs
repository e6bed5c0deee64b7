using Aim.Datasets;
using Aim.Models;

namespace Aim.Experiments.Training;

/// <summary>The lab model: a LLaVA-OneVision in small, made and saved through the loader that reads real checkpoints.</summary>
internal static class LabModel
{
    /// <summary>Output projections of the decoder's blocks start at this share of the usual scale.</summary>
    private const float BranchScale = 0.3f;

    /// <summary>
    /// A trainable model with seeded initial weights; <paramref name="directory"/> receives the checkpoint's files other than the weights.
    /// </summary>
    public static LabHost Create(string directory, ulong seed)
    {
        LabCheckpoint.Write(directory);
        var model = LlavaOnevision.Create(LlavaOnevisionConfig.Load(directory), seed, trainable: true);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        foreach (var name in model.Weights.Names.Where(n => n.Contains("language_model", StringComparison.Ordinal)
            && (n.EndsWith("o_proj.weight", StringComparison.Ordinal) || n.EndsWith("down_proj.weight", StringComparison.Ordinal))))
        {
            model.Weights[name].Tensor.mul_(BranchScale);
        }

        StartPreviousTokenHeads(model);
        return new OnevisionHost(model);
    }

    /// <summary>
    /// Copying from context needs two heads in a row: one that brings each token its predecessor, and one that looks for it. Neither is of
    /// use alone, so training waits on a long plateau (not passed in 2,400 steps here). Two heads of layer 0 therefore start as the former, looking
    /// one and two tokens back, by their biases alone: with q = c e^(-i d theta) and k = c in every rotary plane, the score peaks at
    /// distance d. Copying then forms within 600 steps. They are ordinary weights and train like all others.
    /// </summary>
    private static void StartPreviousTokenHeads(LlavaOnevision model)
    {
        const int Heads = 2;
        const float Strength = 6;   // score gap of some 4 between the peak and its neighbours
        const float Content = 0.1f; // what the tokens themselves add to these scores at the start
        var text = model.Config.Text;
        int dim = text.HeadDim, half = dim / 2, width = text.HiddenSize;
        const string Query = "layers.0.self_attn.q_proj.weight";
        var prefix = model.Weights.Names.Single(n => n.StartsWith("language_model.", StringComparison.Ordinal)
            && n.EndsWith("." + Query, StringComparison.Ordinal))[..^"q_proj.weight".Length];
        var queryWeight = Values("q_proj.weight");
        var keyWeight = Values("k_proj.weight");
        var queryBias = Values("q_proj.bias");
        var keyBias = Values("k_proj.bias");
        System.Numerics.Tensors.TensorPrimitives.Multiply(queryWeight.AsSpan(0, Heads * dim * width), Content, queryWeight);
        System.Numerics.Tensors.TensorPrimitives.Multiply(keyWeight.AsSpan(0, dim * width), Content, keyWeight); // both heads read key head 0
        for (var i = 0; i < half; i++)
        {
            var theta = Math.Pow(text.RopeTheta, -i / (double)half);
            keyBias[i] = Strength;
            for (var head = 0; head < Heads; head++)
            {
                queryBias[(head * dim) + i] = (float)(Strength * Math.Cos((head + 1) * theta));
                queryBias[(head * dim) + half + i] = (float)(-Strength * Math.Sin((head + 1) * theta));
            }
        }

        Set("q_proj.weight", queryWeight);
        Set("k_proj.weight", keyWeight);
        Set("q_proj.bias", queryBias);
        Set("k_proj.bias", keyBias);

        float[] Values(string name) => model.Weights[prefix + name].Tensor.data<float>().ToArray();

        void Set(string name, float[] values)
        {
            var tensor = model.Weights[prefix + name].Tensor;
            tensor.copy_(torch.tensor(values, tensor.shape));
        }
    }
}
