using System.Diagnostics;

namespace Aim.Experiments.Training;

/// <summary>
/// Runs a stage's steps: batch from the background thread, forward, backward, clipped AdamW step, progress line,
/// and a checkpoint of the state every so often. Nothing here depends on time except when lines and states are written.
/// </summary>
internal sealed class StageRunner(TrainingSession session)
{
    /// <summary>Runs from <paramref name="progress"/>'s step to the stage's end. False if stopped before it.</summary>
    public bool Run<T>(TrainingStage<T> stage, int index, ref TrainingProgress progress)
    {
        var recipe = stage.Recipe;
        using var optimizer = new StageOptimizer(stage.Parameters, recipe);
        var stateWeights = session.StateWeights(stage.Parameters);
        var first = progress.Step;
        if (session.RestoreFrom is { } state)
        {
            TrainingState.Restore(state, stateWeights, optimizer, first);
            session.RestoreFrom = null;
        }

        var meter = new ProgressMeter(session.Log, stage.Name, first, recipe.Steps);
        var clock = Stopwatch.StartNew();
        var lastSave = TimeSpan.Zero;
        var secondsBefore = progress.Seconds[index];
        using var batches = new Prefetcher<T>(stage.Prepare, first, recipe.Steps - first);
        for (var step = first; step < recipe.Steps; step++)
        {
            var batch = batches.Take();
            meter.Start();
            using (torch.NewDisposeScope())
            {
                var loss = stage.Loss(batch, meter.Tally, out var samples);
                meter.Lap(Phase.Forward);
                meter.AddLoss(loss.item<float>(), samples, step);
                loss.backward();
                meter.Lap(Phase.Backward);
                optimizer.Step(recipe.RateAt(step));
                meter.Lap(Phase.Optimizer);
            }

            if (meter.PointDue(step) is { } point)
            {
                progress.Curve.Add(point);
                meter.Print(point, clock.Elapsed, batches.Busy);
            }

            progress = progress with { Step = step + 1 };
            progress.Seconds[index] = secondsBefore + clock.Elapsed.TotalSeconds;
            progress.DataShare[index] = batches.Busy / clock.Elapsed;
            var stop = session.StopNow();
            if (stop || clock.Elapsed - lastSave > session.CheckpointEvery)
            {
                TrainingState.Save(session.StatePath, progress, stateWeights, optimizer);
                lastSave = clock.Elapsed;
            }

            if (stop)
            {
                return false;
            }
        }

        return true;
    }
}
