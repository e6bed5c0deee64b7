using System.Text.Json.Serialization;

namespace Aim.Reports.Records;

/// <summary>What a number is, and therefore how the report prints it.</summary>
public enum Unit
{
    /// <summary>No number: words, or a figure exactly as another source prints it.</summary>
    Text,

    /// <summary>A whole number of things.</summary>
    Count,

    /// <summary>A plain number.</summary>
    Number,

    /// <summary>A fraction in [0, 1] or above it, printed in percent: 0.841 is 84.1%.</summary>
    Percent,

    /// <summary>A difference of fractions, printed in percentage points with its sign: -0.004 is −0.4.</summary>
    Points,

    /// <summary>Floating-point operations (a multiply-add is two).</summary>
    Flop,

    /// <summary>Units of 1e12 floating-point operations, as the paper counts cost.</summary>
    Teraflop,

    /// <summary>Units of 1e9 floating-point operations.</summary>
    Gigaflop,

    /// <summary>Milliseconds.</summary>
    Milliseconds,

    /// <summary>Seconds.</summary>
    Seconds,

    /// <summary>Bytes.</summary>
    Bytes,

    /// <summary>How many times: 6.42×.</summary>
    Ratio,

    /// <summary>A probability of a test; say in the column's detail what it is corrected for.</summary>
    P,

    /// <summary>1: yes, 0: no.</summary>
    YesNo,
}

/// <summary>
/// One entry of a table, a heat map or a bar chart. An entry without <see cref="Value"/> and <see cref="Text"/> was not measured,
/// and the report says so.
/// </summary>
public sealed record ValueRecord
{
    /// <summary>The number, in the unit of its column or axis.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Value { get; init; }

    /// <summary>Its 95 % interval, in the same unit.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IntervalRecord? Interval { get; init; }

    /// <summary>Samples behind it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? N { get; init; }

    /// <summary>
    /// Printed in place of the number, which then only sorts: "99.63" as the paper prints it, "not applicable".
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Text { get; init; }

    /// <summary>What stands beneath it, smaller: "98% of target", "SigLIP has no CLS token".</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Detail { get; init; }

    /// <summary>A number with what is known about it.</summary>
    public static ValueRecord Of(double value, IntervalRecord? interval = null, int? n = null, string? detail = null) =>
        new() { Value = value, Interval = interval, N = n, Detail = detail };

    /// <summary>Words in place of a number, or a figure as another source prints it.</summary>
    public static ValueRecord Words(string text, double? value = null, string? detail = null) =>
        new() { Text = text, Value = value, Detail = detail };

    /// <summary>Not measured.</summary>
    public static ValueRecord Missing { get; } = new();
}

/// <summary>An axis of a figure.</summary>
public sealed record AxisRecord
{
    /// <summary>With what is counted, without its unit where <see cref="Unit"/> says it: "Accuracy", "Frames".</summary>
    public required string Title { get; init; }

    public required Unit Unit { get; init; }

    public bool Logarithmic { get; init; }

    /// <summary>Whether the axis begins at 0 (not for logarithmic ones).</summary>
    public bool FromZero { get; init; }
}
