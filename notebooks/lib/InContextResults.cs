using System.Globalization;
using Aim.Experiments.Claims;
using Aim.Experiments.InContext;
using Aim.Kernel.Display;
using Aim.Reports;
using Aim.Reports.Plotly;
using Aim.Reports.Records;

namespace Aim.Notebook;

/// <summary>What a condition came to at a number of demonstrations: a row to filter, sort and draw.</summary>
/// <param name="Task">The task.</param>
/// <param name="Condition">How the model was given the demonstrations.</param>
/// <param name="Shots">How many.</param>
/// <param name="Episodes">Episodes that were asked.</param>
/// <param name="Value">The task's metric, a share in [0, 1] unless the definition scores captions.</param>
/// <param name="Low">Lower end of its 95 % interval over the episodes.</param>
/// <param name="High">Upper end.</param>
/// <param name="Tokens">Tokens of a prompt, on average.</param>
/// <param name="Gflops">1e9 FLOPs of its prefill: products and attention, causal.</param>
public sealed record ShotResult(
    string Task, string Condition, int Shots, int Episodes, double Value, double Low, double High, double Tokens, double Gflops);

/// <summary>What an in-context study found: its points, its figures, and what they say of the claim.</summary>
public sealed class InContextResults : IDisplayed
{
    private readonly ClaimRecord _claim;
    private readonly IReadOnlyList<ExhibitRecord> _exhibits;

    internal InContextResults(InContextDefinition definition, Finding finding, EpisodeTable? table)
    {
        (_claim, _exhibits) = (finding.Claim, finding.Exhibits);
        Points = table is null ? [] :
        [
            .. from task in definition.Tasks
               from condition in definition.Conditions
               from shots in definition.Shots
               let value = table.Value(condition.Name, [task], shots)
               select new ShotResult(
                   InContextReader.NameOf(task), condition.Name, shots, definition.Episodes, value.Mean, value.Interval.Low,
                   value.Interval.High, table.Tokens(condition.Name, task, shots),
                   table.Flops(condition.Name, task, shots) / 1e9),
        ];
    }

    /// <summary>Its points; none where something else than answers was measured.</summary>
    public IReadOnlyList<ShotResult> Points { get; }

    /// <summary>The claim.</summary>
    public string Claim => _claim.Claim;

    /// <summary>What the definition's rule says of it; a study that was limited or changed decides nothing.</summary>
    public string Verdict => _claim.Verdict.ToString();

    /// <summary>Why.</summary>
    public string Reason => _claim.Reason;

    /// <summary>What the definition's rule asks for, a line each, with what came out.</summary>
    public IReadOnlyList<string> Comparisons => [.. _claim.Comparisons.Select(ComparisonWords.Of)];

    /// <summary>What it shows.</summary>
    public IReadOnlyList<ExhibitResult> Exhibits => [.. _exhibits.Select(ExhibitResult.Of)];

    /// <summary>The first figure, or that of a name or title (<see cref="Exhibits"/>).</summary>
    /// <param name="name">The exhibit's name, or what one of its figures shows; null: the first.</param>
    /// <exception cref="KeyNotFoundException">There is no such figure.</exception>
    public Figure Figure(string? name = null)
    {
        var figures = _exhibits.SelectMany(e => ReportFigures.Of(e).Select(f => (Exhibit: e.Id, f.Name, f.Figure))).ToList();
        var found = figures.FirstOrDefault(f => name is null || f.Exhibit == name || f.Name == name);
        return found.Figure ?? throw new KeyNotFoundException(
            $"no figure '{name}'; there are {string.Join(", ", figures.Select(f => $"'{f.Name}' of '{f.Exhibit}'"))}");
    }

    /// <summary>The points as a table, and the verdict.</summary>
    public MimeBundle ToMimeBundle()
    {
        string verdict = $"{Claim} {Verdict}. {Reason}";
        if (Points.Count == 0)
            return MimeBundle.Of(MimeBundle.Plain, verdict).With(MimeBundle.Html, $"<p>{Markup.Text(verdict)}</p>");
        var table = Formatter.Format(Points.Select(p => new
        {
            p.Task,
            p.Condition,
            p.Shots,
            p.Episodes,
            Value = string.Create(CultureInfo.InvariantCulture, $"{p.Value:0.000} ({p.Low:0.000} to {p.High:0.000})"),
            p.Tokens,
            p.Gflops,
        }).ToList());
        string asked = string.Concat(Comparisons.Select(line => $"\n{line}"));
        string list = string.Concat(Comparisons.Select(line => $"<li><small>{Markup.Text(line)}</small></li>"));
        return MimeBundle.Of(MimeBundle.Plain, $"{table.Forms[MimeBundle.Plain]}\n{verdict}{asked}")
            .With(MimeBundle.Html, $"{table.Forms[MimeBundle.Html]}<p><small>{Markup.Text(verdict)}</small></p><ul>{list}</ul>");
    }
}
