using System.CommandLine;
using Aim.Experiments.Claims;
using Aim.Experiments.Planning;

namespace Aim.Experiments.Cli;

/// <summary>The argument and options that every verb on a definition takes.</summary>
internal sealed class DefinitionArguments
{
    public Argument<string> File { get; } =
        new("definition") { Description = "A definition file (YAML), or the name of one that 'aim list' shows." };

    public Option<int?> Limit { get; } =
        new("--limit")
        {
            Description = "Take at most N samples in every cell: a trial, whose verdicts are none; part of the "
            + "run's identity.",
            HelpName = "N"
        };

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

    /// <summary>Reads a paper's claims and all definitions that it names, in order.</summary>
    /// <param name="parsed">The command line; <c>--limit</c> holds for every definition.</param>
    /// <param name="path">The file of claims.</param>
    /// <exception cref="DefinitionException">A file cannot be found or is wrong, or <c>--set</c> was given.</exception>
    public (ClaimsFile Claims, IReadOnlyList<(Definition Definition, string File)> Definitions) ReadAll(ParseResult parsed,
        string path)
    {
        int? limit = LimitOf(parsed);
        if (parsed.GetValue(Set) is [var set, ..])
            throw new DefinitionException(
                $"--set {set}: names a field of one definition; --all runs many, use 'aim run' for one");
        var claims = ClaimsReader.Read(path);
        return (claims, [.. claims.Definitions.Select(Places.Definition).Select(file =>
            (DefinitionReader.Read(file, null, limit), file))]);
    }

    /// <summary>In-context experiments that ship with the program.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="only">Names of some; none: all.</param>
    /// <exception cref="DefinitionException">There is none of that name.</exception>
    public IReadOnlyList<(InContext.InContextDefinition Definition, string File)> ReadInContext(
        ParseResult parsed, IReadOnlyList<string> only)
    {
        int? limit = LimitOf(parsed);
        var files = Places.ShippedInContext();
        string[] names = [.. files.Select(file => Path.GetFileNameWithoutExtension(file)!)];
        if (only.Except(names).FirstOrDefault() is { } unknown)
            throw new DefinitionException($"--only {unknown}: no in-context experiment; there are {string.Join(", ", names)}");
        return
        [
            .. files.Where((_, i) => only.Count == 0 || only.Contains(names[i]))
                .Select(file => (InContext.InContextReader.Read(file, parsed.GetValue(Set), limit), file)),
        ];
    }

    private int? LimitOf(ParseResult parsed) => parsed.GetValue(Limit) is { } limit && limit < 1
        ? throw new DefinitionException($"--limit {limit}: no samples; give 1 or more")
        : parsed.GetValue(Limit);
}
