using Aim.Experiments.Planning;
using Aim.Reports.Records;

namespace Aim.Experiments.Scoring;

/// <summary>
/// The records of runs on models of the same training from other seeds, kept in the repository so that a headline can say how far
/// it depends on the seed. A record belongs to a run if its definition is the run's but for the model, on the same version of the
/// data; a run whose own model has a record here is one of the other seeds and stands alone.
/// </summary>
internal static class KeptSeeds
{
    /// <summary>The other seeds of a plan, in the order of their files' names.</summary>
    /// <param name="plan">What is run.</param>
    /// <param name="dataVersion">Version of the data.</param>
    /// <param name="directory">Holds the records: files of the form of <c>results.json</c>; null: there are none.</param>
    /// <returns>The seeds, and which records of this definition's name were left out, and why.</returns>
    /// <exception cref="RunRecordException">A file is no record.</exception>
    public static (IReadOnlyList<SeedRecord> Seeds, IReadOnlyList<string> LeftOut) Of(Plan plan, string dataVersion,
        string? directory)
    {
        var seeds = new List<SeedRecord>();
        var leftOut = new List<string>();
        string[] files = directory is null ? [] : [.. Directory.GetFiles(directory, "*.json").Order(StringComparer.Ordinal)];
        foreach (string file in files)
        {
            var record = RunRecordFile.ReadResults(file);
            if (record.Definition.Name != plan.Definition.Name)
                continue;
            if (record.Model.Sha256 == plan.Model.Sha256)
                return ([], []);
            string? wrong = record.Data.Version != dataVersion
                ? $"its data are of version {record.Data.Version}, not {dataVersion}"
                : !IsOf(record, plan.Definition) ? "its definition is another one"
                : seeds.Any(s => s.Sha256 == record.Model.Sha256) ? "its model has a record already" : null;
            if (wrong is null)
                seeds.Add(Seed(record));
            else
                leftOut.Add($"{file}: {wrong}");
        }
        return (seeds, leftOut);
    }

    private static bool IsOf(RunRecord record, Definition definition)
    {
        try
        {
            var own = DefinitionReader.Parse("definition", record.Definition.Yaml) with { Model = definition.Model };
            return CanonicalForm.Write(own) == CanonicalForm.Write(definition);
        }
        catch (DefinitionException)
        {
            // A field of before, or one that came after: not this definition in any case.
            return false;
        }
    }

    private static SeedRecord Seed(RunRecord record)
    {
        var baseline = record.Cells.Single(c => c.Id == record.Baseline);
        return new SeedRecord
        {
            Seed = record.Model.Seed,
            Sha256 = record.Model.Sha256,
            Commit = record.Code.Commit,
            Samples = baseline.Counted?.Samples ?? baseline.Samples,
            Accuracy = baseline.Counted?.Accuracy ?? baseline.Accuracy,
            Cells =
            [
                .. from cell in record.Cells
                   let paired = cell.Counted is { } counted ? counted.Paired : cell.Paired
                   where paired is not null
                   select new SeedCellRecord(cell.Id, paired.Samples, paired.Difference, paired.Interval, cell.FlopsHonest),
            ],
        };
    }
}
