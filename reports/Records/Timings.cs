namespace Aim.Reports.Records;

/// <summary>
/// How long a run took, and on what: the content of <c>timings.json</c>. Times are wall clock in seconds of one sample.
/// Everything that may differ between two runs with equal results is here.
/// </summary>
public sealed record Timings
{
    /// <summary>The version of this layout that this build reads and writes.</summary>
    public const int CurrentSchema = 1;

    public required int Schema { get; init; }

    public required MachineRecord Machine { get; init; }

    /// <summary>When the run started, ISO 8601 in UTC, where known.</summary>
    public string? Started { get; init; }

    /// <summary>Wall clock of the whole run in seconds, where known.</summary>
    public double? WallSeconds { get; init; }

    /// <summary>The cells that were timed.</summary>
    public required IReadOnlyList<CellTimings> Cells { get; init; }
}

/// <summary>The machine, as measured by the run.</summary>
public sealed record MachineRecord
{
    public required string Cpu { get; init; }

    public required string InstructionSet { get; init; }

    /// <summary>Logical processors that the process may use.</summary>
    public required int Cores { get; init; }

    /// <summary>Threads of the engine's pool.</summary>
    public required int Threads { get; init; }

    /// <summary>Measured FMA peak of these threads, in 1e9 FLOP/s.</summary>
    public required double PeakGflops { get; init; }

    /// <summary>Measured memory bandwidth, in 1e9 bytes/s; null where not measured.</summary>
    public double? BandwidthGBs { get; init; }

    public long? MemoryBytes { get; init; }

    public required string Os { get; init; }

    /// <summary>The .NET runtime's version.</summary>
    public required string Runtime { get; init; }
}

/// <summary>One cell's time by part; a part that was not measured is null.</summary>
public sealed record CellTimings
{
    /// <summary>The cell's id in <see cref="RunRecord.Cells"/>.</summary>
    public required string Id { get; init; }

    /// <summary>Vision tower, projector and pooling.</summary>
    public TimeRecord? Vision { get; init; }

    /// <summary>Merging before the LLM.</summary>
    public TimeRecord? Merge { get; init; }

    /// <summary>The LLM's prefill, the method's overhead inside it included.</summary>
    public TimeRecord? Prefill { get; init; }

    /// <summary>The method's own work inside the prefill: importance, selection, gathering.</summary>
    public TimeRecord? Overhead { get; init; }

    /// <summary>Decoding of the answer after its first token.</summary>
    public TimeRecord? Decode { get; init; }

    /// <summary>Prefill seconds that the cost model predicts on this machine's measured peak and bandwidth.</summary>
    public double? PredictedPrefill { get; init; }
}

/// <summary>Seconds over repeats: the median, the fastest and the slowest.</summary>
public sealed record TimeRecord(double Median, double Low, double High, int Repeats);
