using System.Globalization;
using Aim.Datasets;
using Aim.Models;

namespace Aim.Experiments.Training;

/// <summary>
/// `aim lab train`: the lab model from scratch in stages (tower on dense labels, language model on text, projector
/// towards words, all joined on pictures and clips), resumable at any step with the same result as without.
/// </summary>
public static class LabTraining
{
    private const int HeldOutBatches = 8;

    /// <summary>
    /// Trains, or goes on with the newest valid state in the output directory, and writes `model/`. Returns the exit code.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// An option is out of range, or the state found belongs to another recipe or seed.
    /// </exception>
    public static int Run(LabTrainingOptions options, TextWriter log, CancellationToken cancel = default)
    {
        if (options.Threads is { } threads)
        {
            torch.set_num_threads(threads);
        }

        var recipe = LabRecipe.Named(options.Model, options.Length, options.StageSteps);
        Directory.CreateDirectory(options.Output);
        var directory = Path.Combine(options.Output, "model");
        using var model = Start(options, recipe, directory);
        var data = new TrainingData(options.Seed, recipe, model.Tokenizer, model.Model.Config.Vision.PatchSize);
        var session = new TrainingSession(options, model, log, cancel);
        var progress = Begin(options, recipe, session);
        log.WriteLine($"lab-{options.Model}: {model.Weights.ParameterCount:N0} parameters, recipe {recipe.Identity}, seed "
            + $"{options.Seed}, "
            + $"{torch.get_num_threads()} threads, {Machine.Isa}");

        var runner = new StageRunner(session);
        while (progress.Stage < recipe.Steps.Length)
        {
            var done = recipe.Steps[progress.Stage] == 0 || progress.Stage switch
            {
                0 => RunTower(runner, session, model, recipe, data, options.Seed, ref progress),
                1 => RunText(runner, session, model, recipe, data, ref progress),
                2 => runner.Run(new AlignStage(model, recipe, data), 2, ref progress),
                3 => runner.Run(new JointStage(model, "joint", recipe.Joint, data.Joint), 3, ref progress),
                _ => runner.Run(new JointStage(model, "practice", recipe.Practice, data.Practice), 4, ref progress),
            };
            if (!done)
            {
                log.WriteLine($"stopped; the same command goes on from {session.StatePath}");
                return 0;
            }

            progress = progress with { Stage = progress.Stage + 1, Step = 0 };
            TrainingState.Save(session.StatePath, progress, session.StateWeights([]), optimizer: null);
        }

        model.Model.Save(directory, ScalarType.BFloat16);
        LabCheckpoint.Write(directory, recipe.Model);
        ModelCard.SaveTraining(directory, TrainingSummary.Of(options, recipe, progress));
        log.WriteLine($"checkpoint: {directory}; next: aim lab evaluate --model {directory}");
        return 0;
    }

    /// <summary>A new model, or the finished one that a training goes on from.</summary>
    private static LabHost Start(LabTrainingOptions options, LabRecipe recipe, string directory)
    {
        if (recipe.Model != LabModelKind.Multi)
        {
            return LabModel.Create(directory, recipe.Model, options.Seed);
        }

        LabCheckpoint.Write(directory, recipe.Model);
        return LabHost.Load(options.From, trainable: true);
    }

    private static TrainingProgress Begin(LabTrainingOptions options, LabRecipe recipe, TrainingSession session)
    {
        var fresh = new TrainingProgress { Recipe = recipe.Name, Seed = options.Seed, Steps = recipe.Steps };
        if (options.Fresh || TrainingState.TryReadProgress(session.StatePath) is not { } found)
        {
            return fresh;
        }

        var begun = Math.Min(recipe.Steps.Length, found.Stage + (found.Step > 0 ? 1 : 0));
        if (found.Recipe != fresh.Recipe || found.Seed != fresh.Seed
            || !found.Steps.Take(begun).SequenceEqual(fresh.Steps.Take(begun)))
        {
            throw new ArgumentException(
                $"{session.StatePath}: holds a training of recipe {found.Recipe} ({string.Join(',', found.Steps)} steps), seed "
                    + $"{found.Seed}, "
                + $"not {recipe.Identity}, seed {fresh.Seed}; give another --output, or --fresh to start anew");
        }

        // A state from before a stage was added has no time of it.
        found = found with { Steps = fresh.Steps, Seconds = Whole(found.Seconds), DataShare = Whole(found.DataShare) };
        session.Log.WriteLine($"going on from stage {found.Stage}, step {found.Step} ({session.StatePath})");
        session.RestoreFrom = session.StatePath;
        if (found.Stage == recipe.Steps.Length)
        {
            TrainingState.Restore(session.StatePath, session.StateWeights([]), optimizer: null, 0);
        }

        return found;
    }

    private static double[] Whole(double[] byStage) =>
        [.. byStage, .. new double[Math.Max(0, LabRecipe.Stages - byStage.Length)]];

    private static bool RunTower(
        StageRunner runner,
        TrainingSession session,
        LabHost model,
        LabRecipe recipe,
        TrainingData data,
        ulong seed,
        ref TrainingProgress progress)
    {
        using var stage = new TowerStage(model, recipe, data, seed);
        if (!runner.Run(stage, 0, ref progress))
        {
            return false;
        }

        var tally = HeldOut(stage, step => data.HeldOutDense(step, recipe.TowerBatch));
        Record(session, progress, stage.Name, tally);
        using var scope = torch.NewDisposeScope();
        var pictures = Math.Min(64, recipe.TowerBatch * 2);
        var sample = data.Dense(0, pictures);
        TowerScale.Fold(model, () => model.Features(sample.Rgb, pictures));
        return true;
    }

    private static bool RunText(
        StageRunner runner, TrainingSession session, LabHost model, LabRecipe recipe, TrainingData data,
            ref TrainingProgress progress)
    {
        var stage = new TextStage(model, recipe, data);
        if (!runner.Run(stage, 1, ref progress))
        {
            return false;
        }

        Record(session, progress, stage.Name, HeldOut(stage, step => PackedBatch.Pack(data.HeldOutText(step), default)));
        return true;
    }

    private static Tally HeldOut<T>(TrainingStage<T> stage, Func<int, T> prepare)
    {
        var tally = new Tally();
        using var noGrad = torch.no_grad();
        for (var step = 0; step < HeldOutBatches; step++)
        {
            using var scope = torch.NewDisposeScope();
            tally.AddLoss(stage.Loss(prepare(step), tally, out _).item<float>());
        }

        return tally;
    }

    private static void Record(TrainingSession session, TrainingProgress progress, string stage, Tally tally)
    {
        progress.Measures[$"{stage} loss"] = Math.Round(tally.Loss, 4);
        foreach (var (kind, (right, seen)) in tally.ByKind)
        {
            progress.Measures[$"{stage} {kind}"] = Math.Round(right / (double)seen, 4);
        }

        session.Log.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{stage} held out: loss {tally.Loss:0.000} [{tally}]"));
    }
}
