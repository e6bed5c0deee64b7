using System.Globalization;
using Aim.Datasets;
using Aim.Models;

namespace Aim.Experiments.Planning;

/// <summary>One question of a test set, wherever it comes from: what is shown, what is asked, what would be right.</summary>
internal abstract class TestSample
{
    /// <summary>Its name, unique in its source.</summary>
    public abstract string Id { get; }

    /// <summary>What is asked; results are counted by kind.</summary>
    public abstract string Kind { get; }

    /// <summary>The user's text, without the placeholder of what is shown.</summary>
    public abstract string Question { get; }

    /// <summary>What is right, as reports show it.</summary>
    public abstract string Answer { get; }

    /// <summary>The whole prompt where no chat template can spell it; null: the model's template does.</summary>
    public virtual string? Spelled => null;

    /// <summary>Whether a decoded answer is right.</summary>
    public abstract bool IsRight(string decoded);

    /// <summary>All of the sample that an answer depends on, in a set.</summary>
    public abstract string Key(TestSetName set);

    /// <summary>What the sample's picture or video becomes in a model's prompt.</summary>
    /// <exception cref="IOException">A file is missing or broken; the message names it.</exception>
    public abstract VisualShape Shape(VisualSizes sizes, TestSetName set);

    /// <summary>The picture, or the video's frames.</summary>
    /// <inheritdoc cref="Shape" path="/exception"/>
    public abstract IReadOnlyList<RgbImage> Read(TestSetName set, CancellationToken cancel);
}

/// <summary>A question of the lab: its clip is drawn when it is asked.</summary>
/// <param name="sample">The lab's sample.</param>
internal sealed class LabTestSample(LabSample sample) : TestSample
{
    private const int Side = LabWorld.Canvas;

    /// <summary>The lab's sample, for those who look into its scene.</summary>
    public LabSample Lab => sample;

    public override string Id => sample.Id;

    public override string Kind => sample.Kind;

    public override string Question => sample.Question;

    public override string Answer => sample.Answer;

    // What is told before something is shown has no place in a message.
    public override string? Spelled => sample.Before.Length > 0 ? sample.Prompt : null;

    public override bool IsRight(string decoded) => sample.IsRight(decoded);

    public override string Key(TestSetName set) => string.Create(CultureInfo.InvariantCulture,
        $"{sample.Id} {set.Source} {set.Style} {sample.Clip.SceneHash:x16} {string.Join(',', sample.FrameIndices)} "
            + $"{sample.Before}|{sample.Question}");

    public override VisualShape Shape(VisualSizes sizes, TestSetName set) => set.IsPicture
        ? sizes.Picture(() => (Side, Side)) : sizes.Video(sample.FrameIndices.Length, () => (Side, Side));

    public override IReadOnlyList<RgbImage> Read(TestSetName set, CancellationToken cancel)
    {
        byte[] frames = sample.Frames();
        const int One = Side * Side * 3;
        return [.. Enumerable.Range(0, frames.Length / One).Select(i =>
            new RgbImage(Side, Side, frames[(i * One)..((i + 1) * One)]))];
    }
}

/// <summary>A question of a file, whose picture or video is read when it is asked.</summary>
/// <param name="question">The file's question.</param>
internal sealed class FileTestSample(FileQuestion question) : TestSample
{
    private string? _hash;

    public override string Id => question.Id;

    public override string Kind => question.Kind;

    public override string Question => question.Text;

    public override string Answer => question.Options.Count > 0 ? question.Answers[0] : string.Join(" or ", question.Answers);

    public override bool IsRight(string decoded) => question.IsRight(decoded);

    // The content of what is shown, not its name: a file that is exchanged is another sample.
    public override string Key(TestSetName set) => string.Create(CultureInfo.InvariantCulture,
        $"{question.Id} {set.Source} {set.Frames} {_hash ??= Named(() => VisualFiles.Sha256(question.Path))} {question.Text}");

    public override VisualShape Shape(VisualSizes sizes, TestSetName set)
    {
        // A video's sides are taken from a frame as it is decoded: turned, if the file says so.
        (int, int) Frame()
        {
            var frame = VisualFiles.Frames(question.Path, 1, CancellationToken.None)[0];
            return (frame.Height, frame.Width);
        }

        return Named(() => question.IsVideo
            ? sizes.Video(set.Frames, Frame) : sizes.Picture(() => VisualFiles.Size(question.Path)));
    }

    public override IReadOnlyList<RgbImage> Read(TestSetName set, CancellationToken cancel) => Named(() => question.IsVideo
        ? VisualFiles.Frames(question.Path, set.Frames, cancel) : [VisualFiles.Picture(question.Path)]);

    // Which line of which file wanted it.
    private T Named<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is PictureException or VideoException or ArgumentException)
        {
            throw new DefinitionException($"{question.Place}: {e.Message}");
        }
    }
}
