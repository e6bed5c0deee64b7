namespace Aim.Experiments.Training;

/// <summary>What `aim lab train` may be told. Everything else is in the committed recipe (<see cref="LabRecipe"/>).</summary>
public sealed record LabTrainingOptions
{
    /// <summary>The lab model to train: `video`, `single`, `single-b` or `multi`.</summary>
    public string Model { get; init; } = "video";

    /// <summary>
    /// The training's length: `full`, `quick` (a quarter of an hour, to try the path) or `tiny` (seconds, for tests).
    /// </summary>
    public string Length { get; init; } = "full";

    /// <summary>The checkpoint that `multi` goes on from.</summary>
    public string From { get; init; } = Path.Combine("datasets", "lab", "models", "lab-single");

    /// <summary>
    /// Directory that receives `state.safetensors` (training state) and `model/` (Hugging Face checkpoint and card).
    /// </summary>
    public string Output { get; init; } = OutputOf("video");

    /// <summary>Seed of weights and data: same seed and same instruction set give the same weights at any thread count.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads of the tensor engine; null leaves its default.</summary>
    public int? Threads { get; init; }

    /// <summary>Steps of the stages in order (tower, text, align, joint), in place of the preset's.</summary>
    public IReadOnlyList<int>? StageSteps { get; init; }

    /// <summary>Start anew, although the output directory holds a valid state.</summary>
    public bool Fresh { get; init; }

    /// <summary>Time between two checkpoints of the training state. Has no influence on the result.</summary>
    public TimeSpan CheckpointEvery { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Ends the process's work after so many steps in all (state saved): to stop on purpose and resume later.</summary>
    public int? StopAfter { get; init; }

    /// <summary>Where a model's training goes unless told otherwise.</summary>
    public static string OutputOf(string model) => Path.Combine("artifacts", "lab-" + model);
}

/// <summary>What `aim lab evaluate` may be told.</summary>
public sealed record LabEvaluationOptions
{
    /// <summary>Checkpoint directory; `evaluation.json` and the card's tables are written into it.</summary>
    public required string Model { get; init; }

    /// <summary>`test` or `validation`.</summary>
    public string Split { get; init; } = "test";

    /// <summary>Test samples of each kind.</summary>
    public int SamplesPerKind { get; init; } = 300;

    /// <summary>Samples of each kind for the horizon (vision removed before layer l).</summary>
    public int HorizonSamplesPerKind { get; init; } = 100;

    /// <summary>Frames sampled from each clip.</summary>
    public int Frames { get; init; } = 32;

    public int? Threads { get; init; }
}

/// <summary>What `aim lab show` may be told.</summary>
public sealed record LabShowOptions
{
    /// <summary>The PNG to write.</summary>
    public string Output { get; init; } = Path.Combine("artifacts", "lab-sheet.png");

    public string Split { get; init; } = "train";

    public int Samples { get; init; } = 12;

    public int Frames { get; init; } = 8;

    public ulong Seed { get; init; } = 1;

    /// <summary>
    /// Kinds of questions to go round; empty for the default ones. Not for the training split, whose documents mix kinds.
    /// </summary>
    public IReadOnlyList<string> Kinds { get; init; } = [];

    /// <summary>Single pictures in place of clips (validation and test).</summary>
    public bool Pictures { get; init; }

    /// <summary>`noto`, the style trained on, or `twemoji`, the shifted one.</summary>
    public string Style { get; init; } = "noto";

    /// <summary>Whose training data the training split shows: `video`, `single` or `multi`.</summary>
    public string Model { get; init; } = "video";
}
