using Aim.Experiments.Planning;
using Aim.Experiments.Running;
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

    internal StudyRun(RunDirectory directory, Plan? plan)
    {
        _directory = directory;
        Record = RunRecordFile.ReadResults(directory.File(RunRecordFile.ResultsName));
        string definition = directory.File(RunDirectory.DefinitionName);
        _plan = new(() => plan ?? Experiments.Planning.Plan.Make(DefinitionReader.Read(definition), definition));
        _answers = new(ReadAnswers);
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
        return figures.FirstOrDefault(f => values is null || f.Name == values)?.Figure ?? throw new KeyNotFoundException(
            figures.Count == 0 ? $"exhibit '{exhibit}' is a table: see Record.Exhibits"
                : $"exhibit '{exhibit}' shows no '{values}'; it shows {string.Join(", ", figures.Select(f => $"'{f.Name}'"))}");
    }

    /// <summary>The cells as a table, and where the run lies.</summary>
    public MimeBundle ToMimeBundle()
    {
        var table = Formatter.Format(Cells);
        string place = $"{Record.Definition.Name}, {Record.Data.Samples} samples at most; {Directory}";
        return MimeBundle.Of(MimeBundle.Plain, $"{table.Forms[MimeBundle.Plain]}\n{place}")
            .With(MimeBundle.Html, $"{table.Forms[MimeBundle.Html]}<p><small>{Markup.Text(place)}</small></p>");
    }

    private IReadOnlyList<AnswerResult> ReadAnswers()
    {
        var plan = _plan.Value;
        var keys = Journal<SampleResult>.Read(_directory.Journal).DistinctBy(r => r.Key).ToDictionary(r => r.Key);
        string hash = Experiment.Keys(plan).Hash;
        return
        [
            .. plan.Cells.SelectMany(cell => Enumerable.Range(0, cell.Cell.Samples).Select(i =>
                keys.TryGetValue(RunKeys.Answer(hash, cell, i), out var line) ? line : throw new DefinitionException(
                    $"{_directory.Path}: its answers were computed by another version of the program, the model or a method; run it again"))
                .Select((line, i) => AnswerResult.Of(cell, i, line))),
        ];
    }
}
