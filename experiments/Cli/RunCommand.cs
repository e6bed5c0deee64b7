using System.CommandLine;
using Aim.Experiments.Planning;
using Aim.Experiments.Running;

namespace Aim.Experiments.Cli;

/// <summary><c>aim run DEFINITION</c> and <c>aim reproduce</c>: run a definition to its report.</summary>
internal static class RunCommand
{
    /// <summary>The definition that <c>reproduce</c> runs.</summary>
    public const string MainJob = "tradeoff-video";

    public static Command Create(TextWriter output) =>
        Create(
            output,
            new Command("run", "Run a definition and write its report. Run again, it computes only what is missing."),
            null);

    public static Command CreateReproduce(TextWriter output) =>
        Create(
            output,
            new Command("reproduce",
                $"The main job: run {MainJob} on the model that ships with the repository; with --all every experiment, to one "
                    + $"report."),
            MainJob);

    private static Command Create(TextWriter output, Command command, string? fixedDefinition)
    {
        var arguments = new DefinitionArguments();
        var directory = RunOptions.OutputOption();
        var threads = RunOptions.ThreadsOption();
        var fresh = new Option<bool>("--fresh") { Description = "Start a new run and take nothing over from earlier ones." };
        arguments.AddTo(command, withFile: fixedDefinition is null);
        command.Add(threads);
        command.Add(directory);
        command.Add(fresh);
        var all = new Option<bool>("--all")
        {
            Description = $"Run all experiments of the paper into one directory (by default "
                + $"{Places.DefaultOutput}/reproduce-all) and decide its claims. Run again, it goes on where it was ended.",
        };
        var inContext = new Option<bool>("--icl")
        {
            Description = $"Run the experiments on in-context learning (by default into "
                + $"{Places.DefaultOutput}/reproduce-icl) and decide their claims. Run again, it goes on where it was ended.",
        };
        var only = new Option<string[]>("--only")
        {
            Description = "With --icl: run this experiment alone, for example r3-probe; may be repeated.",
            HelpName = "NAME",
            DefaultValueFactory = _ => [],
        };
        if (fixedDefinition is not null)
        {
            command.Add(all);
            command.Add(inContext);
            command.Add(only);
        }
        command.SetAction((parsed, cancel) =>
        {
            bool terminal = ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected;
            if (fixedDefinition is not null && parsed.GetValue(all))
            {
                var (claims, definitions) = arguments.ReadAll(parsed, Places.Reproduction());
                string into = parsed.GetValue(directory) ?? Path.Combine(Places.Root(), Places.DefaultOutput, "reproduce-all");
                string report = new Reproduction(output, terminal, RunOptions.Threads(parsed, threads)).Run(
                    claims, definitions, into, parsed.GetValue(fresh), cancel);
                output.WriteLine($"report: {Path.GetFullPath(report)}");
                return Task.FromResult(CommandLine.Done);
            }
            if (fixedDefinition is not null && parsed.GetValue(inContext))
            {
                torch.set_num_threads(RunOptions.Threads(parsed, threads));
                string into = parsed.GetValue(directory) ?? Path.Combine(Places.Root(), Places.DefaultOutput, "reproduce-icl");
                string report = new InContext.InContextReproduction(output)
                    .Run(arguments.ReadInContext(parsed, parsed.GetValue(only) ?? []), into, cancel);
                output.WriteLine($"report: {Path.GetFullPath(report)}");
                return Task.FromResult(CommandLine.Done);
            }
            var (definition, file) = arguments.Read(parsed, fixedDefinition);
            var experiment = new Experiment(output, terminal, RunOptions.Threads(parsed, threads));
            var run = experiment.Run(definition, file, RunOptions.Output(parsed, directory), parsed.GetValue(fresh), cancel);
            output.WriteLine($"report: {Path.GetFullPath(run.Report)}");
            return Task.FromResult(CommandLine.Done);
        });
        return command;
    }
}
