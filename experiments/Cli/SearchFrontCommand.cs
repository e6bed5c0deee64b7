using System.CommandLine;
using Aim.Experiments.Planning;
using Aim.Experiments.Running;
using Aim.Reduction;

namespace Aim.Experiments.Cli;

/// <summary>
/// <c>aim search-front</c>: measures AIM's settings on the validation split and stores their Pareto front with the model, from
/// which budgets are met.
/// </summary>
internal static class SearchFrontCommand
{
    public static Command Create(TextWriter output)
    {
        var model = RunOptions.Option(
            "--model", "The checkpoint directory; front.json is written into it.", Places.LabModel, "DIR");
        var retentions = RunOptions.Option("--retentions", "Shares of visual tokens that merging keeps.",
            "1,1/2,1/4,1/8,1/16,1/36", "LIST");
        var step = RunOptions.Option("--step", "Layers between one l1 or l2 that is tried and the next.", 2);
        var frames = RunOptions.Option("--frames", "Frames taken from each clip.", 32);
        var samples = RunOptions.Option("--samples", "Validation samples; those of kinds that do not count are left out.", 300);
        var threads = RunOptions.ThreadsOption();
        var command = new Command("search-front",
            "Measure the Pareto front of retention and pruning schedule, and store it for budgets.")
        {
            model, retentions, step, frames, samples, threads,
        };
        command.SetAction((parsed, cancel) =>
        {
            if (parsed.GetValue(samples) < 2)
                throw new DefinitionException($"--samples {parsed.GetValue(samples)}: too few; give 2 or more, 300 by default");
            if (parsed.GetValue(frames) is < 8 or > 64)
                throw new DefinitionException($"--frames {parsed.GetValue(frames)}: give 8 to 64");
            if (parsed.GetValue(step) < 1)
                throw new DefinitionException($"--step {parsed.GetValue(step)}: give 1 or more, 2 by default");
            Retention[] shares =
            [
                .. parsed.GetRequiredValue(retentions).Split(',',
                    StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                    .Select(Share).Distinct(),
            ];
            if (shares.Length == 0)
                throw new DefinitionException("--retentions: an empty list; give for example 1,1/2,1/4");
            var plan = ScheduleSearchRun.PlanOf(parsed.GetRequiredValue(model), parsed.GetValue(frames), parsed.GetValue(samples),
                1);
            var schedules = FrontSearchRun.Schedules(plan.Sets[0].Geometry.Shape.Layers, parsed.GetValue(step));
            var front = new FrontSearchRun(plan, shares, schedules, RunOptions.Threads(parsed, threads), output).Run(cancel);
            output.WriteLine(
                $"front: {front.Points.Count} of {front.Tried} settings; stored in "
                    + $"{Path.Combine(plan.Model.Directory, StoredFront.FileName)}");
            return Task.FromResult(CommandLine.Done);
        });
        return command;
    }

    private static Retention Share(string text)
    {
        try
        {
            return Retention.Parse(text);
        }
        catch (ArgumentException error)
        {
            throw new DefinitionException($"--retentions: {error.Message}");
        }
    }
}
