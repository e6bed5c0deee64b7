namespace Aim.Datasets;

/// <summary>One test question: a clip or picture, the frames that the model sees of it, a question and its answer.</summary>
/// <param name="Id">Names the sample in records: split, index, kind (and `picture` before them for a picture).</param>
/// <param name="Kind">One of <see cref="LabKinds.Clip"/> or of <see cref="LabKinds.Picture"/>.</param>
/// <param name="Clip">The clip; it does not depend on the number of frames.</param>
/// <param name="FrameIndices">The sampled frames.</param>
/// <param name="Question">The user's text, without the placeholder.</param>
/// <param name="Answer">One word, but for lists (`describe`, `digits`, `letters`).</param>
/// <param name="Choices">The possible answers where the question names them, else empty.</param>
public sealed record LabSample(string Id, string Kind, LabClip Clip, int[] FrameIndices, string Question, string Answer,
    IReadOnlyList<string> Choices)
{
    /// <summary>Whether it is shown as a video or as an image.</summary>
    public LabMedium Medium { get; init; } = LabMedium.Video;

    /// <summary>A rule that is told before the picture is shown; empty but for the kind `rule`.</summary>
    public string Before { get; init; } = "";

    /// <summary>The text up to the answer.</summary>
    public string Prompt => LabDocument.Prompt(Question, Medium, Before);

    /// <summary>
    /// Whether the sampled frames show what the answer is about: false where a brief event fell between them. A stranger that is
    /// asked for is nowhere to be seen, and that is always shown.
    /// </summary>
    public bool IsSampled => !LabKinds.IsBrief(Kind) || Answer == "no" || FrameIndices.Any(Clip.Brief!.VisibleAt);

    /// <summary>The sampled frames, RGB: <c>[frames, 96, 96, 3]</c>.</summary>
    public byte[] Frames() => Clip.Frames(FrameIndices);

    /// <summary>Whether a decoded answer is right: case and surrounding space do not count.</summary>
    public bool IsRight(string decoded) => decoded.Trim().Equals(Answer, StringComparison.OrdinalIgnoreCase);
}

/// <summary>
/// The lab's validation and test sets: one question a clip or picture, each a pure function of (split, index, kinds).
/// </summary>
public static class LabData
{
    /// <summary>The fewest sampled frames at which every question can be answered (but for brief events).</summary>
    public const int MinFrames = 8;

    /// <summary>The fewest and the most things of scenes that are counted.</summary>
    private const int FewestCounted = 2, MostCounted = 6;

    /// <summary>
    /// The first <paramref name="count"/> samples of a split. Kinds go round, so every prefix is balanced to within one question
    /// a kind; so are yes and no, letters, numbers, directions and categories within a kind. More frames of the same index show
    /// the same clip more finely.
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
        ArgumentOutOfRangeException.ThrowIfLessThan(frames, MinFrames);
        return Samples(split, count, frames, kinds ?? LabKinds.Test, LabKinds.Clip, style);
    }

    /// <summary>The same of single pictures, which are shown as images.</summary>
    /// <param name="split">Which split.</param>
    /// <param name="count">How many samples.</param>
    /// <param name="kinds">The kinds to go round; <see cref="LabKinds.Picture"/> when null.</param>
    /// <param name="style">The drawing style: the one trained on, or the other for a shift test.</param>
    /// <exception cref="ArgumentOutOfRangeException">A count below 0.</exception>
    /// <exception cref="ArgumentException">An unknown kind.</exception>
    public static IReadOnlyList<LabSample> Pictures(LabSplit split, int count, IReadOnlyList<string>? kinds = null,
        LabStyle style = LabStyle.Noto) => Samples(split, count, 1, kinds ?? LabKinds.Picture, LabKinds.Picture, style);

    private static LabSample[] Samples(
        LabSplit split, int count, int frames, IReadOnlyList<string> kinds, IReadOnlyList<string> known, LabStyle style)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (kinds.Count == 0)
            throw new ArgumentException("no kinds to ask");
        foreach (string kind in kinds)
            if (!known.Contains(kind))
                throw new ArgumentException($"no kind '{kind}'; the kinds are {string.Join(", ", known)}");
        var samples = new LabSample[count];
        for (int i = 0; i < count; i++)
            samples[i] = Sample(split, i, kinds[i % kinds.Count], i / kinds.Count, frames, style);
        return samples;
    }

    private static LabSample Sample(LabSplit split, int index, string kind, int turn, int frames, LabStyle style)
    {
        bool isPicture = frames == 1;
        var random = new LabRandom(
            (ulong)(isPicture ? LabStream.Purpose.Pictures : LabStream.Purpose.Questions), (ulong)split, (ulong)index);
        LabClip clip;
        LabFact fact;
        do
        {
            clip = isPicture ? Picture(random, split, kind, turn, style) : Clip(random, split, kind, turn, style);
            fact = LabKinds.Fact(clip, kind, random, turn);
        }
        while (!Balances(fact, kind, turn));
        var question = LabKinds.Ask(fact, kind, random, turn);
        string id = $"{(isPicture ? "picture-" : "")}{split.ToString().ToLowerInvariant()}-{index:D5}-{kind}";
        return new LabSample(id, kind, clip, clip.Sample(frames), question.Question, question.Answer, question.Choices)
        {
            Medium = isPicture ? LabMedium.Image : LabMedium.Video,
            Before = question.Before,
        };
    }

    private static LabClip Clip(LabRandom random, LabSplit split, string kind, int turn, LabStyle style) =>
        LabKinds.SceneOf(kind) switch
        {
            LabScene.Glimpse => LabClip.Glimpse(random, split, style),
            LabScene.Moving => LabClip.Moving(random, split, MinFrames, style),
            LabScene.Digits => LabClip.Lettered(random, split, digits: true, MinFrames, style),
            LabScene.Letters => LabClip.Lettered(random, split, digits: false, MinFrames, style),
            _ => LabClip.Video(random, split, MinFrames, style, Things(random, kind, turn)),
        };

    private static LabClip Picture(LabRandom random, LabSplit split, string kind, int turn, LabStyle style) =>
        LabKinds.SceneOf(kind) switch
        {
            LabScene.Digits => LabClip.LetteredPicture(random, split, digits: true, random.Between(0, 4), style),
            LabScene.Letters => LabClip.LetteredPicture(random, split, digits: false, random.Between(0, 4), style),
            LabScene.Single => LabClip.Picture(random, split, 1, style),
            _ => LabClip.Picture(random, split, Things(random, kind, turn) ?? random.Between(2, 6), style),
        };

    /// <summary>How many things a kind wants to see; null where it does not matter.</summary>
    private static int? Things(LabRandom random, string kind, int turn) => LabKinds.Split(kind).Fact switch
    {
        "count" => FewestCounted + turn % (MostCounted - FewestCounted + 1),
        "describe" => random.Between(2, 4),
        _ => null,
    };

    /// <summary>
    /// Answers that the scene decides go round too: directions, places, and what the object of a two-hop question is.
    /// </summary>
    private static bool Balances(LabFact fact, string kind, int turn)
    {
        var (form, name) = LabKinds.Split(kind);
        // The letter goes round with the turn; where it is right must not follow from it, so the answer takes the next step only
        // then.
        int round = form == LabForm.Choice ? turn / LabWorld.Letters.Count : turn;
        return (form, name) switch
        {
            (LabForm.Hop, _) => LabWorld.CategoryOf(fact.Answer) == LabWorld.Categories[round % LabWorld.Categories.Count],
            (_, "motion") => fact.Answer == LabWorld.Directions[round % LabWorld.Directions.Count],
            (_, "where") => fact.Answer == LabWorld.Places[round % LabWorld.Places.Count],
            _ => true,
        };
    }
}
