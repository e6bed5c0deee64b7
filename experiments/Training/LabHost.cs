using Aim.Datasets;
using Aim.Models;

namespace Aim.Experiments.Training;

/// <summary>
/// A lab model as training and evaluation see it, whatever its family: its weights, its decoder, and what stands in a prompt in the place of
/// a picture or clip.
/// </summary>
internal abstract class LabHost : IDisposable
{
    private const byte Grey = 128;

    /// <summary>Loads a checkpoint of a lab model.</summary>
    /// <exception cref="CheckpointException">A file is missing, broken or does not fit the others.</exception>
    public static LabHost Load(string directory) => new OnevisionHost(LlavaOnevision.Load(directory));

    public abstract WeightStore Weights { get; }

    public abstract LanguageModel Language { get; }

    public abstract BpeTokenizer Tokenizer { get; }

    /// <summary>Width of the tower's features.</summary>
    public abstract int VisionWidth { get; }

    /// <summary>What the host puts in the place of a placeholder.</summary>
    public abstract VisualRows Rows(LabMedium medium);

    /// <summary>What the tower gives for frames or pictures, `[frames, patches, vision width]`.</summary>
    /// <param name="rgb">`[frames, height, width, 3]` bytes.</param>
    /// <param name="frames">How many.</param>
    public abstract Tensor Features(byte[] rgb, int frames);

    /// <summary>The visual table of a batch, as <see cref="Rows"/> says, from the tower's features: `[rows, dim]`.</summary>
    public abstract Tensor Visual(Tensor features, LabMedium medium);

    /// <summary>The visual tokens that a square grid of so many a side gives of each picture, for the projector's alignment: `[pictures * side * side, dim]`.</summary>
    public abstract Tensor Aligned(Tensor features, out int side);

    /// <summary>A prompt as the decoder takes it, for inference: `[1, n, dim]`, and which of its slots are visual.</summary>
    public abstract (Tensor Embeds, PromptLayout Layout) Pack(int[] promptIds, Tensor features, LabMedium medium);

    /// <summary>SHA-256 of the checkpoint's weights.</summary>
    public abstract string Hash { get; }

    public abstract void Save(string directory, ScalarType dtype);

    public abstract void Dispose();

    /// <summary>The id of a placeholder.</summary>
    public int PlaceholderId(LabMedium medium) => Tokenizer.TokenId(LabDocument.PlaceholderOf(medium));

    /// <summary>Features of a grey frame: the blind control that still has a video.</summary>
    public Tensor BlankFeatures()
    {
        var grey = new byte[LabWorld.Canvas * LabWorld.Canvas * 3];
        Array.Fill(grey, Grey);
        return Features(grey, 1);
    }
}
