using System.Globalization;
using Aim.Reports.Records;

namespace Aim.Reports;

/// <summary>
/// A run as the page's sections look at it: records joined by id, and the few figures that follow from several of them.
/// </summary>
internal sealed class ReportData
{
    private readonly Dictionary<string, CellRecord> byId;
    private readonly Dictionary<string, CellTimings> timings;
    private readonly HashSet<string> counting;
    private readonly List<string> others;

    public ReportData(RunRecord record, Timings? timings, Place place)
    {
        (Record, Timings, Place) = (record, timings, place);
        byId = record.Cells.ToDictionary(c => c.Id, StringComparer.Ordinal);
        Baseline = byId[record.Baseline];
        this.timings = (timings?.Cells ?? []).ToDictionary(t => t.Id, StringComparer.Ordinal);
        counting = record.Kinds.Where(k => k.Counts).Select(k => k.Kind).ToHashSet(StringComparer.Ordinal);
        others = [.. record.Cells.Select(Reports.Series.Of).Where(s => s.IsOther).Select(s => s.Key).Distinct()];
        Series = record.Cells.GroupBy(Reports.Series.Of).OrderBy(g => g.Key.Rank).Select(g =>
            (g.Key, (IReadOnlyList<CellRecord>)[.. g.OrderByDescending(Share)])).ToList();
    }

    /// <summary>Where on the page the run stands.</summary>
    public Place Place { get; }

    public RunRecord Record { get; }

    /// <summary>Null where the run was not timed.</summary>
    public Timings? Timings { get; }

    /// <summary>The unreduced model on the run's own questions.</summary>
    public CellRecord Baseline { get; }

    /// <summary>The cells by series, in each from the highest retention to the lowest.</summary>
    public IReadOnlyList<(Series Series, IReadOnlyList<CellRecord> Cells)> Series { get; }

    /// <summary>All cells, series by series.</summary>
    public IReadOnlyList<CellRecord> Cells => [.. Series.SelectMany(s => s.Cells)];

    /// <summary>What a reader looks at first: all but the controls, and the controls of the headline.</summary>
    public IReadOnlyList<CellRecord> MainCells => [.. Cells.Where(IsMain)];

    public static bool IsMain(CellRecord cell) => cell.Headline || !Reports.Series.Of(cell).IsControl;

    /// <summary>Kinds in the record's order, with those that the cells know and the list forgot after them.</summary>
    public IReadOnlyList<string> Kinds =>
        [.. Record.Kinds.Select(k => k.Kind).Union(Record.Cells.SelectMany(c => c.ByKind).Select(k => k.Kind))];

    /// <summary>Whether the shown figures leave out kinds that do not count.</summary>
    public bool LeavesKindsOut => Record.Cells.Any(c => c.Counted is not null);

    public bool Counts(string kind) => counting.Contains(kind);

    /// <summary>The colour of a series; methods without a colour of their own take turns.</summary>
    public string ColorOf(Series series) => series.IsOther ? Palette.Color(others.IndexOf(series.Key) + 3) : series.Color;

    /// <summary>The marker of a series.</summary>
    public string SymbolOf(Series series) => series.IsOther ? Palette.Symbol(others.IndexOf(series.Key) + 3) : series.Symbol;

    public CellTimings? TimingsOf(CellRecord cell) => timings.GetValueOrDefault(cell.Id);

    /// <summary>The figures to show: over the kinds that count, where the cell has them apart.</summary>
    public static CountedRecord Shown(CellRecord cell) => cell.Counted ?? new CountedRecord
    {
        Samples = cell.Samples,
        Correct = cell.Correct,
        Accuracy = cell.Accuracy,
        Wilson = cell.Wilson,
        Paired = cell.Paired,
        Loyalty = cell.Loyalty,
    };

    /// <summary>
    /// The unreduced model on a cell's own questions, with which it is compared: another number of frames has another cost.
    /// </summary>
    public CellRecord BaselineOf(CellRecord cell) => byId[cell.Baseline ?? Record.Baseline];

    /// <summary>Whether a cell is the unreduced model on its questions, which is compared with nothing.</summary>
    public bool IsBaseline(CellRecord cell) => BaselineOf(cell).Id == cell.Id;

    /// <summary>
    /// How many times fewer FLOPs than the unreduced model on the same questions, as priced for what the layers process.
    /// </summary>
    public double? FlopsRatio(CellRecord cell) => cell.FlopsHonest > 0 ? BaselineOf(cell).FlopsHonest / cell.FlopsHonest : null;

    /// <summary>
    /// How many times faster the prefill is than the unreduced model's on the same questions, by the medians; null where either
    /// was not timed.
    /// </summary>
    public double? MeasuredSpeedup(CellRecord cell) =>
        Ratio(TimingsOf(BaselineOf(cell))?.Prefill?.Median, TimingsOf(cell)?.Prefill?.Median);

    /// <summary>The same as the cost model predicts for the machine's measured peak and bandwidth.</summary>
    public double? PredictedSpeedup(CellRecord cell) =>
        Ratio(TimingsOf(BaselineOf(cell))?.PredictedPrefill, TimingsOf(cell)?.PredictedPrefill);

    /// <summary>
    /// A headline cell's differences to the unreduced model, of this model and of every other seed's that has the cell; one alone
    /// where there is no other seed.
    /// </summary>
    public IReadOnlyList<double> DifferencesOf(CellRecord cell) => Shown(cell).Paired is not { } own ? [] :
    [
        own.Difference,
        .. Record.Seeds.SelectMany(s => s.Cells.Where(c => c.Id == cell.Id)).Select(c => c.Difference),
    ];

    /// <summary>The unreduced model's accuracy, of this model and of every other seed's.</summary>
    public IReadOnlyList<double> Accuracies => [Shown(Baseline).Accuracy, .. Record.Seeds.Select(s => s.Accuracy)];

    /// <summary>A cell's name in text: "AIM + pruning, default schedule (6, 9), 25%".</summary>
    public static string NameOf(CellRecord cell) =>
        cell.Method == "none" ? Reports.Series.Of(cell).Label : $"{Reports.Series.Of(cell).Label}, {cell.RetentionPrinted}";

    /// <summary>
    /// A cell's name where space is short, in the paper's notation: "AIM 25% + default (6, 9)"; a downsampled cell is named by
    /// the FLOPs that it must not exceed.
    /// </summary>
    public static string ShortNameOf(CellRecord cell)
    {
        var method = cell.Method switch
        {
            _ when cell.Label is not null => cell.Label,
            "none" => "Unreduced",
            "aim" => "AIM",
            "random" => "Random",
            "downsample" => "Downsampled \u2264 AIM",
            _ => cell.Method,
        };
        var retention = cell.Method == "none" ? "" : " " + cell.RetentionPrinted;
        return cell.Schedule is { } s ? $"{method}{retention} + {s.Name} ({s.L1}, {s.L2})" : method + retention;
    }

    // "1/4"; what is no fraction keeps the plan's order
    private static double Share(CellRecord cell)
    {
        var parts = cell.Retention.Split('/');
        double Part(int i) => i < parts.Length
            && double.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out var v) && v > 0 ? v : 1;
        return Part(0) / Part(1);
    }

    private static double? Ratio(double? whole, double? part) => whole is { } w && part is > 0 and { } p ? w / p : null;
}
