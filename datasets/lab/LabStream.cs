namespace Aim.Datasets;

/// <summary>What a batch of stage 2 holds: every document has the same source and the same number of frames.</summary>
/// <param name="Source">Text, pictures or clips.</param>
/// <param name="Frames">Frames of each document: 0 for text, sampled frames of a clip, or how many pictures.</param>
/// <param name="Documents">How many documents.</param>
/// <param name="Medium">How it is shown.</param>
public readonly record struct LabBatch(LabSource Source, int Frames, int Documents, LabMedium Medium = LabMedium.Video);

/// <summary>
/// Endless training data by stage. Every item is a pure function of (seed, stage, step, item), so a resumed run needs only its
/// step number, and items may be drawn on any thread. Everything comes from <see cref="LabSplit.Train"/>.
/// </summary>
public interface ILabStream
{
    /// <summary>Stage 0: a picture with a class for each patch of so many pixels a side.</summary>
    LabDense Dense(long step, int item, int patch = LabWorld.Patch);

    /// <summary>Stage 1: a text document.</summary>
    LabDocument Text(long step, int item);

    /// <summary>Stage 2: what the batch of this step holds.</summary>
    LabBatch Plan(long step);

    /// <summary>Stage 2: one document of the batch that <see cref="Plan"/> announces for this step.</summary>
    LabDocument Joint(long step, int item);
}

/// <summary>
/// The training data of lab-video, by stage: dense pictures (0), text (1), pictures and clips with turns (2).
/// </summary>
/// <param name="seed">The training seed.</param>
/// <param name="shares">What occurs how often; the defaults when null.</param>
public sealed class LabStream(ulong seed, LabShares? shares = null) : ILabStream
{
    /// <summary>Keeps the random streams of different purposes apart.</summary>
    internal enum Purpose : ulong
    {
        Dense = 1,
        Text,
        Plan,
        Joint,
        Questions,
        Controls,
        Pictures,
        SingleText,
        SinglePlan,
        SingleJoint,
        MultiPlan,
        MultiJoint,
        Episodes,
        Stories,
    }

    /// <summary>What occurs how often.</summary>
    public LabShares Shares { get; } = shares ?? new LabShares();

    /// <inheritdoc/>
    public LabDense Dense(long step, int item, int patch = LabWorld.Patch) =>
        LabDense.Draw(Random(Purpose.Dense, step, item), LabSplit.Train, patch);

    /// <summary>Stage 1: a text document: repeats, pairs, a story, the work after the look, or categories.</summary>
    public LabDocument Text(long step, int item)
    {
        var random = Random(Purpose.Text, step, item);
        return random.Weighted([Shares.Repeats, Shares.Pairs, Shares.Stories, Shares.Told, Shares.Categories]) switch
        {
            0 => LabTexts.Repeats(random),
            var kind => OfText(random, kind),
        };
    }

    /// <summary>Stage 2: what the batch of this step holds.</summary>
    public LabBatch Plan(long step)
    {
        var random = Random(Purpose.Plan, step, 0);
        switch (random.Weighted([Shares.Texts, Shares.Pictures, Shares.Clips]))
        {
            case 0:
                return new LabBatch(LabSource.Text, 0, Shares.TextsInBatch);
            case 1:
                return random.Chance(Shares.Images)
                    ? new LabBatch(LabSource.Picture, 1, Shares.ImagesInBatch, LabMedium.Image)
                    : new LabBatch(LabSource.Picture, 1, Shares.PicturesInBatch, LabMedium.Video);
            default:
                int frames = Shares.Frames[random.Weighted([.. Shares.Frames.Select(f => f.Share)])].Frames;
                return new LabBatch(LabSource.Clip, frames, Math.Max(1, Shares.FramesInBatch / frames));
        }
    }

    /// <summary>Stage 2: one document of the batch that <see cref="Plan"/> announces for this step.</summary>
    public LabDocument Joint(long step, int item)
    {
        var plan = Plan(step);
        var random = Random(Purpose.Joint, step, item);
        return plan.Source switch
        {
            LabSource.Text => OfText(random, 1 + random.Weighted([Shares.Pairs, Shares.Stories, Shares.Told, Shares.Categories])),
            LabSource.Picture => LabDocuments.Picture(random, LabSplit.Train, Shares, plan.Medium),
            _ => LabDocuments.Clip(random, LabSplit.Train, Shares, plan.Frames),
        };
    }

    private LabDocument OfText(LabRandom random, int kind) => kind switch
    {
        1 => LabTexts.Pairs(random),
        2 => LabTexts.Story(random, Shares),
        3 => LabTexts.Told(random, Shares),
        _ => LabTexts.Categories(random),
    };

    private LabRandom Random(Purpose purpose, long step, int item) => Random(purpose, seed, step, item);

    /// <summary>The generator of one item.</summary>
    internal static LabRandom Random(Purpose purpose, ulong seed, long step, int item) =>
        new((ulong)purpose, (ulong)LabSplit.Train, seed, (ulong)step, (ulong)item);
}
