namespace Aim.Datasets;

/// <summary>How often each thing occurs in the training of lab-single and lab-single-b.</summary>
public sealed record LabSingleShares
{
    /// <summary>Stage 2: batches of questions about a picture.</summary>
    public double Questions { get; init; } = 0.5;

    /// <summary>Stage 2: batches of lessons in text.</summary>
    public double Pairs { get; init; } = 0.12;

    /// <summary>Stage 2: batches of lessons in words, then a picture, then its label.</summary>
    public double Rules { get; init; } = 0.3;

    /// <summary>Stage 2: batches of pictures of one thing and its name.</summary>
    public double Naming { get; init; } = 0.08;

    /// <summary>
    /// Of the rules: those in ChatML, with the question `what is the code?`; the others are lessons (<see cref="LabLesson"/>).
    /// </summary>
    public double RulesInChat { get; init; } = 0.3;

    /// <summary>
    /// What text and questions are made of. Pictures of one thing come by <see cref="Rules"/> and <see cref="Naming"/>.
    /// </summary>
    public LabShares Common { get; init; } = new() { Pairs = 0.3, PictureTurns = [0.7, 0, 0.15, 0.15], ImagesInBatch = 16 };
}

/// <summary>
/// The training data of lab-single and lab-single-b: single pictures and text, in-context text included (<see cref="LabLesson"/>,
/// in any wording), and never two pictures in one sequence. No reserved label or template occurs (<see cref="LabReserved"/>).
/// Stage 0 is lab-video's.
/// </summary>
/// <param name="seed">The training seed.</param>
/// <param name="shares">What occurs how often; the defaults when null.</param>
public sealed class LabSingleStream(ulong seed, LabSingleShares? shares = null) : ILabStream
{
    private const int Questions = 0, Pairs = 1, Rules = 2;

    /// <summary>What occurs how often.</summary>
    public LabSingleShares Shares { get; } = shares ?? new LabSingleShares();

    /// <inheritdoc/>
    public LabDense Dense(long step, int item, int patch = LabWorld.Patch) =>
        LabDense.Draw(LabStream.Random(LabStream.Purpose.Dense, seed, step, item), LabSplit.Train, patch);

    /// <summary>
    /// Stage 1: repeats, lessons, questions about pictures told in words, the work after the look, or categories.
    /// </summary>
    public LabDocument Text(long step, int item)
    {
        var random = LabStream.Random(LabStream.Purpose.SingleText, seed, step, item);
        var common = Shares.Common;
        return random.Weighted([common.Repeats, common.Pairs + common.Stories + common.Told + common.Categories]) == 0
            ? LabTexts.Repeats(random)
            : OfText(random);
    }

    /// <inheritdoc/>
    public LabBatch Plan(long step) => Plan(step, out _);

    /// <inheritdoc/>
    public LabDocument Joint(long step, int item)
    {
        Plan(step, out int kind);
        var random = LabStream.Random(LabStream.Purpose.SingleJoint, seed, step, item);
        return kind switch
        {
            Questions => LabDocuments.Picture(random, LabSplit.Train, Shares.Common, LabMedium.Image),
            Pairs => LabTexts.Lesson(random),
            Rules when random.Chance(Shares.RulesInChat) => LabDocuments.ChatRule(random, LabSplit.Train, Shares.Common),
            Rules => LabDocuments.Rule(random, LabSplit.Train),
            _ => LabDocuments.Naming(random, LabSplit.Train, Shares.Common),
        };
    }

    private LabBatch Plan(long step, out int kind)
    {
        var random = LabStream.Random(LabStream.Purpose.SinglePlan, seed, step, 0);
        kind = random.Weighted([Shares.Questions, Shares.Pairs, Shares.Rules, Shares.Naming]);
        return kind == Pairs
            ? new LabBatch(LabSource.Text, 0, Shares.Common.TextsInBatch)
            : new LabBatch(LabSource.Picture, 1, Shares.Common.ImagesInBatch, LabMedium.Image);
    }

    private LabDocument OfText(LabRandom random)
    {
        var common = Shares.Common;
        return random.Weighted([common.Pairs, common.Stories, common.Told, common.Categories]) switch
        {
            0 => LabTexts.Lesson(random),
            1 => LabTexts.Story(random, common, clips: false),
            2 => LabTexts.Told(random, common),
            _ => LabTexts.Categories(random),
        };
    }
}
