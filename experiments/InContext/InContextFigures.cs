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
        $"{_definition.Name}, {_definition.Episodes} episodes a task, held-out objects, labels and wordings, test split");

    /// <summary>The claim with its verdict and figures.</summary>
    public Finding Find() => new(Claim(), [.. Exhibits()]);

    private IEnumerable<ExhibitRecord> Exhibits()
    {
        if (_definition.Conditions.Count == 0)
            yield break;
        yield return new LinesRecord
        {
            Id = Id,
            Title = _definition.Title,
            Lead = _definition.Question,
            From = From,
            Exploratory = _definition.Limit is not null,
            Note = _definition.LeftOut.Count == 0 ? null : $"Left out: {string.Join("; ", _definition.LeftOut)}.",
            X = new AxisRecord { Title = "Demonstrations", Unit = Unit.Count },
            Panels = [.. _definition.Tasks.Select(Panel)],
        };
        foreach (var group in _definition.Tasks.GroupBy(_definition.MetricOf))
            yield return Numbers(group.Key, [.. group]);
        if (_definition.Conditions.Any(c => c.Reduction is not null))
            yield return Costs();
    }

    private TableRecord Numbers(Metric metric, LabTask[] tasks) => new()
    {
        Id = Id + "-numbers" + (_definition.Tasks.Select(_definition.MetricOf).Distinct().Count() > 1
            ? $"-{metric.ToString().ToLowerInvariant()}" : ""),
        Title = Finding.TitleOf(_definition, $"{Name(metric)} in numbers"),
        Lead = $"{About(metric)} Of projections from several seeds the mean over seeds, with the lowest and the highest. "
            + $"Beneath the largest "
            + "number of demonstrations: the tokens of its prompts.",
        From = From,
        Exploratory = _definition.Limit is not null,
        RowTitle = "Condition",
        Columns = [.. _definition.Shots.Select(n =>
            new ColumnRecord { Title = $"{n} shots", Unit = UnitOf(metric), Detail = "95% interval" })],
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

    private ClaimRecord Claim()
    {
        var tests = _definition.Tests.Select(t => (Test: t, Difference: table.Difference(t.Better, t.Than, t.Tasks))).ToList();
        var controls = _definition.Controls.Select(t =>
            (Test: t, Difference: table.Difference(t.Better, t.Than, t.Tasks))).ToList();
        string reason = string.Join(" ", tests.Select(t => Words(t.Test, t.Difference))
            .Concat(controls.Select(t => "Control: " + Words(t.Test, t.Difference)))
            .Concat(_definition.LeftOut.Select(why => $"Not run: {why}.")));
        ClaimVerdict verdict;
        if (_definition.Limit is { } limit)
            (verdict, reason) = (ClaimVerdict.CannotBeTestedHere,
                $"Limited run: not a verdict (at most {limit} episodes). {reason}");
        else if (_definition.Undecidable)
            verdict = ClaimVerdict.CannotBeTestedHere;
        else if (tests.Count == 0)
            (verdict, reason) = (ClaimVerdict.CannotBeTestedHere, $"The experiment describes; it tests nothing. {reason}".Trim());
        else if (tests.All(t => Passes(t.Test, t.Difference)))
        {
            bool controlled = _definition.LeftOut.Count == 0 && controls.All(t => Passes(t.Test, t.Difference));
            verdict = controlled ? ClaimVerdict.Holds : ClaimVerdict.InPart;
        }
        else
        {
            verdict = tests.Any(t => Passes(t.Test, t.Difference)) ? ClaimVerdict.InPart : ClaimVerdict.NotHere;
        }

        return new ClaimRecord
        {
            Id = Id,
            Claim = _definition.Claim,
            Source = _definition.Source,
            Measure = tests.Count == 0 ? null : Measure(tests[0].Test, tests[0].Difference),
            Control = controls.Count == 0 ? null : Measure(controls[0].Test, controls[0].Difference),
            Verdict = verdict,
            Reason = reason,
            Rule = _definition.Tests.Count == 0 ? null : Rule(),
            Seeds = _definition.Conditions.Select(c => c.Seeds.Count).DefaultIfEmpty(1).Max(),
            Exhibit = _definition.Conditions.Count == 0 ? null : Id,
        };
    }

    // A difference that the interval leaves open passes no test either way.
    private static bool Passes(Expectation test, MeanOf difference)
    {
        double by = (double)test.By / 100;
        return test.Not ? difference.Interval.High < by : difference.Interval.Low > by;
    }

    private PanelRecord Panel(LabTask task) => new()
    {
        Y = new AxisRecord
        {
            Title = $"{Name(_definition.MetricOf(task))}, {InContextReader.NameOf(task)}",
            Unit = UnitOf(_definition.MetricOf(task)),
            FromZero = true
        },
        Lines =
        [
            .. _definition.Conditions.Select(c => new LineRecord
            {
                Name = c.Name,
                Control = c.Form != Form.Fused || c.Pictures != Pictures.Own || c.Projection == ProjectionUse.Untrained,
                Points = [.. _definition.Shots.Select(n => PointOf(n, table.Value(c.Name, [task], n)))],
            }),
        ],
        References = (_definition.MetricOf(task), task) switch
        {
            (Metric.Cider, _) => [],
            (Metric.Auc, _) or (_, LabTask.Pair) => [new("chance", 0.5)],
            _ => [new("one of the labels shown", 1.0 / LabEpisodes.Classes(task))],
        },
    };

    private static PointRecord PointOf(int shots, MeanOf accuracy) =>
        new() { X = shots, Y = accuracy.Mean, Interval = Interval(accuracy), N = accuracy.Samples };

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
            return ValueRecord.Of(accuracy.Mean, Interval(accuracy), _definition.Episodes, detail);
        })],
    };

    private MeasureRecord Measure(Expectation test, MeanOf difference) => new()
    {
        What = $"{Name(_definition.MetricOf(test.Tasks[0]))} of '{test.Better}' minus that of '{test.Than}' ({Tasks(test)})",
        Unit = IsShare(test) ? Unit.Points : Unit.Number,
        Value = ValueRecord.Of(difference.Mean, Interval(difference), difference.Samples),
        From = _definition.Name,
    };

    private string Words(Expectation test, MeanOf difference) => string.Create(CultureInfo.InvariantCulture,
        $"'{test.Better}' minus '{test.Than}' ({Tasks(test)}): "
            + $"{Signed(test, difference.Mean)}{(IsShare(test) ? " points" : $" {Name(_definition.MetricOf(test.Tasks[0]))}")}, "
            + $"95 % interval {Signed(test, difference.Interval.Low)} to {Signed(test, difference.Interval.High)}, "
            + $"{difference.Samples} episodes.");

    private string Rule()
    {
        string Of(Expectation t) => string.Create(CultureInfo.InvariantCulture,
            $"'{t.Better}' minus '{t.Than}' ({Tasks(t)}) is {(t.Not ? "below" : "above")} "
                + $"{(IsShare(t) ? $"{t.By} points" : $"{t.By / 100}")} with its whole 95 % interval");
        string controls = _definition.Controls.Count == 0 ? ""
            : $". Control: {string.Join("; ", _definition.Controls.Select(Of))}";
        return $"Holds if {string.Join("; ", _definition.Tests.Select(Of))}{controls}. Some of the tests, or all without the "
            + "control: in part";
    }

    private static string Tasks(Expectation test) => string.Join(", ", test.Tasks.Select(InContextReader.NameOf));

    private static IntervalRecord Interval(MeanOf mean) => new(mean.Interval.Low, mean.Interval.High);

    private bool IsShare(Expectation test) => _definition.MetricOf(test.Tasks[0]) is Metric.Accuracy or Metric.Vqa;

    private static Unit UnitOf(Metric metric) => metric is Metric.Accuracy or Metric.Vqa ? Unit.Percent : Unit.Number;

    private static string Name(Metric metric) => metric switch
    {
        Metric.Vqa => "VQA accuracy",
        Metric.Auc => "ROC-AUC",
        Metric.Cider => "CIDEr-D",
        _ => "Accuracy",
    };

    private static string About(Metric metric) => metric switch
    {
        Metric.Vqa => "VQA accuracy in percent: the answer is generated, its first word compared with those of ten people who all "
            + "say the label, so that an answer is right or wrong.",
        Metric.Auc => "ROC-AUC: the chance that the log-probability of yes less that of no is larger for an episode whose "
            + "answer is yes than for "
            + "one whose answer is no; intervals by DeLong.",
        Metric.Cider => "CIDEr-D, from 0 to 10: the caption is generated, with one reference each; document frequencies are "
            + "those of the "
            + "references of these episodes.",
        _ => "Accuracy in percent.",
    };

    private string Signed(Expectation test, double value) => IsShare(test)
        ? (100 * value).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture)
        : value.ToString("+0.000;-0.000;0.000", CultureInfo.InvariantCulture);
}
