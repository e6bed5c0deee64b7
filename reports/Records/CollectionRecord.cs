using System.Text.Json.Serialization;

namespace Aim.Reports.Records;

/// <summary>
/// Many runs, one report: the content of <c>collection.json</c>. The runs stand in their own directories and are named here with
/// the hash of what they found, so that claim, figure and run cannot drift apart. Like <see cref="RunRecord"/> it holds no time.
/// </summary>
/// <remarks>Written and read by <see cref="CollectionFile"/>.</remarks>
public sealed record CollectionRecord
{
    /// <summary>The version of this layout that this build reads and writes.</summary>
    public const int CurrentSchema = 1;

    public required int Schema { get; init; }

    /// <summary>For example <c>reproduce-all</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The report's heading.</summary>
    public required string Title { get; init; }

    /// <summary>
    /// What the reader should know before the claims, in a paragraph: model, data, what drawings can and cannot show.
    /// </summary>
    public required string Summary { get; init; }

    /// <summary>The command that makes it: <c>aim reproduce --all</c>.</summary>
    public required string Command { get; init; }

    /// <summary>The paper that the claims are of: "AIM: ... (arXiv 2412.03248)".</summary>
    public required string Paper { get; init; }

    /// <summary>What computed the collection's own exhibits.</summary>
    public required CodeRecord Code { get; init; }

    /// <summary>The claims in the order of the first page.</summary>
    public required IReadOnlyList<ClaimRecord> Claims { get; init; }

    /// <summary>
    /// Results that belong to no run of the collection: the cost tables, or the figures of in-context experiments.
    /// </summary>
    public IReadOnlyList<ExhibitRecord> Exhibits { get; init; } = [];

    /// <summary>Heading of <see cref="Exhibits"/>; null: they are costs.</summary>
    public string? ExhibitsTitle { get; init; }

    /// <summary>What stands beneath that heading.</summary>
    public string? ExhibitsLead { get; init; }

    /// <summary>The runs in the order of the report.</summary>
    public required IReadOnlyList<CollectionRunRecord> Runs { get; init; }
}

/// <summary>
/// What a collection measured by clock or memory: the content of <c>timings.json</c> beside <c>collection.json</c>. All that may
/// differ between two collections of equal results is here.
/// </summary>
public sealed record CollectionTimings
{
    /// <summary>The version of this layout that this build reads and writes.</summary>
    public const int CurrentSchema = 1;

    public required int Schema { get; init; }

    public required MachineRecord Machine { get; init; }

    /// <summary>Claims that rest on what was measured; they stand behind the collection's.</summary>
    public required IReadOnlyList<ClaimRecord> Claims { get; init; }

    /// <summary>What was measured.</summary>
    public required IReadOnlyList<ExhibitRecord> Exhibits { get; init; }
}

/// <summary>A run of the collection.</summary>
/// <param name="Key">Unique: lower-case letters, digits and hyphens; usually the definition's name.</param>
/// <param name="Directory">Its directory, relative to the collection's file, with forward slashes.</param>
/// <param name="ResultsSha256">SHA-256 of its <c>results.json</c>.</param>
public sealed record CollectionRunRecord(string Key, string Directory, string ResultsSha256);

/// <summary>What became of a claim of the paper.</summary>
public enum ClaimVerdict
{
    /// <summary>It holds here by the rule fixed before the run.</summary>
    Holds,

    /// <summary>A part of it holds, or it holds under a condition; the reason says which.</summary>
    InPart,

    /// <summary>It does not hold here.</summary>
    NotHere,

    /// <summary>Nothing here could decide it; the reason says why, and what would.</summary>
    CannotBeTestedHere,
}

/// <summary>A claim of the paper, in our words, with what was measured for it.</summary>
public sealed record ClaimRecord
{
    /// <summary>Unique: lower-case letters, digits and hyphens.</summary>
    public required string Id { get; init; }

    /// <summary>One sentence, in our words.</summary>
    public required string Claim { get; init; }

    /// <summary>Where the paper makes it: "Table 4", "abstract; Table 1".</summary>
    public required string Source { get; init; }

    /// <summary>What was measured; null where nothing could be.</summary>
    public MeasureRecord? Measure { get; init; }

    /// <summary>What it must be compared with: what happens without the claimed cause; null where there is none.</summary>
    public MeasureRecord? Control { get; init; }

    public required ClaimVerdict Verdict { get; init; }

    /// <summary>Why this verdict, in a sentence or two.</summary>
    public required string Reason { get; init; }

    /// <summary>
    /// The rule that was fixed before the run, margin included; null where there was none (then the claim is exploratory).
    /// </summary>
    public string? Rule { get; init; }

    /// <summary>What that rule asks for, one comparison each, with what came out; empty where nothing was compared.</summary>
    public IReadOnlyList<ComparisonRecord> Comparisons { get; init; } = [];

    /// <summary>Trained models (seeds) that the measure rests on.</summary>
    public int Seeds { get; init; } = 1;

    /// <summary>Key of the run that shows it; null for one of the collection's own exhibits, or where nothing does.</summary>
    public string? Run { get; init; }

    /// <summary>Id of the exhibit that shows it, in the run or in the collection; null: the run as a whole.</summary>
    public string? Exhibit { get; init; }
}

/// <summary>A measured figure of a claim.</summary>
public sealed record MeasureRecord
{
    /// <summary>What it is, in words: "accuracy at 25% + pruning minus the unreduced model's".</summary>
    public required string What { get; init; }

    public required Unit Unit { get; init; }

    /// <summary>The figure with its interval and n.</summary>
    public required ValueRecord Value { get; init; }

    /// <summary>Where it comes from: a cell's id, an exhibit.</summary>
    public string? From { get; init; }
}
