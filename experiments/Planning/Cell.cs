using Aim.Reduction;

namespace Aim.Experiments.Planning;

/// <summary>One point of the grid: a method with its settings, on the first <see cref="Samples"/> samples of the split.</summary>
/// <param name="Method">The method's registered name.</param>
/// <param name="Retention">Share of the visual tokens that merging keeps; for <c>downsample</c>, of the cell whose FLOPs are the
/// target.</param>
/// <param name="Schedule">The pruning schedule; for <c>downsample</c>, of the cell whose FLOPs are the target.</param>
/// <param name="At">For <c>downsample</c>: the method that sets the target.</param>
/// <param name="Samples">How many samples, from the first on.</param>
/// <param name="Headline">Whether the cell carries verdicts.</param>
public sealed record Cell(string Method, Retention Retention, ScheduleName Schedule, string? At, int Samples, bool Headline)
{
    /// <summary>The method that reduces nothing: every difference is taken to it.</summary>
    public const string Unreduced = "none";

    /// <summary>The methods that a definition may name.</summary>
    public static IReadOnlyList<string> Methods { get; } = [Unreduced, "aim", "random", "downsample"];

    /// <summary>A name that is unique in the definition, for example <c>aim 1/4 default</c>.</summary>
    public string Id => Method == Unreduced
        ? Method : Schedule.IsNone ? $"{Method} {Retention}" : $"{Method} {Retention} {Schedule}";

    /// <summary>
    /// The cells of a definition in its order; a cell that two grids name is there once, with the larger number of samples.
    /// </summary>
    public static IReadOnlyList<Cell> Expand(Definition definition)
    {
        var cells = new List<Cell>();
        foreach (var group in definition.Groups)
        {
            IReadOnlyList<Retention> retentions = group.Method == Unreduced ? [Retention.All] : group.Retentions;
            IReadOnlyList<ScheduleName> schedules = group.Method == Unreduced ? [ScheduleName.None] : group.Schedules;
            foreach (var retention in retentions)
                foreach (var schedule in schedules)
                {
                    var cell = new Cell(group.Method, retention, schedule, group.At, group.Samples, group.Headline);
                    int known = cells.FindIndex(c => c.Id == cell.Id);
                    if (known < 0)
                        cells.Add(cell);
                    else
                        cells[known] = cells[known] with
                        {
                            Samples = Math.Max(cells[known].Samples, cell.Samples),
                            Headline = cells[known].Headline || cell.Headline,
                        };
                }
        }
        return cells;
    }
}
