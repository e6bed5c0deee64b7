using Aim.Reduction;

namespace Aim.Experiments.Planning;

/// <summary>
/// An experiment's definition as its YAML file gives it, validated: what is run on which samples by which methods. It is
/// versioned (<see cref="Schema"/> is the form, <see cref="Version"/> the author's), and its canonical form identifies a run.
/// </summary>
/// <param name="Name">A short name; part of the report's title.</param>
/// <param name="Version">The author's version: raised when a published definition changes.</param>
/// <param name="Title">One line that says what is asked.</param>
/// <param name="Model">The checkpoint's directory, as written (<see cref="Places"/> finds it).</param>
/// <param name="Data">The data set (<c>lab</c>).</param>
/// <param name="Split"><c>test</c> or <c>validation</c>.</param>
/// <param name="Frames">Frames taken from each clip.</param>
/// <param name="Samples">Samples of every cell that does not say otherwise: the first ones of the split.</param>
/// <param name="Batch">Consecutive samples that are computed together; the unit that a kill can cost.</param>
/// <param name="Seed">Seed of the random methods.</param>
/// <param name="AnswerTokens">Tokens decoded at most per answer.</param>
/// <param name="Margin">Points: a method 'holds' when the lower 95 % bound of its paired difference is above minus this.</param>
/// <param name="Groups">The grids of cells.</param>
public sealed record Definition(
    string Name, int Version, string Title, string Model, string Data, string Split, int Frames, int Samples, int Batch, int Seed,
    int AnswerTokens, decimal Margin, IReadOnlyList<CellGroup> Groups)
{
    /// <summary>The version of the file's form that this program reads.</summary>
    public const int Schema = 1;
}

/// <summary>A grid: one method at every retention with every schedule.</summary>
/// <param name="Method">A method's registered name.</param>
/// <param name="At">For <c>downsample</c>: the method whose executed FLOPs are the target.</param>
/// <param name="Retentions">Empty for <c>none</c>.</param>
/// <param name="Schedules">Pruning schedules by name; empty for <c>none</c>.</param>
/// <param name="Samples">Samples of these cells.</param>
/// <param name="Headline">Whether these cells carry the report's verdicts.</param>
public sealed record CellGroup(
    string Method, string? At, IReadOnlyList<Retention> Retentions, IReadOnlyList<ScheduleName> Schedules, int Samples,
        bool Headline);

/// <summary>
/// A pruning schedule as a definition names it: <c>none</c>, <c>default</c> (L/2, round(22L/28)), <c>searched</c> (the one stored
/// with the model) or explicit layers.
/// </summary>
public readonly record struct ScheduleName(string Name, int First = 0, int Last = 0)
{
    public static ScheduleName None { get; } = new("none");

    public bool IsNone => Name == "none";

    public override string ToString() => Name == "layers" ? $"({First},{Last})" : Name;
}
