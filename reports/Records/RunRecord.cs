namespace Aim.Reports.Records;

/// <summary>
/// What a run found: the content of <c>results.json</c>. It holds no time, no thread count and no path of the machine, so
/// that equal runs give equal bytes; what differs from machine to machine is in <see cref="Timings"/>.
/// Accuracies, differences and loyalties are fractions in [0, 1] (the report prints percent and points); FLOPs are
/// floating-point operations (a multiply-add is two) of one sample's LLM prefill, averaged over the cell's samples.
/// </summary>
/// <remarks>Written and read by <see cref="RunRecordFile"/>; keys appear in the order of declaration.</remarks>
public sealed record RunRecord
{
    /// <summary>
    /// The version of this layout that this build writes. It reads version 1 as well, which had no <see cref="Exhibits"/>, no
    /// <see cref="DefinitionRecord.Question"/> and none of the optional facts of methods, seeds and corrected p-values.
    /// </summary>
    public const int CurrentSchema = 2;

    /// <summary>The oldest version of this layout that this build reads.</summary>
    public const int OldestSchema = 1;

    public required int Schema { get; init; }

    public required DefinitionRecord Definition { get; init; }

    public required CodeRecord Code { get; init; }

    public required ModelRecord Model { get; init; }

    public required DataRecord Data { get; init; }

    /// <summary>Id of the unreduced model's cell, with which every other cell is paired.</summary>
    public required string Baseline { get; init; }

    /// <summary>One entry per cell of the grid, in the plan's order; ids are unique.</summary>
    public required IReadOnlyList<CellRecord> Cells { get; init; }

    /// <summary>The unreduced model without (part of) its evidence: blank, text, one-frame, shuffled, majority.</summary>
    public required IReadOnlyList<ControlRecord> Controls { get; init; }

    /// <summary>Every kind of question, whether it counts in the headline, and why.</summary>
    public required IReadOnlyList<KindRecord> Kinds { get; init; }

    /// <summary>Accuracy when the visual tokens are taken away before layer l, by kind; empty where not measured.</summary>
    public IReadOnlyList<HorizonRecord> Horizon { get; init; } = [];

    /// <summary>The same definition on models trained from other seeds; empty where there are no records of them.</summary>
    public IReadOnlyList<SeedRecord> Seeds { get; init; } = [];

    /// <summary>The questions that the definition asked before the run, and their answers.</summary>
    public required IReadOnlyList<VerdictRecord> Verdicts { get; init; }

    /// <summary>The cost model against the paper's printed costs; empty where not computed.</summary>
    public IReadOnlyList<CostCheckRecord> CostChecks { get; init; } = [];

    /// <summary>What this experiment shows beside its grid of cells, in the report's order; ids are unique.</summary>
    public IReadOnlyList<ExhibitRecord> Exhibits { get; init; } = [];
}

/// <summary>The definition as it ran.</summary>
public sealed record DefinitionRecord
{
    public required string Name { get; init; }

    /// <summary>What it asks, in a line; the report's heading.</summary>
    public string? Title { get; init; }

    /// <summary>Its question in a paragraph: what is asked, why, and what would count as an answer.</summary>
    public string? Question { get; init; }

    public required int Version { get; init; }

    /// <summary>
    /// Samples that no setting was allowed more of: a trial, whose verdicts are none; null: the definition as it stands.
    /// </summary>
    public int? Limit { get; init; }

    /// <summary>SHA-256 (lower-case hex) of the canonical definition.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The canonical text, settings overridden on the command line included.</summary>
    public required string Yaml { get; init; }
}

/// <summary>What computed the results.</summary>
public sealed record CodeRecord
{
    /// <summary><c>Managed</c> or <c>TorchSharp</c>.</summary>
    public required string Engine { get; init; }

    /// <summary><c>avx512</c>, <c>avx2</c> or <c>portable</c>: results are bit-identical within one instruction set.</summary>
    public required string InstructionSet { get; init; }

    /// <summary>The git commit, where known.</summary>
    public string? Commit { get; init; }

    /// <summary>Whether the work tree had changes, where known.</summary>
    public bool? Dirty { get; init; }

    /// <summary>SHA-256 of each assembly that the results pass through.</summary>
    public required IReadOnlyList<HashRecord> Assemblies { get; init; }
}

/// <summary>A named content hash (SHA-256, lower-case hex).</summary>
public sealed record HashRecord(string Name, string Sha256);

/// <summary>The model that answered.</summary>
public sealed record ModelRecord
{
    public required string Name { get; init; }

    /// <summary>The checkpoint directory, as the definition names it (not resolved).</summary>
    public required string Path { get; init; }

    /// <summary>SHA-256 of <c>model.safetensors</c>.</summary>
    public required string Sha256 { get; init; }

    /// <summary>All parameters, vision tower and projector included.</summary>
    public required long Parameters { get; init; }

    /// <summary>Decoder layers of the language model.</summary>
    public required int Layers { get; init; }

    /// <summary>Visual tokens per frame before merging.</summary>
    public required int TokensPerFrame { get; init; }

    /// <summary>The seed that it was trained from, where its training says so.</summary>
    public ulong? Seed { get; init; }

    /// <summary>
    /// Models trained from different seeds whose figures the run has: this one, and those of <see cref="RunRecord.Seeds"/>.
    /// </summary>
    public int Seeds { get; init; } = 1;
}

/// <summary>The questions that were asked.</summary>
public sealed record DataRecord
{
    public required string Name { get; init; }

    /// <summary>Version of the data or of its generator.</summary>
    public required string Version { get; init; }

    /// <summary>Which part of it; empty where it is asked whole.</summary>
    public required string Split { get; init; }

    /// <summary>Samples of the largest cell.</summary>
    public required int Samples { get; init; }

    /// <summary>
    /// In so many first samples all kinds of question go round; those behind them are of kinds that count. Null: all kinds
    /// throughout.
    /// </summary>
    public int? First { get; init; }

    /// <summary>Frames sampled from each clip.</summary>
    public required int Frames { get; init; }

    /// <summary>Content hashes of data files, or of the generated samples.</summary>
    public IReadOnlyList<HashRecord> Hashes { get; init; } = [];
}
