namespace Aim.Reports.Records;

/// <summary>
/// What the types of a collection cannot say: keys used once, claims that show what they rest on, links that lead somewhere.
/// </summary>
internal static class CollectionValidation
{
    public static void Check(Checker check, CollectionRecord record)
    {
        check.That(record.Schema == CollectionRecord.CurrentSchema, "schema",
            $"is {record.Schema}, but this build reads {CollectionRecord.CurrentSchema}");
        check.Text(record.Title, "title");
        check.Text(record.Summary, "summary");
        ExhibitValidation.Check(check, record.Exhibits);
        var keys = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < record.Runs.Count; i++)
        {
            var run = record.Runs[i];
            check.Key(run.Key, $"runs[{i}].key");
            check.That(keys.Add(run.Key), $"runs[{i}].key", $"'{run.Key}' is used twice");
            check.That(run.Directory.Length > 0 && !Path.IsPathRooted(run.Directory) && !run.Directory.Contains('\\'),
                $"runs[{i}].directory",
                $"'{run.Directory}' should be relative to the collection's file, with forward slashes");
            check.Hash(run.ResultsSha256, $"runs[{i}].resultsSha256");
        }

        CheckClaims(check, record.Claims);
    }

    public static void Check(Checker check, CollectionTimings timings)
    {
        check.That(timings.Schema == CollectionTimings.CurrentSchema, "schema",
            $"is {timings.Schema}, but this build reads {CollectionTimings.CurrentSchema}");
        check.Text(timings.Machine.Cpu, "machine.cpu");
        ExhibitValidation.Check(check, timings.Exhibits);
        CheckClaims(check, timings.Claims);
    }

    private static void CheckClaims(Checker check, IReadOnlyList<ClaimRecord> claims)
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < claims.Count; i++)
        {
            var (claim, at) = (claims[i], $"claims[{i}]");
            check.Key(claim.Id, $"{at}.id");
            check.That(keys.Add(claim.Id), $"{at}.id", $"'{claim.Id}' is used twice");
            check.Text(claim.Claim, $"{at}.claim");
            check.Text(claim.Source, $"{at}.source");
            check.Text(claim.Reason, $"{at}.reason");
            check.That(claim.Seeds > 0, $"{at}.seeds", $"is {claim.Seeds}, but should be positive");
            check.That(claim.Verdict == ClaimVerdict.CannotBeTestedHere
                || claim.Measure?.Value is { Value: not null } or { Text: not null },
                $"{at}.measure", "has no figure, but only a claim that cannot be tested here may do without");
            CheckMeasure(check, $"{at}.measure", claim.Measure);
            CheckMeasure(check, $"{at}.control", claim.Control);
            for (var c = 0; c < claim.Comparisons.Count; c++)
                CheckComparison(check, $"{at}.comparisons[{c}]", claim.Comparisons[c]);
        }
    }

    private static void CheckComparison(Checker check, string at, ComparisonRecord comparison)
    {
        check.Text(comparison.What, $"{at}.what");
        check.That(comparison.Value.Value is not null
            || (comparison.Outcome == ComparisonOutcome.Open && comparison.Value.Detail is not null),
            $"{at}.value", "has no figure, but only a comparison that stays open and says why may do without");
        ExhibitValidation.CheckValue(check, $"{at}.value", comparison.Value, comparison.Unit);
        check.Finite(comparison.Bound, $"{at}.bound");
        if (comparison.P is { } p)
            check.Fraction(p, $"{at}.p");
    }

    /// <summary>Whether the claims' links lead to runs and exhibits that there are.</summary>
    public static void CheckLinks(Checker check, Collection collection)
    {
        var exhibits = collection.Runs.ToDictionary(r => r.Key, r => r.Record.Exhibits, StringComparer.Ordinal);
        IReadOnlyList<ExhibitRecord> own = [.. collection.Record.Exhibits, .. collection.Timings?.Exhibits ?? []];
        check.That(own.Select(e => e.Id).Distinct().Count() == own.Count, "exhibits", "and those of the timings share an id");
        check.That(collection.Claims.Select(c => c.Id).Distinct().Count() == collection.Claims.Count,
            "claims", "and those of the timings share an id");
        for (var i = 0; i < collection.Claims.Count; i++)
        {
            var claim = collection.Claims[i];
            check.That(claim.Run is null || exhibits.ContainsKey(claim.Run), $"claims[{i}].run",
                $"'{claim.Run}' is not the key of a run");
            var among = claim.Run is null ? own : exhibits[claim.Run];
            check.That(claim.Exhibit is null || among.Any(e => e.Id == claim.Exhibit), $"claims[{i}].exhibit",
                $"'{claim.Exhibit}' is not the id of an exhibit of "
                    + $"{(claim.Run is null ? "the collection" : $"run '{claim.Run}'")}");
        }
    }

    private static void CheckMeasure(Checker check, string at, MeasureRecord? measure)
    {
        if (measure is null)
            return;
        check.Text(measure.What, $"{at}.what");
        ExhibitValidation.CheckValue(check, $"{at}.value", measure.Value, measure.Unit);
    }
}
