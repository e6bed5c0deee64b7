namespace Aim.Experiments.Tests;

/// <summary>A temporary directory with a tiny model and a definition in it, and the program to call on them.</summary>
internal sealed class Workplace : IDisposable
{
    public Workplace(int samples = 20)
    {
        Root = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"work-{Guid.NewGuid():N}");
        Directory.CreateDirectory(Root);
        Model = TinyModel.Create(Path.Combine(Root, "model"));
        Definition = Write("tiny.yaml", TinyModel.Definition("model", samples));
    }

    public string Root { get; }

    public string Model { get; }

    public string Definition { get; }

    public string In(string name) => Path.Combine(Root, name);

    public string Write(string name, string text)
    {
        File.WriteAllText(In(name), text);
        return In(name);
    }

    /// <summary>Runs the command line in this process.</summary>
    public static async Task<(int Code, string Output, string Error)> Aim(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        int code = await Experiments.Cli.CommandLine.RunAsync(arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>The only run under an output directory.</summary>
    public static string RunOf(string output) => Directory.GetDirectories(output).Single();

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
