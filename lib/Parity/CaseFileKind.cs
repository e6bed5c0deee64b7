namespace Aim.Parity;

/// <summary>
/// Folders that are one case: case.json says by its <c>kind</c>, or by the checkpoint that it names, what it is.
/// </summary>
internal sealed class CaseFileKind : IParityKind
{
    public const string FileName = "case.json";

    public IEnumerable<IParityCase> Find(string directory)
    {
        string path = Path.Combine(directory, FileName);
        return FixtureFiles.Lies(path) ? Cases(path) : [];
    }

    private static IEnumerable<IParityCase> Cases(string path)
    {
        string name = Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path))!);
        string kind = "unknown";
        try
        {
            var file = CaseFile.Read(path);
            name = file.Root.TextOrNull("name") ?? name;
            bool model = file.Root.Has("checkpoint");
            kind = model ? ModelCase.KindName : file.Root.NeedText("kind");
            return model ? ModelCase.Create(name, file) : [Create(kind, name, file)];
        }
        catch (Exception e)
        {
            return [SettledCase.Failed(kind, name, path, e)];
        }
    }

    private static IParityCase Create(string kind, string name, CaseFile file) => kind switch
    {
        "merge" => new MergeCase(name, file),
        "importance" => new ImportanceCase(name, file),
        "prune-forward" => new PruneForwardCase(name, file),
        "method" => MethodCases.Create(name, file),
        _ => SettledCase.NotSupported(kind, name, $"no kind of case is named {kind}"),
    };
}
