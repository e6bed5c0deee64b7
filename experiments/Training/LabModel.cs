using Aim.Datasets;
using Aim.Models;

namespace Aim.Experiments.Training;

/// <summary>New lab models, made and saved through the loader that reads real checkpoints.</summary>
internal static class LabModel
{
    /// <summary>Output projections of the decoder's blocks start at this share of the usual scale.</summary>
    private const float BranchScale = 0.3f;

    /// <summary>
    /// A trainable model with seeded initial weights; <paramref name="directory"/> receives the checkpoint's files other than the
    /// weights.
    /// </summary>
    public static LabHost Create(string directory, LabModelKind kind, ulong seed)
    {
        LabCheckpoint.Write(directory, kind);
        var model = (LlavaFamily)MultimodalModel.Create(MultimodalConfig.Load(directory), seed, trainable: true);
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        foreach (var name in model.Weights.Names.Where(n => n.Contains("language_model", StringComparison.Ordinal)
            && (n.EndsWith("o_proj.weight", StringComparison.Ordinal)
                || n.EndsWith("down_proj.weight", StringComparison.Ordinal))))
        {
            model.Weights[name].Tensor.mul_(BranchScale);
        }

        PreviousTokenHeads.Start(model);
        return new LabHost(model);
    }
}
