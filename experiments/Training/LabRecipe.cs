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
/// The committed definition of a training: four stages with fixed step counts, so that the result depends on the
/// seed and never on the speed of a machine.
/// </summary>
public sealed record LabRecipe
{
    public required string Name { get; init; }

    /// <summary>Steps of the stages in order.</summary>
    public int[] Steps => [Tower.Steps, Text.Steps, Align.Steps, Joint.Steps];

    /// <summary>Name and steps.</summary>
    public string Identity => $"{Name} ({string.Join(',', Steps)} steps)";

    /// <summary>Stage 0: the tower alone, per-patch classes.</summary>
    public required StageRecipe Tower { get; init; }

    /// <summary>Stage 1: the language model alone, on text.</summary>
    public required StageRecipe Text { get; init; }

    /// <summary>Between stages 1 and 2: the projector alone, towards the words' embeddings.</summary>
    public StageRecipe Align { get; init; } = new(300, 2e-3, WarmUp: 50, WeightDecay: 0);

    /// <summary>Stage 2: projector, language model and image_newline on pictures, clips and text; the tower is frozen.</summary>
    public required StageRecipe Joint { get; init; }

    /// <summary>Pictures of a stage 0 step.</summary>
    public int TowerBatch { get; init; } = 32;

    /// <summary>Loss weight of background patches in stage 0.</summary>
    public double BackgroundWeight { get; init; } = 0.1;

    /// <summary>First steps of stage 1 that hold repeated random sequences and pairs only: copying must form before stories can be read.</summary>
    public int CopySteps { get; init; } = 600;

    /// <summary>Documents of a text step.</summary>
    public int TextBatch { get; init; } = 16;

    /// <summary>Frames of a stage 2 step of clips.</summary>
    public int FramesPerStep { get; init; } = 48;

    /// <summary>
    /// Share of stage 2 with short clips (mostly 8 frames) and direct questions: what they ask forms there at a fraction of the cost, and
    /// letters and code books are noise as long as it has not. The rest of the stage has long clips (mostly 16 and 32) and all forms.
    /// </summary>
    public double ShortClips { get; init; } = 0.7;

    /// <summary>Pictures of a stage 2 step of pictures.</summary>
    public int PicturesPerStep { get; init; } = 24;

    /// <summary>About an hour of two cores with a measured peak of some 400 GFLOP/s.</summary>
    public static LabRecipe Hour { get; } = new()
    {
        Name = "hour",
        Tower = new StageRecipe(1000, 2e-3),
        Text = new StageRecipe(1800, double.Parse(Environment.GetEnvironmentVariable("LR") ?? "2e-3", System.Globalization.CultureInfo.InvariantCulture)),
        Joint = new StageRecipe(4800, 1.5e-3),
    };

    /// <summary>A few minutes: the whole path, nothing learned to the end.</summary>
    public static LabRecipe Quick { get; } = new()
    {
        Name = "quick",
        Tower = new StageRecipe(200, 2e-3, WarmUp: 50),
        Text = new StageRecipe(200, 1.5e-3, WarmUp: 50),
        Joint = new StageRecipe(200, 1e-3, WarmUp: 50),
    };

    /// <summary>Seconds, for tests.</summary>
    public static LabRecipe Tiny { get; } = new()
    {
        Name = "tiny",
        Align = new StageRecipe(2, 2e-3, WarmUp: 1, WeightDecay: 0),
        Tower = new StageRecipe(3, 2e-3, WarmUp: 2),
        Text = new StageRecipe(3, 1e-3, WarmUp: 2),
        Joint = new StageRecipe(4, 1e-3, WarmUp: 2),
        TowerBatch = 2,
        TextBatch = 2,
        FramesPerStep = 8,
        PicturesPerStep = 2,
    };

    /// <exception cref="ArgumentException">No such preset, or the step counts do not fit.</exception>
    public static LabRecipe Named(string name, IReadOnlyList<int>? stageSteps = null)
    {
        var recipe = new[] { Hour, Quick, Tiny }.FirstOrDefault(r => r.Name == name)
            ?? throw new ArgumentException($"--preset {name}: unknown; use hour, quick or tiny");
        if (stageSteps is null)
        {
            return recipe;
        }

        if (stageSteps.Count != 4 || stageSteps.Any(s => s < 1))
        {
            throw new ArgumentException($"--stage-steps {string.Join(',', stageSteps)}: four positive counts are needed (tower,text,align,joint)");
        }

        return recipe with
        {
            Tower = recipe.Tower with { Steps = stageSteps[0] },
            Text = recipe.Text with { Steps = stageSteps[1] },
            Align = recipe.Align with { Steps = stageSteps[2] },
            Joint = recipe.Joint with { Steps = stageSteps[3] },
        };
    }
}
