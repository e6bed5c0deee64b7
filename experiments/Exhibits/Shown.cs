using Aim.Experiments.Planning;
using Aim.Experiments.Running;
using Aim.Experiments.Scoring;
using Aim.Experiments.Statistics;
using Aim.Reports.Records;

namespace Aim.Experiments.Exhibits;

/// <summary>
/// A run's answers as exhibits and claims look at them: right or wrong, over the kinds that count (all, where none does).
/// </summary>
internal sealed class Shown
{
    private readonly Answers _answers;
    private readonly KindTable _kinds;

    /// <param name="answers">What came out.</param>
    /// <param name="kinds">Which kinds count.</param>
    public Shown(Answers answers, KindTable kinds) => (_answers, _kinds) = (answers, kinds);

    public Plan Plan => _answers.Plan;

    /// <summary>What models of the same training from other seeds do in the same cells.</summary>
    public IReadOnlyList<SeedRecord> Seeds { get; init; } = [];

    /// <summary>Why nothing can be decided; null where it can.</summary>
    public string? Undecided => Plan.Definition.Limited ?? _kinds.Undecided;

    /// <summary>The cell of a name; null where the plan has none (a claim's cell may be left out).</summary>
    public PlannedCell? Find(string id) => Plan.Cells.FirstOrDefault(c => c.Id == id);

    /// <summary>Whether a kind is among what is shown.</summary>
    public bool Counts(string kind) => !_kinds.Any || _kinds.Counts(kind);

    /// <summary>Indices of a cell's samples that are shown, of some kinds or of all.</summary>
    public int[] Samples(PlannedCell cell, Func<string, bool>? kinds = null) =>
    [
        .. Enumerable.Range(0, cell.Cell.Samples).Where(i => cell.Set.Samples[i].Kind is var kind && Counts(kind)
            && (kinds is null || kinds(kind))),
    ];

    /// <summary>The kinds of some cells that are shown, in order of appearance.</summary>
    public IReadOnlyList<string> Kinds(IEnumerable<PlannedCell> cells) =>
        [.. cells.SelectMany(c => c.Set.Samples.Take(c.Cell.Samples)).Select(s => s.Kind).Distinct().Where(Counts)];

    public bool[] Right(PlannedCell cell) => _answers.Right(cell);

    public IReadOnlyList<SampleResult> Of(PlannedCell cell) => _answers.Of(cell);

    public IReadOnlyList<SampleRecording> Recordings(PlannedCell cell, Recordings kind) => _answers.Recordings(cell, kind);

    /// <summary>Right answers on given samples, with their Wilson interval.</summary>
    public ValueRecord Accuracy(PlannedCell cell, IReadOnlyList<int> samples)
    {
        bool[] right = Right(cell);
        return Share(samples.Count(i => right[i]), samples.Count);
    }

    /// <summary>A share with its Wilson interval; not measured where there are no samples.</summary>
    public static ValueRecord Share(int correct, int samples) => samples == 0
        ? ValueRecord.Missing
        : ValueRecord.Of((double)correct / samples, CellFigures.Wilson(correct, samples), samples);

    /// <summary>A cell minus another on the samples that both have; they must be asked the same questions.</summary>
    public PairedComparison? Compare(PlannedCell cell, PlannedCell other, Func<string, bool>? kinds = null)
    {
        int[] samples = [.. Samples(cell, kinds).Where(i => i < other.Cell.Samples)];
        if (samples.Length == 0)
            return null;
        bool[] first = Right(cell), second = Right(other);
        return PairedComparison.Of([.. samples.Select(i => first[i])], [.. samples.Select(i => second[i])]);
    }

    /// <summary>
    /// A cell minus another by every other seed that has both on equally many samples; each seed counts the kinds that count for
    /// it.
    /// </summary>
    public IReadOnlyList<double> OtherSeeds(PlannedCell cell, PlannedCell other)
    {
        string baseline = Plan.BaselineOf(cell).Id;
        return
        [
            .. from seed in Seeds
               let first = seed.Cells.FirstOrDefault(c => c.Id == cell.Id)
               let second = seed.Cells.FirstOrDefault(c => c.Id == other.Id)
               where first is not null && (other.Id == baseline || second?.Samples == first.Samples)
               select first.Difference - (other.Id == baseline ? 0 : second!.Difference),
        ];
    }

    /// <summary>A paired difference as a value.</summary>
    public static ValueRecord Points(PairedComparison? paired, string? detail = null) => paired is null
        ? ValueRecord.Missing
        : ValueRecord.Of(paired.Difference, Interval(paired.Interval), paired.Samples, detail);

    public static IntervalRecord Interval(Interval interval) => new(interval.Low, interval.High);

    /// <summary>Mean FLOPs that a cell's prefills executed.</summary>
    public double Flops(PlannedCell cell) => Of(cell).Average(a => (double)a.Flops);

    /// <summary>How two cells' samples are named in a source line.</summary>
    public string From(IEnumerable<PlannedCell> cells)
    {
        var all = cells.ToList();
        string names = all.Count > 6 ? $"{all.Count} cells" : string.Join(", ", all.Select(c => c.Id));
        string data = Plan.Data.IsLab ? $"{Plan.Definition.Split} split" : Plan.Data.Name;
        return $"{names}; {data}, {all.Max(c => c.Cell.Samples)} samples at most";
    }
}
