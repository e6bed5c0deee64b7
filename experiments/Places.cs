using System.Text.RegularExpressions;
using Aim.Experiments.Planning;

namespace Aim.Experiments;

/// <summary>
/// Where files are that a user names by a relative path: in the working directory, or beside or above the definition that names
/// them (a clone's root), or beside or above the application (its build output in a clone, or a packed tool's folder).
/// </summary>
public static class Places
{
    /// <summary>The directory in which runs are kept unless <c>--output</c> says otherwise.</summary>
    public const string DefaultOutput = "reports/runs";

    /// <summary>The model that ships with the repository.</summary>
    public const string LabModel = "datasets/lab/models/lab-video";

    /// <summary>A definition by file name, or by the name that <c>aim list</c> shows.</summary>
    /// <exception cref="DefinitionException">There is none.</exception>
    public static string Definition(string name)
    {
        string[] tries = [name, .. Shipped().Where(
            p => Path.GetFileNameWithoutExtension(p) == name || Path.GetFileName(p) == name)];
        return tries.FirstOrDefault(File.Exists) ?? Find(name, null)
            ?? throw new DefinitionException(
                $"{name}: no such definition; name a YAML file or one of: "
                    + $"{string.Join(", ", Shipped().Select(Path.GetFileNameWithoutExtension))}");
    }

    /// <summary>The definitions that ship with the program.</summary>
    public static IReadOnlyList<string> Shipped() => Shipped("");

    /// <summary>The definitions of in-context experiments that ship with the program.</summary>
    public static IReadOnlyList<string> ShippedInContext() =>
        [.. Shipped("in-context").OrderBy(file => Regex.Replace(Path.GetFileName(file), @"\d+", n => n.Value.PadLeft(3, '0')),
            StringComparer.Ordinal)];

    private static IReadOnlyList<string> Shipped(string below)
    {
        // In a clone those of the clone, which may be newer than the build; in a packed tool those that came with it.
        string[] folders = [Path.Combine(Root(), "experiments", "definitions", below),
            Path.Combine(AppContext.BaseDirectory, "definitions", below)];
        string? folder = folders.FirstOrDefault(Directory.Exists);
        return folder is null ? [] : [.. Directory.GetFiles(folder, "*.yaml").Order(StringComparer.Ordinal)];
    }

    /// <summary>The file of the paper's experiments and claims.</summary>
    /// <exception cref="DefinitionException">It is nowhere.</exception>
    public static string Reproduction()
    {
        const string name = "adaptive-inference.yaml";
        string[] tries = [Path.Combine(Root(), "experiments", "reproductions", name),
            Path.Combine(AppContext.BaseDirectory, "reproductions", name)];
        return tries.FirstOrDefault(File.Exists)
            ?? throw new DefinitionException(
                $"reproductions/{name}: not found in the repository or beside the program; it comes with both");
    }

    /// <summary>
    /// The directory with the records of runs on models from other seeds, beside or above a definition, or that came with the
    /// program.
    /// </summary>
    public static string? SeedRecords(string definitionFile) =>
        Above(Path.GetDirectoryName(Path.GetFullPath(definitionFile))!).Select(d =>
            Path.Combine(d, "experiments", "reproductions", "seeds"))
            .Append(Path.Combine(AppContext.BaseDirectory, "reproductions", "seeds")).FirstOrDefault(Directory.Exists);

    /// <summary>The checkpoint directory that a definition names, as a full path.</summary>
    /// <exception cref="DefinitionException">It is nowhere.</exception>
    public static string Model(string model, string? definitionFile) =>
        Find(model, definitionFile) ?? throw new DefinitionException(
            $"{definitionFile ?? "--model"}: model: no directory '{model}' beside the definition, in the working directory or "
                + $"in the repository; name a checkpoint directory, or train the lab model with 'aim lab train'");

    /// <summary>The file of questions that a definition names, as a full path.</summary>
    /// <exception cref="DefinitionException">It is nowhere.</exception>
    public static string Data(string path, string definitionFile) =>
        Find(path, definitionFile) is { } found && File.Exists(found) ? found : throw new DefinitionException(
            $"{definitionFile}: data.path: no file '{path}' beside the definition, in the working directory or in the "
                + "repository; name a JSONL file of questions");

    /// <summary>The repository's root when the program runs in a clone, else the working directory.</summary>
    public static string Root() => Above(Environment.CurrentDirectory).Concat(Above(AppContext.BaseDirectory))
        .FirstOrDefault(d => File.Exists(Path.Combine(d, "Aim.Experiments.sln"))) ?? Environment.CurrentDirectory;

    private static string? Find(string path, string? definitionFile)
    {
        IEnumerable<string> places = Above(Environment.CurrentDirectory);
        if (definitionFile is not null)
            places = places.Concat(Above(Path.GetDirectoryName(Path.GetFullPath(definitionFile))!));
        return places.Concat(Above(AppContext.BaseDirectory)).Select(d => Path.GetFullPath(Path.Combine(d, path)))
            .FirstOrDefault(p => Directory.Exists(p) || File.Exists(p));
    }

    private static IEnumerable<string> Above(string directory)
    {
        for (DirectoryInfo? d = new(directory); d is not null; d = d.Parent)
            yield return d.FullName;
    }
}
