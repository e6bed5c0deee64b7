using System.CommandLine;
using Aim.Experiments.Planning;

namespace Aim.Experiments.Cli;

/// <summary>The argument and options that every verb on a definition takes.</summary>
internal sealed class DefinitionArguments
{
    public Argument<string> File { get; } =
        new("definition") { Description = "A definition file (YAML), or the name of one that 'aim list' shows." };

    public Option<int?> Limit { get; } =
        new("--limit") { Description = "Take at most N samples in every cell; part of the run's identity.", HelpName = "N" };

    public Option<string[]> Set { get; } = new("--set")
    {
        Description =
            "Replace a field of the definition, for example --set frames=8 or --set cells[1].samples=50; may be repeated.",
        HelpName = "key=value",
        DefaultValueFactory = _ => [],
    };

    public void AddTo(Command command, bool withFile = true)
    {
        if (withFile)
            command.Add(File);
        command.Add(Limit);
        command.Add(Set);
    }

    /// <summary>Reads the definition that the command line names.</summary>
    /// <returns>The definition, and the full path of its file.</returns>
    /// <exception cref="DefinitionException">It cannot be found or is wrong.</exception>
    public (Definition Definition, string File) Read(ParseResult parsed, string? name = null)
    {
        int? limit = parsed.GetValue(Limit);
        if (limit is < 1)
            throw new DefinitionException($"--limit {limit}: no samples; give 1 or more");
        string path = Places.Definition(name ?? parsed.GetRequiredValue(File));
        return (DefinitionReader.Read(path, parsed.GetValue(Set), limit), path);
    }
}
