namespace Aim.Datasets;

/// <summary>One test question: a clip, the frames that the model sees of it, a question and its one-word answer.</summary>
/// <param name="Id">Names the sample in records: split, index, kind.</param>
/// <param name="Kind">One of <see cref="LabKinds.Clip"/>.</param>
/// <param name="Clip">The clip; it does not depend on the number of frames.</param>
/// <param name="FrameIndices">The sampled frames.</param>
/// <param name="Question">The user's text, without the video placeholder.</param>
/// <param name="Answer">One word.</param>
/// <param name="Choices">The possible answers where the question names them, else empty.</param>
public sealed record LabSample(string Id, string Kind, LabClip Clip, int[] FrameIndices, string Question, string Answer,
    IReadOnlyList<string> Choices)
{
    /// <summary>The sampled frames, RGB: <c>[frames, 96, 96, 3]</c>.</summary>
    public byte[] Frames() => Clip.Frames(FrameIndices);

    /// <summary>Whether a decoded answer is right: case and surrounding space do not count.</summary>
    public bool IsRight(string decoded) => decoded.Trim().Equals(Answer, StringComparison.OrdinalIgnoreCase);
}

/// <summary>The lab's validation and test sets: one question a clip, each a pure function of (split, index, kinds).</summary>
public static class LabData
{
    /// <summary>The fewest sampled frames at which every question can be answered.</summary>
    public const int MinFrames = 8;

    /// <summary>
    /// The first <paramref name="count"/> samples of a split. Kinds go round, so every prefix is balanced to within one question a
    /// kind; so are yes and no, and the letters, within a kind. More frames of the same index show the same clip more finely.
    /// </summary>
    /// <param name="split">Which split.</param>
    /// <param name="count">How many samples.</param>
    /// <param name="frames">Sampled frames, 8 to 64.</param>
    /// <param name="kinds">The kinds to go round; <see cref="LabKinds.Test"/> when null.</param>
    /// <param name="style">The drawing style: the one trained on, or the other for a shift test.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count below 0, or frames outside 8 to 64.</exception>
    /// <exception cref="ArgumentException">An unknown kind.</exception>
    public static IReadOnlyList<LabSample> Test(LabSplit split, int count, int frames, IReadOnlyList<string>? kinds = null,
        LabStyle style = LabStyle.Noto)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfLessThan(frames, MinFrames);
        kinds ??= LabKinds.Test;
        var samples = new LabSample[count];
        for (int i = 0; i < count; i++)
            samples[i] = Sample(split, i, kinds[i % kinds.Count], i / kinds.Count, frames, style);
        return samples;
    }

    private static LabSample Sample(LabSplit split, int index, string kind, int turn, int frames, LabStyle style)
    {
        var random = new LabRandom((ulong)LabStream.Purpose.Questions, (ulong)split, (ulong)index);
        var clip = LabClip.Video(random, split, MinFrames, style);
        var question = LabKinds.Ask(clip, kind, random, turn);
        string id = $"{split.ToString().ToLowerInvariant()}-{index:D5}-{kind}";
        return new LabSample(id, kind, clip, clip.Sample(frames), question.Question, question.Answer, question.Choices);
    }
}
