using System.IO.Compression;

namespace Aim.Models.Tests;

/// <summary>Where the test data lies: small checkpoints, recorded cases, tokenizer files.</summary>
internal static class Fixture
{
    public static string PathOf(params string[] parts)
        => Path.Combine([TestContext.CurrentContext.TestDirectory, "Fixtures", .. parts]);

    /// <summary>The model that ships with the repository.</summary>
    public static string LabModel
    {
        get
        {
            var directory = new DirectoryInfo(TestContext.CurrentContext.TestDirectory);
            while (!File.Exists(Path.Combine(directory!.FullName, "Aim.Experiments.sln")))
                directory = directory.Parent;
            return Path.Combine(directory.FullName, "datasets", "lab", "models", "lab-video");
        }
    }

    /// <summary>Copies a file that is stored as it is, or compressed beside its name.</summary>
    public static void Unpack(string source, string target)
    {
        if (File.Exists(source))
        {
            File.Copy(source, target);
            return;
        }

        using var packed = new GZipStream(File.OpenRead(source + ".gz"), CompressionMode.Decompress);
        using var file = File.Create(target);
        packed.CopyTo(file);
    }

    /// <summary>A fresh directory, removed with the test run's temporary files.</summary>
    public static string NewDirectory()
        => Directory.CreateTempSubdirectory("aim-models-tests-").FullName;
}
