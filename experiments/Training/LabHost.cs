using Aim.Datasets;
using Aim.Models;

namespace Aim.Experiments.Training;

/// <summary>
/// A lab model as training and evaluation see it, whatever its family: what stands in a prompt in the place of a picture or clip,
/// and how that is made of the tower's features.
/// </summary>
internal sealed class LabHost(LlavaFamily model) : IDisposable
{
    private const byte Grey = 128;

    private readonly LlavaOnevision? video = model as LlavaOnevision;
    private readonly ImageLayout picture = model.Config.LayoutOf(LabWorld.Canvas, LabWorld.Canvas, 1);

    /// <summary>Loads a checkpoint of a lab model.</summary>
    /// <exception cref="CheckpointException">A file is missing, broken or does not fit the others.</exception>
    public static LabHost Load(string directory, bool trainable = false) =>
        new((LlavaFamily)MultimodalModel.Load(directory, trainable));

    /// <summary>The model itself.</summary>
    public LlavaFamily Model => model;

    public WeightStore Weights => model.Weights;

    public LanguageModel Language => model.Language;

    public BpeTokenizer Tokenizer => model.Tokenizer;

    /// <summary>Width of the tower's features.</summary>
    public int VisionWidth => model.Config.Vision.HiddenSize;

    /// <summary>Whether it takes clips beside pictures.</summary>
    public bool TakesClips => video is not null;

    /// <summary>What the model puts in the place of a placeholder.</summary>
    public VisualRows Rows(LabMedium medium) => medium == LabMedium.Video
        ? new VisualRows(Video.Config.TokensPerFrame, Newline: true) : new VisualRows(picture.Tokens, Newline: false);

    /// <summary>The id of a placeholder.</summary>
    public int PlaceholderId(LabMedium medium) => Tokenizer.TokenId(LabDocument.PlaceholderOf(medium));

    /// <summary>What the tower gives for frames or pictures, `[frames, patches, vision width]`.</summary>
    /// <param name="rgb">`[frames, height, width, 3]` bytes.</param>
    /// <param name="frames">How many.</param>
    public Tensor Features(byte[] rgb, int frames)
    {
        const int side = LabWorld.Canvas;
        if (video is not null)
        {
            return model.VisionFeatures(video.VideoProcessor.ToPixelValues(rgb, frames, side, side));
        }

        var pictures = Enumerable.Range(0,
            frames).Select(i => new RgbImage(side, side, rgb[(i * side * side * 3)..((i + 1) * side * side * 3)])).ToList();
        return model.VisionFeatures(torch.cat([.. model.Prepare(pictures).Select(p => p.PixelValues)], 0));
    }

    /// <summary>Features of a grey frame: the blind control that still has something to see.</summary>
    public Tensor BlankFeatures()
    {
        var grey = new byte[LabWorld.Canvas * LabWorld.Canvas * 3];
        Array.Fill(grey, Grey);
        return Features(grey, 1);
    }

    /// <summary>The visual table of a batch, as <see cref="Rows"/> says, from the tower's features: `[rows, dim]`.</summary>
    public Tensor Visual(Tensor features, LabMedium medium)
    {
        if (medium == LabMedium.Video)
        {
            return torch.cat([VideoTokens(features), Video.ImageNewline.unsqueeze(0)], 0);
        }

        var pictures = Enumerable.Repeat(picture, (int)features.shape[0]).ToList();
        return torch.cat([.. model.PictureTokens(model.Project(features), pictures)], 0);
    }

    /// <summary>
    /// The visual tokens of each picture's square grid, for the projector's alignment: `[pictures * side * side, dim]`. Of a
    /// model for clips the pooled grid.
    /// </summary>
    public Tensor Aligned(Tensor features, out int side)
    {
        var tokens = video?.ProjectAndPool(features) ?? model.Project(features);
        side = (int)Math.Sqrt(tokens.shape[1]);
        return tokens.reshape(-1, tokens.shape[2]);
    }

    /// <summary>A prompt as the decoder takes it, for inference: `[1, n, dim]`, and which of its slots are visual.</summary>
    public (Tensor Embeds, PromptLayout Layout) Pack(int[] promptIds, Tensor features, LabMedium medium) =>
        medium == LabMedium.Video
        ? Video.Pack(promptIds, VideoTokens(features))
        : model.PackPictures(promptIds,
            model.PictureTokens(model.Project(features), [.. Enumerable.Repeat(picture, (int)features.shape[0])]));

    public void Dispose() => model.Dispose();

    private LlavaOnevision Video =>
        video ?? throw new ArgumentException($"a {model.Config.ModelType} model takes pictures, not clips");

    private Tensor VideoTokens(Tensor features)
    {
        var tokens = Video.ProjectAndPool(features);
        return tokens.reshape(-1, tokens.shape[2]);
    }
}
