using System.Text.Json.Serialization;

namespace Aim.Reports.Records;

/// <summary>What came out of a comparison.</summary>
public enum ComparisonOutcome
{
    /// <summary>The whole interval keeps to the bound.</summary>
    Passes,

    /// <summary>It does not, and is narrow enough to say so.</summary>
    Fails,

    /// <summary>It lies on both sides, or nothing was measured.</summary>
    Open,
}

/// <summary>How a comparison must lie to its bound; with an interval, its end on that side.</summary>
public enum ComparisonSide
{
    Above,
    Below,

    /// <summary>Or equal to it: for what is counted and has no interval.</summary>
    AtLeast,

    /// <inheritdoc cref="AtLeast"/>
    AtMost,

    /// <summary>No further from zero than the bound.</summary>
    Within,
}

/// <summary>A figure that a claim's rule asks for.</summary>
public sealed record ComparisonRecord
{
    /// <summary>What is compared: "'fused at 16' minus 'text only at 16'".</summary>
    public required string What { get; init; }

    /// <summary>On which questions, in which metric; null: on all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? On { get; init; }

    /// <summary>Whether it is a control: what must come out so that the claim's cause is the one that it names.</summary>
    public bool IsControl { get; init; }

    public required Unit Unit { get; init; }

    /// <summary>
    /// The figure with its interval and n; without a number where nothing was measured, and then the detail says why.
    /// </summary>
    public required ValueRecord Value { get; init; }

    /// <summary>The bound that it must keep to, in the same unit.</summary>
    public required double Bound { get; init; }

    public ComparisonSide Side { get; init; }

    /// <summary>
    /// P of the difference against the bound, corrected for the number of comparisons; null where intervals alone decide.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? P { get; init; }

    public required ComparisonOutcome Outcome { get; init; }

    /// <summary>"passes", "fails", "stays open", "not measured".</summary>
    [JsonIgnore]
    public string OutcomeWords => (Outcome, Value.Value) switch
    {
        (ComparisonOutcome.Passes, _) => "passes",
        (ComparisonOutcome.Fails, _) => "fails",
        (_, null) => "not measured",
        _ => "stays open",
    };

    /// <summary>What the rule asks for: "above −2.0", "at least 6.75×".</summary>
    /// <param name="bound">The bound as its reader prints it.</param>
    public string Demand(string bound) => Side switch
    {
        ComparisonSide.Above => $"above {bound}",
        ComparisonSide.Below => $"below {bound}",
        ComparisonSide.AtLeast => $"at least {bound}",
        ComparisonSide.AtMost => $"at most {bound}",
        _ => $"within \u00B1{bound.TrimStart('+')}",
    };
}
