using System.CommandLine;
using Aim.Experiments.Planning;
using Aim.Experiments.Running;
using Aim.Reduction;

namespace Aim.Experiments.Cli;

/// <summary>
/// <c>aim search-schedule</c>: chooses the model's pruning schedule on the validation split and stores it with the model.
/// </summary>
internal static class SearchScheduleCommand
{
    public static Command Create(TextWriter output)
    {
        var model = RunOptions.Option(
            "--model", "The checkpoint directory; schedule.json is written into it.", Places.LabModel, "DIR");
        var retention = RunOptions.Option(
            "--retention", "Share of visual tokens that merging keeps while schedules are compared.", "1/4");
        var frames = RunOptions.Option("--frames", "Frames taken from each clip.", 32);
        var samples = RunOptions.Option("--samples", "Validation samples; those of kinds that do not count are left out.", 600);
        var margin = RunOptions.Option("--margin", "Points that accuracy may lie below the unpruned one.", 1m);
        var threads = RunOptions.ThreadsOption();
        var command = new Command(
            "search-schedule",
            "Find the cheapest pruning schedule whose validation accuracy is within a margin of the unpruned one, and store it.")
        {
            model, retention, frames, samples, margin, threads,
        };
        command.SetAction((parsed, cancel) =>
        {
            if (parsed.GetValue(samples) < 2)
                throw new DefinitionException($"--samples {parsed.GetValue(samples)}: too few; give 2 or more, 600 by default");
            if (parsed.GetValue(frames) is < 8 or > 64)
                throw new DefinitionException($"--frames {parsed.GetValue(frames)}: give 8 to 64");
            if (parsed.GetValue(margin) is < 0 or > 100)
                throw new DefinitionException($"--margin {parsed.GetValue(margin)}: give points from 0 to 100");
            var plan = ScheduleSearchRun.PlanOf(parsed.GetRequiredValue(model), parsed.GetValue(frames),
                parsed.GetValue(samples), parsed.GetValue(margin));
            var chosen = new ScheduleSearchRun(plan, Retention.Parse(parsed.GetRequiredValue(retention)),
                RunOptions.Threads(parsed, threads), output).Run(cancel);
            output.WriteLine(
                $"chosen: ({chosen.L1}, {chosen.L2}); stored in {Path.Combine(plan.Model.Directory, StoredSchedule.FileName)}");
            return Task.FromResult(CommandLine.Done);
        });
        return command;
    }
}
