using System.Globalization;
using Aim.Datasets;
using Aim.Experiments.Statistics;
using Aim.Fusion;
using Aim.Reports.Records;

namespace Aim.Experiments.InContext;

/// <summary>
/// The first figure of an experiment with answers: a condition's metric over the number of demonstrations; where there is but one
/// number, over the layers whose states are taken, or as bars where there is but one layer too.
/// </summary>
/// <param name="table">All answers.</param>
internal sealed class AnswerFigure(EpisodeTable table)
{
    private readonly InContextDefinition _definition = table.Definition;

    /// <summary>Draws it.</summary>
    /// <param name="from">Where its numbers come from.</param>
    public ExhibitRecord Draw(string from)
    {
        string? note = _definition.LeftOut.Count == 0 ? null : $"Left out: {string.Join("; ", _definition.LeftOut)}.";
        bool layers = Fused().Select(LayerOf).Distinct().Count() > 2;
        if (_definition.Shots.Count == 1 && !layers)
            return Bars(from, note);
        return new LinesRecord
        {
            Id = Finding.IdOf(_definition),
            Title = _definition.Title,
            Lead = _definition.Question,
            From = from,
            Exploratory = _definition.Limit is not null,
            Note = note,
            X = new AxisRecord
            {
                Title = _definition.Shots.Count > 1 ? "Demonstrations"
                    : $"Layer whose states are taken (0: the decoder's input, {table.Layers}: the last)",
                Unit = Unit.Count,
            },
            Panels = [.. _definition.Tasks.Select(task => _definition.Shots.Count > 1 ? OverShots(task) : OverLayers(task))],
        };
    }

    private IEnumerable<Condition> Fused() => _definition.Conditions.Where(c => c.Form == Form.Fused);

    private int LayerOf(Condition condition) => condition.States.Layer ?? table.Layers;

    private BarsRecord Bars(string from, string? note) => new()
    {
        Id = Finding.IdOf(_definition),
        Title = _definition.Title,
        Lead = _definition.Question,
        From = from,
        Exploratory = _definition.Limit is not null,
        Note = note,
        CategoryTitle = "Condition",
        Categories = [.. _definition.Conditions.Select(c => c.Name)],
        Y = AxisOf(_definition.Tasks[0], $"{_definition.MetricOf(_definition.Tasks[0]).Name()}"),
        Series = [.. _definition.Tasks.Select(task => new BarSeriesRecord(InContextReader.NameOf(task),
            [.. _definition.Conditions.Select(c => Value(c, task, _definition.Shots[0])).Select(v =>
                ValueRecord.Of(v.Mean, v.Interval.Record(), v.Samples))]))],
        References = _definition.Tasks.Count == 1 ? References(_definition.Tasks[0]) : [],
    };

    private PanelRecord OverShots(LabTask task) => new()
    {
        Y = AxisOf(task, $"{_definition.MetricOf(task).Name()}, {InContextReader.NameOf(task)}"),
        Lines =
        [
            .. _definition.Conditions.Select(c => new LineRecord
            {
                Name = c.Name,
                Control = IsControl(c),
                Points = [.. _definition.Shots.Select(n => PointOf(n, Value(c, task, n)))],
            }),
        ],
        References = References(task),
    };

    // Conditions that differ in their layer alone are one line; one that has a layer to itself is a line of one point.
    private PanelRecord OverLayers(LabTask task) => new()
    {
        Y = AxisOf(task, $"{_definition.MetricOf(task).Name()}, {InContextReader.NameOf(task)}"),
        Lines =
        [
            .. _definition.Conditions.Where(IsOnLayer).GroupBy(LineOf).Select(g => new LineRecord
            {
                Name = g.Key,
                Control = g.All(IsControl),
                Points = [.. g.OrderBy(LayerOf).Select(c => PointOf(LayerOf(c), Value(c, task, _definition.Shots[0])))],
            }),
        ],
        References =
        [
            .. _definition.Conditions.Where(c => !IsOnLayer(c)).Select(c =>
                new ReferenceRecord(c.Name, Value(c, task, _definition.Shots[0]).Mean)),
            .. References(task),
        ],
    };

    // A probe takes states of texts alone too; a prompt of texts takes no states.
    private bool IsOnLayer(Condition condition) => condition.Form == Form.Fused || _definition.Measure == Measure.Probe;

    private static string LineOf(Condition condition)
    {
        if (condition.Form != Form.Fused)
            return condition.Name;
        string projection = condition.Projection switch
        {
            ProjectionUse.Trained => "trained projection",
            ProjectionUse.Untrained => "untrained projection",
            _ => "as they are",
        };
        string norm = condition.LayerNorm ? ", LayerNorm" : "";
        string positions = condition.States.Positions == TextPositions.Reference ? ", label alone" : "";
        string behind = condition.States is { Layer: null, Norm: false } ? ", before the norm" : "";
        return $"{projection}{norm}{positions}{behind}"
            + (condition.Pictures == Pictures.Own ? "" : $", {condition.Pictures.ToString().ToLowerInvariant()} pictures");
    }

    private static bool IsControl(Condition condition) =>
        condition.Form != Form.Fused || condition.Pictures != Pictures.Own || condition.Projection == ProjectionUse.Untrained;

    private AxisRecord AxisOf(LabTask task, string title) =>
        new() { Title = title, Unit = _definition.MetricOf(task).UnitOf(), FromZero = true };

    private IReadOnlyList<ReferenceRecord> References(LabTask task) => (_definition.MetricOf(task), task) switch
    {
        (Metric.Cider, _) => [],
        (Metric.Auc, _) or (Metric.Accuracy, LabTask.Pair) => [new("chance", 0.5)],
        (Metric.Probe, _) => [new("the most frequent", table.MostFrequent(task))],
        _ => [new("one of the labels shown", 1.0 / LabEpisodes.Classes(task))],
    };

    private MeanOf Value(Condition condition, LabTask task, int shots) => table.Value(condition.Name, [task], shots);

    private static PointRecord PointOf(int x, MeanOf value) =>
        new() { X = x, Y = value.Mean, Interval = value.Interval.Record(), N = value.Samples };
}
