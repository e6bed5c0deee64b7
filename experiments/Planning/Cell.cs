using Aim.Reduction;

namespace Aim.Experiments.Planning;

/// <summary>
/// One point of the grid: a method with its settings, on the first <see cref="Samples"/> samples of a test set.
/// </summary>
/// <param name="Method">The method's registered name.</param>
/// <param name="Set">The questions.</param>
/// <param name="Samples">How many samples, from the first on.</param>
/// <param name="Headline">Whether the cell carries verdicts; the others are exploratory.</param>
public sealed record Cell(string Method, TestSetName Set, int Samples, bool Headline)
{
    /// <summary>The method that reduces nothing: every difference is taken to it.</summary>
    public const string Unreduced = "none";

    /// <summary>Share of the visual tokens that merging keeps; 1 where the method has no such knob.</summary>
    public Retention Retention { get; init; } = Retention.All;

    /// <summary>The pruning schedule; none where the method does not prune by one.</summary>
    public ScheduleName Schedule { get; init; } = ScheduleName.None;

    /// <summary>The method's own settings, sorted by name.</summary>
    public IReadOnlyList<Setting> Settings { get; init; } = [];

    /// <summary>Executed FLOPs that the method's knob is solved for; null where it is set.</summary>
    public FlopsTarget? Target { get; init; }

    /// <summary>A budget that picks retention and schedule sample by sample; null where they are set.</summary>
    public BudgetName? Budget { get; init; }

    /// <summary>
    /// How many questions of kinds that count are asked at least: behind the first <see cref="Samples"/>, in which all kinds go
    /// round, only those are. 0: no more than the first.
    /// </summary>
    public int Counting { get; init; }

    /// <summary>What is recorded of every sample beside the answer.</summary>
    public Recordings Record { get; init; }

    /// <summary>Whether this is a test set's baseline: the unreduced model, all tokens at every layer.</summary>
    public bool IsBaseline => Method == Unreduced && Schedule.IsNone;

    /// <summary>
    /// A name that is unique in a test set, for example <c>aim 1/4 default</c> or <c>fastv at aim 1/4 default</c>.
    /// </summary>
    public string Id
    {
        get
        {
            var parts = new List<string> { Method };
            if (Target is { } target)
                parts.Add($"at {target}");
            if (Budget is { } budget)
                parts.Add($"within {budget}");
            if (!Retention.IsAll || (!Schedule.IsNone && Method != Unreduced))
                parts.Add(Retention.ToString());
            if (!Schedule.IsNone)
                parts.Add(Schedule.ToString());
            parts.AddRange(Settings.Select(s => s.ToString()));
            return string.Join(' ', parts);
        }
    }

    /// <summary>The name in a definition whose cells are asked <paramref name="usual"/> unless they say otherwise.</summary>
    public string IdIn(TestSetName usual) => Set == usual ? Id : $"{Id} on {Set.Beside(usual)}";

    /// <summary>
    /// Cells in order, each once: one that several grids name has the larger number of samples, and all that they record.
    /// </summary>
    public static IReadOnlyList<Cell> Unite(IEnumerable<Cell> cells)
    {
        var united = new List<Cell>();
        foreach (var cell in cells)
        {
            int known = united.FindIndex(c => c.Set == cell.Set && c.Id == cell.Id);
            if (known < 0)
                united.Add(cell);
            else
                united[known] = united[known] with
                {
                    Samples = Math.Max(united[known].Samples, cell.Samples),
                    Counting = Math.Max(united[known].Counting, cell.Counting),
                    Headline = united[known].Headline || cell.Headline,
                    Record = united[known].Record | cell.Record,
                };
        }
        return united;
    }
}

/// <summary>One knob of a method: <c>layer=2</c>.</summary>
public sealed record Setting(string Name, string Value)
{
    public override string ToString() => $"{Name}={Value}";
}

/// <summary>
/// What a method's executed FLOPs are matched to: those of another cell on the same questions, or a share of the baseline's.
/// </summary>
/// <param name="Cell">The other cell's <see cref="Planning.Cell.Id"/>; null for a share.</param>
/// <param name="Percent">The share of the unreduced model's, in percent; null for a cell.</param>
public sealed record FlopsTarget(string? Cell, decimal? Percent)
{
    public override string ToString() => Cell ?? FormattableString.Invariant($"{Percent / 1.0000000000000000000000000000m}%");
}

/// <summary>A budget of the controller: <c>flops 15%</c>, <c>latency 200ms on H100</c>, <c>memory 2GB</c>.</summary>
/// <param name="Resource"><c>flops</c>, <c>latency</c> or <c>memory</c>.</param>
/// <param name="Amount">In its usual spelling (<see cref="Budget.Amount"/>).</param>
/// <param name="Hardware">For latency: the hardware that it is predicted for.</param>
public sealed record BudgetName(string Resource, string Amount, string? Hardware = null)
{
    public override string ToString() => Hardware is null ? $"{Resource} {Amount}" : $"{Resource} {Amount} on {Hardware}";
}

/// <summary>What is recorded of a sample beside its answer.</summary>
[Flags]
public enum Recordings
{
    None = 0,

    /// <summary>How much of every layer's attention goes to visual tokens.</summary>
    Attention = 1,

    /// <summary>Where in the grid and in which frame the tokens lie that pruning keeps.</summary>
    Kept = 2,

    /// <summary>What is merged with what: the same object, background, different objects.</summary>
    Merges = 4,

    /// <summary>Which patches every token was made of, and how deep it got.</summary>
    Trace = 8,
}
