using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Aim.Experiments.Planning;
using Aim.Experiments.Training;

namespace Aim.Experiments.Running;

/// <summary>
/// One run's directory: <c>run.json</c> (what it is), <c>definition.yaml</c> (canonical), <c>samples.jsonl</c> and
/// <c>recordings.jsonl</c> (the journals), <c>results.json</c>, <c>timings.json</c> and, last, <c>report.html</c>, whose presence
/// says that the run is finished.
/// </summary>
internal sealed class RunDirectory
{
    public const string DefinitionName = "definition.yaml";
    public const string JournalName = "samples.jsonl";
    public const string RecordingsName = "recordings.jsonl";
    public const string ReportName = "report.html";
    private const string InfoName = "run.json";

    private RunDirectory(string path, bool resumed) => (Path, Resumed) = (path, resumed);

    public string Path { get; }

    /// <summary>Whether an unfinished run is continued.</summary>
    public bool Resumed { get; }

    public string Journal => File(JournalName);

    public string Recordings => File(RecordingsName);

    public string Report => File(ReportName);

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>
    /// Continues the newest unfinished run of the same definition and keys under <paramref name="output"/>, else starts a new
    /// one.
    /// </summary>
    /// <param name="output">The directory of runs; made if it is missing.</param>
    /// <param name="definition">What is run.</param>
    /// <param name="keys">What it is run with.</param>
    /// <param name="now">The time that names a new run.</param>
    /// <param name="fresh">Start a new run whatever is there.</param>
    /// <exception cref="DefinitionException">The output directory cannot be written.</exception>
    public static RunDirectory Open(string output, Definition definition, RunKeys keys, DateTimeOffset now, bool fresh)
    {
        string hash = CanonicalForm.Hash(definition);
        try
        {
            Directory.CreateDirectory(output);
            var (unfinished, _) = Runs(output).LastOrDefault(
                r => !System.IO.File.Exists(r.Directory.Report) && r.Info.Definition == hash && r.Info.Keys == keys.Hash);
            if (!fresh && unfinished is not null)
                return new RunDirectory(unfinished.Path, resumed: true);

            string stem = System.IO.Path.Combine(output,
                $"{now.UtcDateTime.ToString("yyyy-MM-dd-HHmmss", CultureInfo.InvariantCulture)}-{hash[..8]}");
            string path = stem;
            for (int i = 2; Directory.Exists(path); i++)
                path = $"{stem}-{i}";
            Directory.CreateDirectory(path);
            var run = new RunDirectory(path, resumed: false);
            AtomicFile.WriteText(run.File(DefinitionName), CanonicalForm.Write(definition));
            // Last of the two: a directory with run.json is complete enough to be continued.
            var info = new RunInfo(RunInfo.Schema1, definition.Name, hash, keys.Hash, now);
            AtomicFile.WriteText(run.File(InfoName), JsonSerializer.Serialize(info, RunInfoJson.Default.RunInfo) + "\n");
            return run;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DefinitionException(
                $"--output {output}: cannot be written ({error.Message.ReplaceLineEndings(" ").TrimEnd('.')}); name a directory "
                    + $"that you may write to");
        }
    }

    /// <summary>A run by its directory, or by the name or the last part of it under the output directory.</summary>
    /// <exception cref="DefinitionException">It is not a run.</exception>
    public static RunDirectory Find(string run, string output)
    {
        string[] tries = [run, System.IO.Path.Combine(output, run)];
        string path = tries.FirstOrDefault(p => System.IO.File.Exists(System.IO.Path.Combine(p, InfoName)))
            ?? throw new DefinitionException(
                $"{run}: not a run (no {InfoName} in it); name a directory under {output}, 'aim list' shows them");
        return new RunDirectory(path, resumed: true);
    }

    /// <summary>The runs under an output directory, oldest first; directories that are not runs are passed over.</summary>
    public static IReadOnlyList<(RunDirectory Directory, RunInfo Info)> Runs(string output)
    {
        var runs = new List<(RunDirectory, RunInfo)>();
        if (!Directory.Exists(output))
            return runs;
        foreach (string path in Directory.GetDirectories(output).Order(StringComparer.Ordinal))
        {
            var directory = new RunDirectory(path, resumed: true);
            try
            {
                string text = System.IO.File.ReadAllText(directory.File(InfoName));
                if (JsonSerializer.Deserialize(text, RunInfoJson.Default.RunInfo) is { Schema: RunInfo.Schema1 } info)
                    runs.Add((directory, info));
            }
            catch (Exception error) when (error is IOException or JsonException)
            {
            }
        }
        return [.. runs.OrderBy(r => r.Item2.Started)];
    }

    /// <summary>The other runs under the same output directory whose answers were computed by the same keys.</summary>
    public static IEnumerable<RunDirectory> Store(string output, RunKeys keys, string except) =>
        Runs(output).Where(r => r.Info.Keys == keys.Hash && r.Directory.Path != except
            && System.IO.File.Exists(r.Directory.Journal)).Select(r => r.Directory);

    /// <summary>The newest finished run of the same definition and keys; null where there is none.</summary>
    public static RunDirectory? Finished(string output, Definition definition, RunKeys keys)
    {
        string hash = CanonicalForm.Hash(definition);
        return Runs(output).LastOrDefault(r => r.Info.Definition == hash && r.Info.Keys == keys.Hash
            && System.IO.File.Exists(r.Directory.Report)).Directory;
    }
}

/// <summary><c>run.json</c>: enough to find a run again.</summary>
/// <param name="Schema">The form of this file.</param>
/// <param name="Name">The definition's name.</param>
/// <param name="Definition">sha256 of the canonical definition.</param>
/// <param name="Keys"><see cref="RunKeys.Hash"/>.</param>
/// <param name="Started">When the run began.</param>
internal sealed record RunInfo(int Schema, string Name, string Definition, string Keys, DateTimeOffset Started)
{
    public const int Schema1 = 1;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(RunInfo))]
internal sealed partial class RunInfoJson : JsonSerializerContext;
