using System.CommandLine;
using Aim.Experiments.Planning;

namespace Aim.Experiments.Cli;

/// <summary>Options that several verbs share.</summary>
internal static class RunOptions
{
    /// <summary>An option with a default value.</summary>
    public static Option<T> Option<T>(string name, string description, T value, string? help = null) =>
        new(name) { Description = description, HelpName = help, DefaultValueFactory = _ => value };

    public static Option<string?> OutputOption() => new("--output")
    {
        Description =
            $"The directory that holds the runs; by default {Places.DefaultOutput} in the repository, or in the working "
                + $"directory outside one.",
        HelpName = "DIR",
    };

    public static Option<int?> ThreadsOption() => new("--threads")
    {
        Description = "Threads to compute with; by default one per logical processor. Results do not depend on it.",
        HelpName = "N",
    };

    public static string Output(ParseResult parsed, Option<string?> option) =>
        parsed.GetValue(option) ?? Path.Combine(Places.Root(), Places.DefaultOutput);

    public static int Threads(ParseResult parsed, Option<int?> option) => parsed.GetValue(option) switch
    {
        null => Environment.ProcessorCount,
        < 1 or > 1024 => throw new DefinitionException(
            $"--threads {parsed.GetValue(option)}: not a number of threads; give 1 to {Environment.ProcessorCount}"),
        { } threads => threads,
    };
}
