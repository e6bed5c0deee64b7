using Aim.Datasets;
using Aim.Models;

namespace Aim.Experiments.Training;

/// <summary>lab-video: a LLaVA-OneVision. A clip's frames are pooled and one newline follows the last; a picture is a tile and its rows.</summary>
internal sealed class OnevisionHost(LlavaOnevision model) : LabHost
{
    private readonly ImageLayout picture = ImageLayout.Tiled(
        LabWorld.Canvas, LabWorld.Canvas, (LabWorld.Canvas, LabWorld.Canvas), LabWorld.Canvas, LabWorld.Grid, maxTiles: null);

    /// <summary>The model itself.</summary>
    public LlavaOnevision Model => model;

    public override WeightStore Weights => model.Weights;

    public override LanguageModel Language => model.Language;

    public override BpeTokenizer Tokenizer => model.Tokenizer;

    public override int VisionWidth => model.Config.Vision.HiddenSize;

    public override VisualRows Rows(LabMedium medium) => medium == LabMedium.Video
        ? new VisualRows(model.Config.TokensPerFrame, Newline: true) : new VisualRows(picture.Tokens, Newline: false);

    public override Tensor Features(byte[] rgb, int frames) =>
        model.VisionFeatures(model.VideoProcessor.ToPixelValues(rgb, frames, LabWorld.Canvas, LabWorld.Canvas));

    public override Tensor Visual(Tensor features, LabMedium medium)
    {
        var dim = model.ImageNewline.shape[0];
        if (medium == LabMedium.Video)
        {
            return torch.cat([model.ProjectAndPool(features).reshape(-1, dim), model.ImageNewline.reshape(1, dim)], 0);
        }

        var pictures = Enumerable.Repeat(picture, (int)features.shape[0]).ToList();
        return torch.cat([.. model.PictureTokens(model.Project(features), pictures)], 0);
    }

    public override Tensor Aligned(Tensor features, out int side)
    {
        var tokens = model.ProjectAndPool(features);
        side = LabWorld.Grid / 2;
        return tokens.reshape(-1, tokens.shape[2]);
    }

    public override (Tensor Embeds, PromptLayout Layout) Pack(int[] promptIds, Tensor features, LabMedium medium)
    {
        if (medium == LabMedium.Image)
        {
            return model.PackPictures(promptIds, [Visual(features, medium)]);
        }

        var tokens = model.ProjectAndPool(features);
        return model.Pack(promptIds, tokens.reshape(-1, tokens.shape[2]));
    }

    public override string Hash => model.Hash;

    public override void Save(string directory, ScalarType dtype) => model.Save(directory, dtype);

    public override void Dispose() => model.Dispose();
}
