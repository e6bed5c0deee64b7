using System.Globalization;
using Aim.Datasets;
using Aim.Experiments.Statistics;
using Aim.Reports.Records;

namespace Aim.Experiments.InContext;

/// <summary>An in-context experiment as claim and figures of the report.</summary>
/// <param name="table">Its answers.</param>
internal sealed class InContextFigures(EpisodeTable table)
{
    private readonly InContextDefinition _definition = table.Definition;

    private string Id => _definition.Name.ToLowerInvariant();

    private string From => string.Create(CultureInfo.InvariantCulture,
        $"{_definition.Name}, {_definition.Episodes} {Samples} a task, held-out objects, labels and wordings, test split");

    private string Samples => _definition.Measure == Measure.Probe ? "demonstrations" : "episodes";

    /// <summary>The claim with its verdict and figures.</summary>
    public Finding Find() => new(new InContextVerdict(table).Claim(), [.. Exhibits()]);

    private IEnumerable<ExhibitRecord> Exhibits()
    {
        if (_definition.Conditions.Count == 0)
            yield break;
        yield return new AnswerFigure(table).Draw(From);
        foreach (var group in _definition.Tasks.GroupBy(_definition.MetricOf))
            yield return Numbers(group.Key, [.. group]);
        if (_definition.Conditions.Any(c => c.Reduction is not null))
            yield return Costs();
    }

    private TableRecord Numbers(Metric metric, LabTask[] tasks) => new()
    {
        Id = Id + "-numbers" + (_definition.Tasks.Select(_definition.MetricOf).Distinct().Count() > 1
            ? $"-{metric.ToString().ToLowerInvariant()}" : ""),
        Title = Finding.TitleOf(_definition, $"{metric.Name()} in numbers"),
        Lead = $"{metric.About()} Of projections from several seeds the mean over seeds, with the lowest and the highest."
            + (metric == Metric.Probe ? "" : " Beneath the largest number of demonstrations: the tokens of its prompts."),
        From = From,
        Exploratory = _definition.Limit is not null,
        RowTitle = "Condition",
        Columns = [.. _definition.Shots.Select(n =>
            new ColumnRecord { Title = n == 1 ? "1 shot" : $"{n} shots", Unit = metric.UnitOf(), Detail = "95% interval" })],
        Rows = [.. tasks.SelectMany(task => _definition.Conditions.Select(c => Row(task, c)))],
    };

    // What a prompt costs where pictures are reduced: both papers' savings in one place.
    private TableRecord Costs() => new()
    {
        Id = Id + "-costs",
        Title = Finding.TitleOf(_definition, "what a prompt costs"),
        Lead = "Tokens that enter the decoder, and FLOPs that its prefill executes (products and attention, causal), mean over "
            + "the episodes; "
            + "with how many times fewer they are than those of the first condition.",
        From = From,
        Exploratory = _definition.Limit is not null,
        RowTitle = "Condition",
        Columns = [.. _definition.Shots.SelectMany(n => (ColumnRecord[])
        [
            new() { Title = $"Tokens, {n} shots", Unit = Unit.Number, Decimals = 1 },
                new() { Title = $"FLOPs, {n} shots", Unit = Unit.Flop },
        ])],
        Rows = [.. _definition.Tasks.SelectMany(task => _definition.Conditions.Select(c => new RowRecord
        {
            Name = c.Name,
            Group = InContextReader.NameOf(task),
            Values = [.. _definition.Shots.SelectMany(n => (ValueRecord[])
            [
                ValueRecord.Of(table.Tokens(c.Name, task, n), n: _definition.Episodes),
                ValueRecord.Of(table.Flops(c.Name, task, n), n: _definition.Episodes,
                    detail: string.Create(CultureInfo.InvariantCulture,
                    $"{table.Flops(_definition.Conditions[0].Name, task, n) / table.Flops(c.Name, task, n):0.0} times fewer")),
            ])],
        }))],
    };

    private RowRecord Row(LabTask task, Condition condition) => new()
    {
        Name = condition.Name,
        Group = InContextReader.NameOf(task),
        Values = [.. _definition.Shots.Select(n =>
        {
            var accuracy = table.Value(condition.Name, [task], n);
            var (low, high) = table.Range(condition.Name, [task], n);
            string? detail = condition.Seeds.Count > 1
                ? string.Create(CultureInfo.InvariantCulture, $"seeds {100 * low:0.0} to {100 * high:0.0}")
                : n == _definition.Shots[^1]
                    ? string.Create(CultureInfo.InvariantCulture, $"{table.Tokens(condition.Name, task, n):0} tokens") : null;
            return ValueRecord.Of(accuracy.Mean, accuracy.Interval.Record(), _definition.Episodes, detail);
        })],
    };
}
