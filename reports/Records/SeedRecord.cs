namespace Aim.Reports.Records;

/// <summary>
/// What the run's definition gave on a model of the same training from another seed: the figures of its headline cells, from the
/// record of its own run. Each seed's figures are over the kinds that count for it.
/// </summary>
public sealed record SeedRecord
{
    /// <summary>The seed that the model was trained from, where its training says so.</summary>
    public ulong? Seed { get; init; }

    /// <summary>SHA-256 of its <c>model.safetensors</c>.</summary>
    public required string Sha256 { get; init; }

    /// <summary>The git commit of its run, where known.</summary>
    public string? Commit { get; init; }

    /// <summary>Questions that the unreduced model was asked, of the kinds that count.</summary>
    public required int Samples { get; init; }

    /// <summary>Its unreduced accuracy on them.</summary>
    public required double Accuracy { get; init; }

    /// <summary>What its reduced cells lose or gain.</summary>
    public required IReadOnlyList<SeedCellRecord> Cells { get; init; }
}

/// <summary>A cell of another seed.</summary>
/// <param name="Id">The cell's id in this run.</param>
/// <param name="Samples">Questions that it and the unreduced model answered.</param>
/// <param name="Difference">Accuracy minus the unreduced model's on them.</param>
/// <param name="Interval">The 95 % paired t interval of <paramref name="Difference"/>.</param>
/// <param name="Flops">
/// Of its prefill, priced for what the layers process: a schedule that was searched is each model's own. Null in older records.
/// </param>
public sealed record SeedCellRecord(
    string Id, int Samples, double Difference, IntervalRecord Interval, double? Flops = null);
