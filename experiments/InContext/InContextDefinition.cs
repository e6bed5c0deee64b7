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

/// <summary>What of demonstrations is kept between prompts.</summary>
internal enum Reuse
{
    /// <summary>Aggregates, in the demonstration bank.</summary>
    Bank,

    /// <summary>Nothing: the demonstrations are read anew.</summary>
    None,

    /// <summary>Keys and values of the demonstrations as pictures and texts, in their one order: the rival.</summary>
    Prefix,
}

/// <summary>How the pictures that stand in a prompt as pictures are reduced, by the first paper's method.</summary>
/// <param name="Merge">Share of their tokens that merging keeps.</param>
/// <param name="Prune">Layers between which they are pruned: (l1, l2), default or none.</param>
internal sealed record PictureReduction(string Merge, string Prune)
{
    /// <inheritdoc/>
    public override string ToString() => $"merge={Merge} prune={Prune}";
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

    /// <summary>How pictures are reduced; null: not at all. Fused tokens are text, which nothing merges or prunes.</summary>
    public PictureReduction? Reduction { get; init; }

    /// <summary>What is kept between prompts; no answer depends on it.</summary>
    public Reuse Reuse { get; init; }

    /// <summary>0: demonstrations in the episode's order; else they are permuted by this seed.</summary>
    public int Order { get; init; }

    /// <summary>Seeds of W_p; one that has none counts once.</summary>
    public IReadOnlyList<int> Seeds { get; init; } = [0];

    /// <summary>All that its answers depend on beside model, data, program and episode.</summary>
    public string Settings
    {
        get
        {
            string reduced = Reduction is null ? "" : $" {Reduction}";
            string layer = States.Layer?.ToString(CultureInfo.InvariantCulture) ?? "last";
            string states = Form != Form.Fused ? ""
                : $" layer={layer} norm={States.Norm} text={States.Positions} projection={Projection}"
                    + (LayerNorm ? " layer-norm" : "");
            return string.Create(CultureInfo.InvariantCulture, $"form={Form} pictures={Pictures} order={Order}{reduced}{states}");
        }
    }
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
/// <param name="Better">The point that should be better: the lower 95 % bound of the paired difference lies above
/// <paramref name="By"/>.</param>
/// <param name="Than">Than which; null: than chance.</param>
/// <param name="By">By so many points (hundredths of CIDEr-D or of nats); negative: not worse by more than that.</param>
/// <param name="Tasks">On which tasks, pooled.</param>
/// <param name="Not">Whether the opposite is claimed: the upper bound lies below <paramref name="By"/>.</param>
internal sealed record Expectation(Point Better, Point Than, decimal By, IReadOnlyList<LabTask> Tasks, bool Not);

/// <summary>What an experiment measures.</summary>
internal enum Measure
{
    /// <summary>Answers to episodes.</summary>
    Answers,

    /// <summary>Tokens of prompts, counted.</summary>
    Tokens,

    /// <summary>Memory that a prompt takes.</summary>
    Memory,

    /// <summary>Time that a prompt takes.</summary>
    Speed,

    /// <summary>Parameters that train, and those that do not change.</summary>
    Parameters,

    /// <summary>Where the first answer token's attention goes.</summary>
    Attention,

    /// <summary>How well the text of stories is predicted.</summary>
    Perplexity,

    /// <summary>What a linear probe reads off a demonstration's tokens of what its picture shows.</summary>
    Probe,

    /// <summary>Whether a demonstration's aggregate depends on what else is read.</summary>
    Independence,
}

/// <summary>How answers are scored.</summary>
internal enum Scoring
{
    /// <summary>Whether the right option is the most probable one.</summary>
    Accuracy,

    /// <summary>
    /// Each task by its own metric: ROC-AUC of yes against no (pair), VQA accuracy of a generated answer (shift), CIDEr-D of a
    /// generated caption (caption), accuracy of the others.
    /// </summary>
    Own,
}

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

    public Measure Measure { get; init; }

    public Scoring Scoring { get; init; }

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

    /// <summary>
    /// By how much the measure must exceed its rival: how many times faster (speed), how many nats a token worse than raw context
    /// may be (perplexity).
    /// </summary>
    public double Factor { get; init; }

    /// <summary>Why conditions, and the tests that name them, are left out: their models are not there.</summary>
    public IReadOnlyList<string> LeftOut { get; init; } = [];

    /// <summary>Whether a test, not only a control, is left out.</summary>
    public bool Undecidable { get; init; }

    /// <summary>How a task is scored.</summary>
    public Metric MetricOf(LabTask task) => (Scoring, task) switch
    {
        _ when Measure == Measure.Probe => Metric.Probe,
        (Scoring.Own, LabTask.Pair) => Metric.Auc,
        (Scoring.Own, LabTask.Shift) => Metric.Vqa,
        (Scoring.Own, LabTask.Caption) => Metric.Cider,
        _ => Metric.Accuracy,
    };

    /// <summary>Leaves out the conditions whose models are not there, and says so.</summary>
    /// <param name="exists">Whether there is a model of that name.</param>
    public InContextDefinition Without(Func<string, bool> exists)
    {
        Condition[] missing = [.. Conditions.Where(c => !exists(c.Model ?? Model))];
        if (missing.Length == 0)
            return this;
        bool Can(Expectation t) => missing.All(c => c.Name != t.Better.Condition && c.Name != t.Than.Condition);
        return this with
        {
            Conditions = [.. Conditions.Except(missing)],
            Tests = [.. Tests.Where(Can)],
            Controls = [.. Controls.Where(Can)],
            Undecidable = missing.Length == Conditions.Count || !Tests.All(Can),
            LeftOut =
            [
                .. missing.GroupBy(c => c.Model ?? Model).Select(g =>
                    $"{string.Join(", ", g.Select(c => $"'{c.Name}'"))} {(g.Count() == 1 ? "needs" : "need")} the model "
                        + $"{g.Key}, which is not there ({Training(g.Key)})"),
            ],
        };
    }

    private static string Training(string model) =>
        Path.GetFileName(model) is var name && name.StartsWith("lab-", StringComparison.Ordinal)
        ? $"'aim lab train --model {name[4..]} --output {model}' trains it" : "name a checkpoint directory that is";
}

/// <summary>A measure of answers.</summary>
internal enum Metric
{
    /// <summary>Share of right choices.</summary>
    Accuracy,

    /// <summary>VQA accuracy of generated answers, against ten people who all say the label.</summary>
    Vqa,

    /// <summary>The chance that an episode whose answer is yes scores above one whose answer is no.</summary>
    Auc,

    /// <summary>CIDEr-D of generated captions, from 0 to 10.</summary>
    Cider,

    /// <summary>Share of demonstrations whose picture's fact a probe reads off.</summary>
    Probe,
}
