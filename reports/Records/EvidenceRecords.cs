namespace Aim.Reports.Records;

/// <summary>The unreduced model on inputs that withhold evidence.</summary>
/// <param name="Name">
/// <c>blank</c> (grey frames), <c>text</c> (no frames), <c>one-frame</c>, <c>shuffled</c>, <c>majority</c> (the kind's commonest
/// answer).
/// </param>
/// <param name="Samples">Questions asked.</param>
/// <param name="Correct">Questions answered correctly.</param>
/// <param name="Accuracy"><paramref name="Correct"/> / <paramref name="Samples"/>.</param>
/// <param name="ByKind">The same by kind of question.</param>
public sealed record ControlRecord(string Name, int Samples, int Correct, double Accuracy, IReadOnlyList<KindScoreRecord> ByKind);

/// <summary>A kind of question.</summary>
/// <param name="Kind">Its name in the data.</param>
/// <param name="Description">What is asked, in a few words.</param>
/// <param name="Counts">
/// Whether the model beats the kind's controls by the definition's margins, so that the kind enters the headline.
/// </param>
/// <param name="Reason">The figures behind <paramref name="Counts"/>.</param>
public sealed record KindRecord(string Kind, string Description, bool Counts, string Reason);

/// <summary>How deep a kind of question still reads the frames.</summary>
/// <param name="Kind">Its name in the data.</param>
/// <param name="Points">
/// Accuracy with the visual tokens removed before layer <c>Layer</c>, in increasing order of the layer.
/// </param>
public sealed record HorizonRecord(string Kind, IReadOnlyList<HorizonPoint> Points);

/// <summary>
/// Accuracy with the visual tokens visible to the layers below <c>Layer</c> only (the number of layers: never removed).
/// </summary>
public sealed record HorizonPoint(int Layer, int Samples, int Correct, double Accuracy);

/// <summary>How a verdict came out.</summary>
public enum Outcome
{
    /// <summary>The claim holds by the rule that the definition fixed before the run.</summary>
    Holds,

    /// <summary>It does not hold by that rule.</summary>
    DoesNotHold,

    /// <summary>The run does not decide it (an interval on both sides of the margin, a limited run, a missing cell).</summary>
    NotDecided,
}

/// <summary>A claim that the definition put to the test, and what came out.</summary>
public sealed record VerdictRecord
{
    /// <summary>The claim in words: "AIM at 25 % with pruning (default schedule) holds".</summary>
    public required string Claim { get; init; }

    public required Outcome Outcome { get; init; }

    /// <summary>The rule, margin included: "the lower 95 % bound of the paired difference is above -2 points".</summary>
    public required string Rule { get; init; }

    /// <summary>The figures that decided it, in words.</summary>
    public required string Detail { get; init; }

    /// <summary>Id of the cell that it is about, where it is about one.</summary>
    public string? Cell { get; init; }
}

/// <summary>A setting of the paper as the cost model prices it, beside what the paper prints.</summary>
public sealed record CostCheckRecord
{
    /// <summary>For example "LLaVA-OneVision-7B, 32 frames, 25% + (14, 22)".</summary>
    public required string Setting { get; init; }

    /// <summary>FLOPs in units of 1e12, by the convention of the paper's script.</summary>
    public required double Teraflops { get; init; }

    /// <summary>Roofline prefill time in milliseconds on the paper's hardware.</summary>
    public required double Milliseconds { get; init; }

    /// <summary>The paper's printed values, as printed; null where the paper has none.</summary>
    public string? PaperTeraflops { get; init; }

    /// <inheritdoc cref="PaperTeraflops"/>
    public string? PaperMilliseconds { get; init; }

    /// <summary>
    /// The cost when the schedule takes effect one layer later, as the method's formula says; null where nothing is pruned.
    /// </summary>
    public double? HonestTeraflops { get; init; }

    /// <inheritdoc cref="HonestTeraflops"/>
    public double? HonestMilliseconds { get; init; }
}
