using System.Globalization;
using Aim.Experiments.Planning;
using Aim.Experiments.Running;
using Aim.Experiments.Scoring;
using Aim.Kernel.Display;
using Aim.Reports;
using Aim.Reports.Plotly;
using Aim.Reports.Records;

namespace Aim.Notebook;

/// <summary>A finished run: its results as records, and its report's figures one by one.</summary>
public sealed class StudyRun : IDisplayed
{
    private readonly RunDirectory _directory;
    private readonly Lazy<Plan> _plan;
    private readonly Lazy<IReadOnlyList<AnswerResult>> _answers;
    private readonly Lazy<IReadOnlyList<AttentionResult>> _attention;
    private readonly Lazy<IReadOnlyList<MergeCount>> _merges;

    internal StudyRun(RunDirectory directory, Plan? plan)
    {
        _directory = directory;
        Record = RunRecordFile.ReadResults(directory.File(RunRecordFile.ResultsName));
        string definition = directory.File(RunDirectory.DefinitionName);
        _plan = new(() => plan ?? Experiments.Planning.Plan.Make(DefinitionReader.Read(definition), definition));
        _answers = new(() => [.. Lines<SampleResult>(_directory.Journal, _ => true, l => l.Key, RunKeys.Answer)
            .Select(l => AnswerResult.Of(l.Cell, l.Index, l.Line))]);
        _attention = new(() => [.. Recorded(Recordings.Attention)
            .SelectMany(l => AttentionResult.Of(l.Cell, l.Index, l.Line.Attention!))]);
        _merges = new(() => [.. Recorded(Recordings.Merges).SelectMany(l => MergeCount.Of(l.Cell, l.Index, l.Line.Merges!))]);
        Cells = [.. Record.Cells.Select(c => CellResult.Of(Record, c))];
        Kinds = [.. Record.Cells.SelectMany(c => c.ByKind.Select(k => KindResult.Of(Record, c, k)))];
    }

    /// <summary>A run that is there already; nothing is computed.</summary>
    /// <param name="run">Its directory, or its name in <see cref="Study.Output"/>.</param>
    /// <exception cref="DefinitionException">It is no run.</exception>
    /// <exception cref="RunRecordException">It has not finished, or its record is damaged.</exception>
    public static StudyRun Open(string run) => new(RunDirectory.Find(run, Study.Output), null);

    /// <summary>Its directory.</summary>
    public string Directory => _directory.Path;

    /// <summary>Its report, an HTML file.</summary>
    public string Report => _directory.Report;

    /// <summary>All that was found: the content of <c>results.json</c>.</summary>
    public RunRecord Record { get; }

    /// <summary>What each setting came to.</summary>
    public IReadOnlyList<CellResult> Cells { get; }

    /// <summary>The same by kind of question.</summary>
    public IReadOnlyList<KindResult> Kinds { get; }

    /// <summary>Every answer, read from the journal when it is first asked for.</summary>
    /// <exception cref="DefinitionException">The model or the data are not there any more.</exception>
    public IReadOnlyList<AnswerResult> Answers => _answers.Value;

    /// <summary>
    /// How much of every layer's attention went to visual tokens, of each question; of the cells that record it (<c>record:
    /// attention</c>).
    /// </summary>
    /// <inheritdoc cref="Answers" path="/exception"/>
    public IReadOnlyList<AttentionResult> Attention => _attention.Value;

    /// <summary>
    /// What was merged with what, step by step, of each question; of the cells that record it (<c>record: merges</c>).
    /// </summary>
    /// <inheritdoc cref="Answers" path="/exception"/>
    public IReadOnlyList<MergeCount> Merges => _merges.Value;

    /// <summary>The unreduced model on the run's own questions.</summary>
    public CellResult Unreduced => this[Record.Baseline];

    /// <summary>A setting by its name, as <see cref="Cells"/> show it.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public CellResult this[string cell] => Cells.FirstOrDefault(c => c.Cell == cell)
        ?? throw new KeyNotFoundException($"no cell '{cell}'; there are {string.Join(", ", Cells.Select(c => $"'{c.Cell}'"))}");

    /// <summary>What the run shows beside its cells.</summary>
    public IReadOnlyList<ExhibitResult> Exhibits => [.. Record.Exhibits.Select(ExhibitResult.Of)];

    /// <summary>Accuracy against the FLOPs of a prefill: the paper's Figure 1.</summary>
    public Figure Tradeoff() => ReportFigures.Tradeoff(Record);

    /// <summary>A figure of an exhibit.</summary>
    /// <param name="exhibit">Its name, as <see cref="Exhibits"/> show it.</param>
    /// <param name="values">Which of its figures, by the title of what it shows; null: the first.</param>
    /// <exception cref="KeyNotFoundException">There is no such exhibit, or it has no such figure.</exception>
    public Figure Figure(string exhibit, string? values = null)
    {
        var found = Record.Exhibits.FirstOrDefault(e => e.Id == exhibit) ?? throw new KeyNotFoundException(
            $"no exhibit '{exhibit}'; there are {string.Join(", ", Record.Exhibits.Select(e => $"'{e.Id}'"))}");
        var figures = ReportFigures.Of(found);
        var drawn = figures.FirstOrDefault(f => values is null || f.Name == values) ?? throw new KeyNotFoundException(
            figures.Count == 0 ? $"exhibit '{exhibit}' is a table: see Record.Exhibits"
                : $"exhibit '{exhibit}' shows no '{values}'; it shows {string.Join(", ", figures.Select(f => $"'{f.Name}'"))}");
        return Chart.Titled(drawn.Figure, figures.Count > 1 ? $"{found.Title}: {drawn.Name}" : found.Title);
    }

    /// <summary>The cells as a table, and where the run lies.</summary>
    public MimeBundle ToMimeBundle()
    {
        var table = Formatter.Format(Cells.Select(c => new
        {
            c.Cell,
            c.Samples,
            Accuracy = $"{Percent(c.Accuracy)} % ({Percent(c.Low)} to {Percent(c.High)})",
            AgainstUnreduced = c.Difference is { } d
                ? $"{SignedFigures.Points(d)} points ({SignedFigures.Points(c.DifferenceLow!.Value)} to "
                    + $"{SignedFigures.Points(c.DifferenceHigh!.Value)})"
                : "",
            Loyalty = c.Loyalty is { } loyalty ? $"{Percent(loyalty)} %" : "",
            c.Tokens,
            c.Gflops,
            c.TimesFewer,
        }).ToList());
        string place = $"{Record.Definition.Name}, {Record.Data.Samples} samples at most; {Directory}";
        return MimeBundle.Of(MimeBundle.Plain, $"{table.Forms[MimeBundle.Plain]}\n{place}")
            .With(MimeBundle.Html, $"{table.Forms[MimeBundle.Html]}<p><small>{Markup.Text(place)}</small></p>");
    }

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture);

    private IEnumerable<(PlannedCell Cell, int Index, SampleRecording Line)> Recorded(Recordings kind) => Lines<SampleRecording>(
        _directory.Recordings, cell => cell.Cell.Record.HasFlag(kind), l => l.Key,
        (hash, cell, i) => RunKeys.Recording(hash, cell, i, kind));

    // A journal's lines in the order of the plan's cells and samples.
    private IEnumerable<(PlannedCell Cell, int Index, T Line)> Lines<T>(
        string journal, Func<PlannedCell, bool> wanted, Func<T, string> keyOfLine, Func<string, PlannedCell, int, string> keyOf)
        where T : class, IJournalLine<T>
    {
        var plan = _plan.Value;
        var lines = Journal<T>.Read(journal).DistinctBy(keyOfLine).ToDictionary(keyOfLine);
        string hash = Experiment.Keys(plan).Hash;
        return
            from cell in plan.Cells
            from index in Enumerable.Range(0, cell.Cell.Samples)
            where wanted(cell)
            select (cell, index, lines.TryGetValue(keyOf(hash, cell, index), out var line) ? line : throw new DefinitionException(
                $"{_directory.Path}: its answers were computed by another version of the program, the model or a method; "
                    + "run it again"));
    }
}
