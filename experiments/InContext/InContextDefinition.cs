using System.Globalization;
using Aim.Datasets;
using Aim.Fusion;

namespace Aim.Experiments.InContext;

/// <summary>In which form a prompt holds its demonstrations.</summary>
internal enum Form
{
    /// <summary>As fused virtual tokens.</summary>
    Fused,

    /// <summary>Picture and text, as they are.</summary>
    Raw,

    /// <summary>The texts alone.</summary>
    Text,

    /// <summary>The texts, with what matters of the pictures told in words: the upper bound.</summary>
    Words,
}

/// <summary>Which pictures the demonstrations have.</summary>
internal enum Pictures
{
    /// <summary>Their own.</summary>
    Own,

    /// <summary>Those of another episode's demonstrations.</summary>
    Shuffled,

    /// <summary>A grey one.</summary>
    Blank,
}

/// <summary>What the aggregates pass before they stand in a prompt.</summary>
internal enum ProjectionUse
{
    /// <summary>Nothing: the states as they are.</summary>
    None,

    /// <summary>W_p as torch.nn.Linear starts, not trained.</summary>
    Untrained,

    /// <summary>W_p, trained on the lab's stories.</summary>
    Trained,
}

/// <summary>One way to answer episodes.</summary>
/// <param name="Name">Unique in its definition.</param>
/// <param name="Form">How demonstrations stand in the prompt.</param>
internal sealed record Condition(string Name, Form Form)
{
    /// <summary>The checkpoint directory; null: the definition's.</summary>
    public string? Model { get; init; }

    /// <summary>Which pictures the demonstrations have.</summary>
    public Pictures Pictures { get; init; }

    /// <summary>Which states become aggregates.</summary>
    public AggregationOptions States { get; init; } = new();

    /// <summary>What aggregates pass.</summary>
    public ProjectionUse Projection { get; init; }

    /// <summary>Whether a LayerNorm follows W_p.</summary>
    public bool LayerNorm { get; init; }

    /// <summary>0: demonstrations in the episode's order; else they are permuted by this seed.</summary>
    public int Order { get; init; }

    /// <summary>Seeds of W_p; one that has none counts once.</summary>
    public IReadOnlyList<int> Seeds { get; init; } = [0];

    /// <summary>All that its answers depend on beside model, data, program and episode.</summary>
    public string Settings => string.Create(CultureInfo.InvariantCulture,
        $"form={Form} pictures={Pictures} order={Order}{(Form == Form.Fused ? $" layer={States.Layer?.ToString(CultureInfo.InvariantCulture) ?? "last"} norm={States.Norm} text={States.Positions} projection={Projection}{(LayerNorm ? " layer-norm" : "")}" : "")}");
}

/// <summary>Accuracy of one condition at one number of shots.</summary>
/// <param name="Condition">Its name.</param>
/// <param name="Shots">How many demonstrations.</param>
internal readonly record struct Point(string Condition, int Shots)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Condition} at {Shots}");
}

/// <summary>What a test of a claim asks: whether one point lies above another.</summary>
/// <param name="Better">The point that should be better: the lower 95 % bound of the paired difference lies above <paramref name="By"/>.</param>
/// <param name="Than">Than which; null: than chance.</param>
/// <param name="By">By so many points; negative: not worse by more than that.</param>
/// <param name="Tasks">On which tasks, pooled.</param>
/// <param name="Not">Whether the opposite is claimed: the upper bound lies below <paramref name="By"/>.</param>
internal sealed record Expectation(Point Better, Point Than, decimal By, IReadOnlyList<LabTask> Tasks, bool Not);

/// <summary>An experiment on in-context learning.</summary>
internal sealed record InContextDefinition
{
    public const int Schema = 1;

    public required string Name { get; init; }

    public required int Version { get; init; }

    public required string Title { get; init; }

    public required string Question { get; init; }

    /// <summary>The claim that it decides, in our words.</summary>
    public required string Claim { get; init; }

    /// <summary>Where the paper makes it.</summary>
    public required string Source { get; init; }

    public required string Model { get; init; }

    public required IReadOnlyList<LabTask> Tasks { get; init; }

    public required IReadOnlyList<int> Shots { get; init; }

    public required int Episodes { get; init; }

    /// <summary>The run's episodes were cut to so many; its verdicts are none.</summary>
    public int? Limit { get; init; }

    public required IReadOnlyList<Condition> Conditions { get; init; }

    /// <summary>What must come out for the claim.</summary>
    public required IReadOnlyList<Expectation> Tests { get; init; }

    /// <summary>What must come out for the claimed cause to be the cause.</summary>
    public required IReadOnlyList<Expectation> Controls { get; init; }
}
