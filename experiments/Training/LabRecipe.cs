using Aim.Datasets;

namespace Aim.Experiments.Training;

/// <summary>Optimiser settings of one stage: AdamW, linear warm-up, then cosine to a share of the peak.</summary>
/// <param name="Steps">Optimiser steps of the stage.</param>
/// <param name="LearningRate">Peak, reached after the warm-up.</param>
/// <param name="WarmUp">Steps of linear warm-up.</param>
/// <param name="FinalShare">Learning rate at the last step as a share of the peak.</param>
/// <param name="Beta1">Decay of the first moment.</param>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="WeightDecay">Decoupled decay.</param>
/// <param name="ClipNorm">Global gradient norm is clipped to this.</param>
public sealed record StageRecipe(
    int Steps,
    double LearningRate,
    int WarmUp = 200,
    double FinalShare = 0.02,
    double Beta1 = 0.9,
    double Beta2 = 0.98,
    double WeightDecay = 0.05,
    double ClipNorm = 1.0)
{
    /// <summary>Learning rate of a step (0-based).</summary>
    public double RateAt(int step)
    {
        if (step < WarmUp)
        {
            return LearningRate * (step + 1) / WarmUp;
        }

        var progress = Math.Min(1.0, (step - WarmUp) / (double)Math.Max(1, Steps - WarmUp));
        return LearningRate * (FinalShare + ((1 - FinalShare) * 0.5 * (1 + Math.Cos(Math.PI * progress))));
    }
}

/// <summary>
/// The committed definition of a training: stages with fixed step counts, so that the result depends on the seed and never on the
/// speed of a machine. A stage of no steps is left out.
/// </summary>
public sealed record LabRecipe
{
    /// <summary>The recipe's name: the model's, with its length where that is not the full one.</summary>
    public required string Name { get; init; }

    /// <summary>The model it trains.</summary>
    public required LabModelKind Model { get; init; }

    /// <summary>How many stages a training has.</summary>
    public const int Stages = 5;

    /// <summary>Steps of the stages in order.</summary>
    public int[] Steps => [Tower.Steps, Text.Steps, Align.Steps, Joint.Steps, Practice.Steps];

    /// <summary>Name and steps.</summary>
    public string Identity => $"{Name} ({string.Join(',', Steps)} steps)";

    /// <summary>Stage 0: the tower alone, per-patch classes.</summary>
    public required StageRecipe Tower { get; init; }

    /// <summary>Stage 1: the language model alone, on text.</summary>
    public required StageRecipe Text { get; init; }

    /// <summary>Between stages 1 and 2: the projector alone, towards the words' embeddings.</summary>
    public required StageRecipe Align { get; init; }

    /// <summary>Stage 2: projector, language model and newline on pictures, clips and text; the tower is frozen.</summary>
    public required StageRecipe Joint { get; init; }

    /// <summary>
    /// After stage 2, the same weights on long clips alone: of 32 frames, stage 2 can afford few. Its rates rise and fall anew.
    /// </summary>
    public StageRecipe Practice { get; init; } = new(0, 0);

    /// <summary>Pictures of a stage 0 step.</summary>
    public int TowerBatch { get; init; } = 32;

    /// <summary>Loss weight of background patches in stage 0.</summary>
    public double BackgroundWeight { get; init; } = 0.1;

    /// <summary>
    /// How much of a thing's place is taught beside what it is: the weight of stage 0's second head, and the share of the place's
    /// word in the alignment. A clip's frames are as long as it has frames, so that a token's place in a sequence does not tell
    /// its place in the frame.
    /// </summary>
    public double SpotShare { get; init; }

    /// <summary>
    /// First steps of stage 1 that hold repeated random sequences and pairs only: copying must form before stories can be read.
    /// </summary>
    public int CopySteps { get; init; } = 500;

    /// <summary>Documents of those steps.</summary>
    public int CopyBatch { get; init; } = 16;

    /// <summary>
    /// Steps of stage 1 whose questions are mostly bare, and whose code books and letters have the answer told: each half must
    /// form before the two can be put together. (Asked together from the start, books stay at chance: what pays at first is to
    /// guess any of its codes.)
    /// </summary>
    public int PartSteps { get; init; } = 2000;

    /// <summary>What the text of stage 1 is made of then.</summary>
    public LabShares Texts { get; init; } = new()
    {
        Repeats = 0.02,
        Pairs = 0.12,
        Stories = 0.59,
        Told = 0.22,
        Categories = 0.05,
        Turns = 8,
        TextsInBatch = 10,
        BriefAlone = true,
    };

    /// <summary>
    /// What stage 2 holds at first: what questions ask forms on short clips at a fraction of the cost of long ones.
    /// </summary>
    public LabShares ShortClips { get; init; } = Joined with
    {
        Frames = [(4, 0.3), (8, 0.5), (16, 0.2)],
        Direct = 0.55,
        Choice = 0.35,
        Code = 0.05,
        Hop = 0.05,
    };

    /// <summary>What it holds then.</summary>
    public LabShares LongClips { get; init; } = Joined with
    {
        Frames = [(8, 0.3), (16, 0.35), (32, 0.35)],
        Direct = 0.35,
        Choice = 0.3,
        Code = 0.2,
        Hop = 0.15,
    };

    /// <summary>What the practice holds.</summary>
    public LabShares PracticeClips { get; init; } = Joined with
    {
        Frames = [(8, 0.2), (16, 0.35), (32, 0.45)],
        FramesInBatch = 64,
        Texts = 0.1,
        Pictures = 0.2,
        Clips = 0.7,
        ClipTurns = [0.52, 0.1, 0.12, 0.12, 0.09, 0.05],
        Direct = 0.4,
        Choice = 0.32,
        Code = 0.16,
        Hop = 0.12,
    };

    /// <summary>Share of stage 2 that the short clips take.</summary>
    public double ShortShare { get; init; } = 0.65;

    private static LabShares Joined => new()
    {
        Texts = 0.15,
        Pictures = 0.25,
        Clips = 0.6,
        Turns = 8,
        TextsInBatch = 8,
        FramesInBatch = 40,
        PicturesInBatch = 16,
        ImagesInBatch = 6,
        BriefAlone = true,
        ClipTurns = [0.36, 0.22, 0.1, 0.14, 0.11, 0.07],
        PictureTurns = [0.52, 0.16, 0.12, 0.2],
    };

    /// <summary>lab-video's training: 90 minutes of two cores with a measured peak of 400 GFLOP/s.</summary>
    public static LabRecipe Video { get; } = new()
    {
        Name = "video",
        Model = LabModelKind.Video,
        SpotShare = 0.5,
        Tower = new StageRecipe(800, 3e-3),
        Text = new StageRecipe(4500, 5e-3, FinalShare: 0.2),
        Align = new StageRecipe(300, 2e-3, WarmUp: 50, WeightDecay: 0),
        Joint = new StageRecipe(9000, 4e-3),
        Practice = new StageRecipe(4300, 2e-3),
    };

    /// <summary>lab-single's training.</summary>
    public static LabRecipe Single { get; } = Video with
    {
        Name = "single",
        Model = LabModelKind.Single,
        Texts = SingleTexts,
        ShortClips = SingleJoined,
        LongClips = SingleJoined,
        Joint = new StageRecipe(7000, 4e-3),
        Practice = new StageRecipe(0, 0),
    };

    /// <summary>
    /// lab-single-b's: the same data. Its decoder without biases forms copying later (51 % of pairs after 500 steps, where
    /// lab-single has 97 %; what follows did not form then), so it has more steps for it.
    /// </summary>
    public static LabRecipe SingleB { get; } = Single with
    {
        Name = "single-b",
        Model = LabModelKind.SingleB,
        CopySteps = 1000,
        PartSteps = 3000,
        Text = Single.Text with { Steps = 5500 },
    };

    /// <summary>lab-multi goes on from lab-single: a third of its time, on documents of several pictures.</summary>
    public static LabRecipe Multi { get; } = Single with
    {
        Name = "multi",
        Model = LabModelKind.Multi,
        Tower = Single.Tower with { Steps = 0 },
        Text = Single.Text with { Steps = 0 },
        Align = Single.Align with { Steps = 0 },
        Joint = new StageRecipe(2500, 2e-3),
    };

    private static LabShares SingleTexts => new()
    {
        Repeats = 0.02,
        Pairs = 0.27,
        Stories = 0.44,
        Told = 0.22,
        Categories = 0.05,
        Turns = 8,
        TextsInBatch = 10,
        PictureTurns = [0.7, 0, 0.15, 0.15],
    };

    private static LabShares SingleJoined => SingleTexts with { Pairs = 0.3, PicturesInBatch = 10 };

    /// <summary>A quarter of an hour: the whole path, little learned to the end.</summary>
    public LabRecipe Quick => this with
    {
        Name = Name + "-quick",
        Tower = Tower with { Steps = Tower.Steps / 5 },
        Text = Text with { Steps = Text.Steps / 5 },
        CopySteps = CopySteps / 2,
        PartSteps = PartSteps / 5,
        Align = Align with { Steps = Align.Steps / 2 },
        Joint = Joint with { Steps = Joint.Steps / 9 },
        Practice = Practice with { Steps = 0 },
    };

    /// <summary>Seconds, for tests.</summary>
    public LabRecipe Tiny => this with
    {
        Name = Name + "-tiny",
        Tower = new StageRecipe(3, 2e-3, WarmUp: 2),
        Text = new StageRecipe(3, 1e-3, WarmUp: 2),
        Align = new StageRecipe(2, 2e-3, WarmUp: 1, WeightDecay: 0),
        Joint = new StageRecipe(4, 1e-3, WarmUp: 2),
        Practice = Practice with { Steps = Math.Min(2, Practice.Steps), WarmUp = 1 },
        TowerBatch = 2,
        CopySteps = 1,
        PartSteps = 2,
        CopyBatch = 2,
        Texts = Small(Texts),
        ShortClips = Small(ShortClips),
        LongClips = Small(LongClips),
        PracticeClips = Small(PracticeClips),
    };

    /// <summary>The recipe of a model at a length.</summary>
    /// <exception cref="ArgumentException">No such model or length, or the step counts do not fit.</exception>
    public static LabRecipe Named(string model, string length, IReadOnlyList<int>? stageSteps = null)
    {
        var kind = LabModelKinds.Parse(model);
        var full = kind switch
        {
            LabModelKind.Video => Video,
            LabModelKind.Multi => Multi,
            LabModelKind.SingleB => SingleB,
            _ => Single,
        };
        var recipe = length switch
        {
            "full" => full,
            "quick" => full.Quick,
            "tiny" => full.Tiny,
            _ => throw new ArgumentException($"a training is full, quick or tiny, not {length}"),
        };
        if (stageSteps is null)
        {
            return recipe;
        }

        if (stageSteps.Count != 5 || stageSteps.Any(s => s < 0))
        {
            throw new ArgumentException($"--steps {string.Join(',', stageSteps)}: five counts are needed "
                + "(tower,text,align,joint,practice), 0 leaves a stage out");
        }

        return recipe with
        {
            Tower = recipe.Tower with { Steps = stageSteps[0] },
            Text = recipe.Text with { Steps = stageSteps[1] },
            Align = recipe.Align with { Steps = stageSteps[2] },
            Joint = recipe.Joint with { Steps = stageSteps[3] },
            Practice = recipe.Practice with { Steps = stageSteps[4] },
        };
    }

    private static LabShares Small(LabShares shares) =>
        shares with { FramesInBatch = 8, PicturesInBatch = 2, ImagesInBatch = 1, TextsInBatch = 2 };
}
