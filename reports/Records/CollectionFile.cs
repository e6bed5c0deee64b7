using System.Security.Cryptography;

namespace Aim.Reports.Records;

/// <summary>A collection with its runs' records.</summary>
/// <param name="Record">What the collection says.</param>
/// <param name="Runs">Its runs, in the order of <see cref="CollectionRecord.Runs"/>.</param>
/// <param name="Timings">What it measured itself by clock or memory; null where it measured nothing.</param>
public sealed record Collection(CollectionRecord Record, IReadOnlyList<CollectedRun> Runs, CollectionTimings? Timings = null)
{
    /// <summary>The claims of both, in the order of the first page.</summary>
    public IReadOnlyList<ClaimRecord> Claims => [.. Record.Claims, .. Timings?.Claims ?? []];
}

/// <summary>A run of a collection.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Record">What it found.</param>
/// <param name="Timings">How long it took; null where it was not timed.</param>
public sealed record CollectedRun(string Key, RunRecord Record, Timings? Timings);

/// <summary>Reads and writes <c>collection.json</c> and its timings, as strictly as <see cref="RunRecordFile"/>.</summary>
public static class CollectionFile
{
    public const string Name = "collection.json";

    /// <summary>Writes the record to <paramref name="path"/> atomically.</summary>
    /// <exception cref="RunRecordException">The record contradicts itself or its runs, or a run cannot be read.</exception>
    public static void Write(string path, CollectionRecord record)
    {
        Load(path, record);
        AtomicFile.Write(path, RunRecordFile.Serialize(record));
    }

    /// <summary>Writes what a collection measured beside it, atomically.</summary>
    /// <param name="path">The collection's file.</param>
    /// <param name="timings">What was measured.</param>
    /// <exception cref="RunRecordException">It contradicts itself.</exception>
    public static void WriteTimings(string path, CollectionTimings timings)
    {
        CollectionValidation.Check(new Checker(RunRecordFile.TimingsName), timings);
        AtomicFile.Write(TimingsOf(path), RunRecordFile.Serialize(timings));
    }

    /// <summary>The record with its runs, and with <c>timings.json</c> where that stands beside it.</summary>
    /// <exception cref="RunRecordException">
    /// A file is missing, is not such a record or contradicts itself, or a run is not the one that the collection was made of.
    /// </exception>
    public static Collection Read(string path) => Load(path, RunRecordFile.Read<CollectionRecord>(path));

    /// <summary>The hash by which a collection names a run: SHA-256 of its <c>results.json</c>.</summary>
    /// <exception cref="RunRecordException">The file cannot be read.</exception>
    public static string HashResults(string runDirectory) =>
        Convert.ToHexStringLower(SHA256.HashData(RunRecordFile.ReadBytes(Path.Combine(runDirectory, RunRecordFile.ResultsName))));

    private static string TimingsOf(string path) =>
        Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, RunRecordFile.TimingsName);

    private static Collection Load(string path, CollectionRecord record)
    {
        var check = new Checker(path);
        CollectionValidation.Check(check, record);
        var runs = new List<CollectedRun>();
        for (var i = 0; i < record.Runs.Count; i++)
        {
            var run = record.Runs[i];
            var directory = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, run.Directory);
            var hash = HashResults(directory);
            check.That(hash == run.ResultsSha256, $"runs[{i}].resultsSha256",
                $"is {run.ResultsSha256}, but {Path.Combine(run.Directory, RunRecordFile.ResultsName)} has {hash}: the run is "
                    + $"another one now");
            var timings = Path.Combine(directory, RunRecordFile.TimingsName);
            runs.Add(new CollectedRun(
                run.Key,
                RunRecordFile.ReadResults(Path.Combine(directory, RunRecordFile.ResultsName)),
                File.Exists(timings) ? RunRecordFile.ReadTimings(timings) : null));
        }

        CollectionTimings? own = null;
        if (File.Exists(TimingsOf(path)))
        {
            own = RunRecordFile.Read<CollectionTimings>(TimingsOf(path));
            CollectionValidation.Check(new Checker(TimingsOf(path)), own);
        }

        var collection = new Collection(record, runs, own);
        CollectionValidation.CheckLinks(check, collection);
        return collection;
    }
}
