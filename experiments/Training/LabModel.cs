using Aim.Datasets;
using Aim.Models;

namespace Aim.Experiments.Training;

/// <summary>The lab model: a LLaVA-OneVision in small, made and saved through the loader that reads real checkpoints.</summary>
internal static class LabModel
{
    /// <summary>Output projections of the decoder's blocks start at this share of the usual scale.</summary>
    private const float BranchScale = 0.3f;

    private const byte Grey = 128;

    /// <summary>A trainable model with seeded initial weights; <paramref name="directory"/> receives the checkpoint's files other than the weights.</summary>
    public static LlavaOnevision Create(string directory, ulong seed)
    {
        LabCheckpoint.Write(directory);
        var model = LlavaOnevision.Create(LlavaOnevisionConfig.Load(directory), seed, trainable: true);
        using var noGrad = torch.no_grad();
        foreach (var name in model.Weights.Names.Where(n => n.Contains("language_model", StringComparison.Ordinal)
            && (n.EndsWith("o_proj.weight", StringComparison.Ordinal) || n.EndsWith("down_proj.weight", StringComparison.Ordinal))))
        {
            model.Weights[name].Tensor.mul_(BranchScale);
        }

        return model;
    }

    /// <summary>Frames as the tower takes them, `[frames, 3, height, width]`.</summary>
    public static Tensor Pixels(LlavaOnevision model, byte[] rgb, int frames) =>
        model.VideoProcessor.ToPixelValues(rgb, frames, LabWorld.Canvas, LabWorld.Canvas);

    /// <summary>Visual tokens of grey frames: the blind control that still has a video.</summary>
    public static Tensor Blank(LlavaOnevision model, int frames)
    {
        var grey = new byte[LabWorld.Canvas * LabWorld.Canvas * 3];
        Array.Fill(grey, Grey);
        return model.VideoFeatures(Pixels(model, grey, 1)).expand(frames, -1, -1);
    }
}
