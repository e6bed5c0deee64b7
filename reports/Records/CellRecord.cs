using System.Text.Json.Serialization;

namespace Aim.Reports.Records;

/// <summary>One cell of the grid: a method at one setting, over the samples that it answered.</summary>
public sealed record CellRecord
{
    /// <summary>Unique and stable, for example <c>aim-1/4-default</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The registered method: <c>none</c>, <c>aim</c>, <c>random</c>, <c>downsample</c>, ...</summary>
    public required string Method { get; init; }

    /// <summary>
    /// The method's name for readers, with what sets a variant apart ("AIM, size-weighted"); null for methods and controls in
    /// their plain form, which the report names itself.
    /// </summary>
    public string? Label { get; init; }

    /// <summary>
    /// What a reader must know to judge the method here: "adapted: mean query for CLS", "our reading of Table B".
    /// </summary>
    public string? Note { get; init; }

    /// <summary>
    /// Id of the unreduced model's cell on the same questions, with which this one is paired; null: the run's
    /// (<see cref="RunRecord.Baseline"/>).
    /// </summary>
    public string? Baseline { get; init; }

    /// <summary>
    /// What its questions differ in from those of the run's baseline: "64 frames, twemoji"; null: the same questions.
    /// </summary>
    public string? Questions { get; init; }

    /// <summary>Whether this cell carries a headline verdict (and therefore more samples).</summary>
    public required bool Headline { get; init; }

    /// <summary>Share of visual tokens that merging keeps, as the exact fraction of the definition: <c>1/4</c>.</summary>
    public required string Retention { get; init; }

    /// <summary>The same as the paper prints it: <c>25%</c>, <c>6.3%</c>.</summary>
    public required string RetentionPrinted { get; init; }

    /// <summary>The pruning schedule; null where the cell does not prune.</summary>
    public ScheduleRecord? Schedule { get; init; }

    /// <summary>Frames of one clip.</summary>
    public required int Frames { get; init; }

    public required int Samples { get; init; }

    public required int Correct { get; init; }

    /// <summary><see cref="Correct"/> / <see cref="Samples"/>.</summary>
    public required double Accuracy { get; init; }

    /// <summary>The 95 % Wilson interval of <see cref="Accuracy"/>.</summary>
    public required IntervalRecord Wilson { get; init; }

    public required IReadOnlyList<KindScoreRecord> ByKind { get; init; }

    /// <summary>Against the unreduced model on the samples that both answered; null for the unreduced model itself.</summary>
    public PairedRecord? Paired { get; init; }

    /// <summary>Share of answers equal to the unreduced model's, right or wrong; null for the unreduced model itself.</summary>
    public double? Loyalty { get; init; }

    /// <summary>
    /// The same figures over the questions of those kinds only that count (<see cref="KindRecord.Counts"/>): what headline, curve
    /// and table show. Null where every kind counts, or none does.
    /// </summary>
    public CountedRecord? Counted { get; init; }

    /// <summary>Tokens (visual and text) that each decoder layer processes, <c>[layers]</c>, averaged over samples.</summary>
    public required IReadOnlyList<double> TokensPerLayer { get; init; }

    /// <summary>
    /// FLOPs of the LLM's prefill as the paper's script prices them: the schedule takes effect one layer early.
    /// </summary>
    public required double FlopsPriced { get; init; }

    /// <summary>The same for the tokens that the layers really process (the paper's formula): one layer later.</summary>
    public required double FlopsHonest { get; init; }

    /// <summary>FLOPs counted inside the matrix-multiply and attention kernels while the cell ran.</summary>
    public required double FlopsExecutedMatmul { get; init; }

    /// <summary>The executed FLOPs that a control was asked to match; null where there is no target.</summary>
    public double? Target { get; init; }

    /// <summary>Executed FLOPs as a share of <see cref="Target"/>.</summary>
    public double? Achieved { get; init; }

    /// <summary>Mean of <see cref="TokensPerLayer"/>.</summary>
    [JsonIgnore]
    public double MeanTokens => TokensPerLayer.Count == 0 ? 0 : TokensPerLayer.Average();
}

/// <summary>A cell's figures over the kinds that count.</summary>
public sealed record CountedRecord
{
    public required int Samples { get; init; }

    public required int Correct { get; init; }

    public required double Accuracy { get; init; }

    public required IntervalRecord Wilson { get; init; }

    public PairedRecord? Paired { get; init; }

    public double? Loyalty { get; init; }
}

/// <summary>
/// A pruning schedule (l1, l2), layers counted from zero: retention is 1 up to l1, falls linearly, and is 0 from l2 on.
/// </summary>
/// <param name="Name"><c>default</c>, <c>searched</c>, or a name of the definition.</param>
/// <param name="L1">The first pruning layer.</param>
/// <param name="L2">The layer from which no visual token is left; may lie beyond the last layer.</param>
public sealed record ScheduleRecord(string Name, int L1, int L2);

/// <summary>A two-sided interval, 95 % throughout.</summary>
public sealed record IntervalRecord(double Low, double High);

/// <summary>Accuracy on one kind of question.</summary>
public sealed record KindScoreRecord(string Kind, int Samples, int Correct, double Accuracy, IntervalRecord Wilson);

/// <summary>A cell against the unreduced model, on the samples that both have.</summary>
public sealed record PairedRecord
{
    /// <summary>Samples that both cells have.</summary>
    public required int Samples { get; init; }

    /// <summary>Accuracy of the cell minus accuracy of the unreduced model, both on these samples.</summary>
    public required double Difference { get; init; }

    /// <summary>The 95 % paired t interval of <see cref="Difference"/>.</summary>
    public required IntervalRecord Interval { get; init; }

    /// <summary>Two-sided p of the paired t test; null where every difference is equal (the test is undefined).</summary>
    public double? TP { get; init; }

    /// <summary>Two-sided exact McNemar p.</summary>
    public required double McNemarP { get; init; }

    /// <summary>
    /// <see cref="McNemarP"/> after Holm's correction over the comparisons of the run; null where it was not corrected.
    /// </summary>
    public double? HolmP { get; init; }

    /// <summary>Samples that only the cell has right.</summary>
    public required int Wins { get; init; }

    /// <summary>Samples that only the unreduced model has right.</summary>
    public required int Losses { get; init; }
}
