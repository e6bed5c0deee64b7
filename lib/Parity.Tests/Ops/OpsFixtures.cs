namespace Aim.Parity.Tests.Ops;

/// <summary>torch's cases as they are in the repository.</summary>
internal static class OpsFixtures
{
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "Fixtures", "ops");

    /// <summary>A directory with one file of this text.</summary>
    public static string With(string file, string text)
    {
        var directory = Directory.CreateTempSubdirectory("aim-parity-").FullName;
        File.WriteAllText(System.IO.Path.Combine(directory, file), text);
        return directory;
    }

    /// <summary>Runs one case of errors.json.</summary>
    public static CaseResult Reject(string code, string message = "")
    {
        var json = System.Text.Json.JsonSerializer.Serialize(new { cases = new[] { new { id = "x", code, message } } });
        var directory = With("errors.json", json);
        try
        {
            return new ErrorsKind().Find(directory).Single().Run();
        }
        finally
        {
            Directory.Delete(directory, true);
        }
    }
}
