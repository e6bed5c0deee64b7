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

    /// <summary>Accuracy over shots, a panel a task; then all numbers as a table.</summary>
    public IEnumerable<ExhibitRecord> Exhibits()
    {
        yield return new LinesRecord
        {
            Id = Id,
            Title = _definition.Title,
            Lead = _definition.Question,
            From = From,
            Exploratory = _definition.Limit is not null,
            X = new AxisRecord { Title = "Demonstrations", Unit = Unit.Count },
            Panels = [.. _definition.Tasks.Select(Panel)],
        };
        yield return new TableRecord
        {
            Id = Id + "-numbers",
            Title = $"{_definition.Title} In numbers",
            Lead = "Accuracy in percent; of projections from several seeds the mean over seeds, with the lowest and the highest. Beneath the largest "
                + "number of demonstrations: the tokens of its prompts.",
            From = From,
            Exploratory = _definition.Limit is not null,
            RowTitle = "Condition",
            Columns = [.. _definition.Shots.Select(n => new ColumnRecord { Title = $"{n} shots", Unit = Unit.Percent, Detail = "95% interval" })],
            Rows = [.. _definition.Tasks.SelectMany(task => _definition.Conditions.Select(c => Row(task, c)))],
        };
    }

    /// <summary>The claim with its verdict, by the rule that the definition fixed.</summary>
    public ClaimRecord Claim()
    {
        var tests = _definition.Tests.Select(t => (Test: t, Difference: table.Difference(t.Better, t.Than, t.Tasks))).ToList();
        var controls = _definition.Controls.Select(t => (Test: t, Difference: table.Difference(t.Better, t.Than, t.Tasks))).ToList();
        string words = string.Join(" ", tests.Select(t => Words(t.Test, t.Difference)).Concat(controls.Select(t => "Control: " + Words(t.Test, t.Difference))));
        ClaimVerdict verdict;
        string reason = words;
        if (_definition.Limit is { } limit)
            (verdict, reason) = (ClaimVerdict.CannotBeTestedHere, $"Limited run: not a verdict (at most {limit} episodes). {words}");
        else if (tests.All(t => Passes(t.Test, t.Difference)))
            verdict = controls.All(t => Passes(t.Test, t.Difference)) ? ClaimVerdict.Holds : ClaimVerdict.InPart;
        else
            verdict = tests.Any(t => Passes(t.Test, t.Difference)) ? ClaimVerdict.InPart : ClaimVerdict.NotHere;
        return new ClaimRecord
        {
            Id = Id,
            Claim = _definition.Claim,
            Source = _definition.Source,
            Measure = tests.Count == 0 ? null : Measure(tests[0].Test, tests[0].Difference),
            Control = controls.Count == 0 ? null : Measure(controls[0].Test, controls[0].Difference),
            Verdict = tests.Count == 0 ? ClaimVerdict.CannotBeTestedHere : verdict,
            Reason = tests.Count == 0 ? "The experiment describes; it tests nothing." : reason,
            Rule = tests.Count == 0 ? null : Rule(),
            Seeds = _definition.Conditions.Max(c => c.Seeds.Count),
            Exhibit = Id,
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
        Y = new AxisRecord { Title = $"Accuracy, {InContextReader.NameOf(task)}", Unit = Unit.Percent, FromZero = true },
        Lines =
        [
            .. _definition.Conditions.Select(c => new LineRecord
            {
                Name = c.Name,
                Control = c.Form != Form.Fused || c.Pictures != Pictures.Own || c.Projection == ProjectionUse.Untrained,
                Points = [.. _definition.Shots.Select(n => PointOf(n, table.Accuracy(c.Name, [task], n)))],
            }),
        ],
        References = task == LabTask.Pair ? [new("chance", 0.5)] : [new("one of the labels shown", 1.0 / LabEpisodes.Classes(task))],
    };

    private static PointRecord PointOf(int shots, MeanOf accuracy) =>
        new() { X = shots, Y = accuracy.Mean, Interval = Interval(accuracy), N = accuracy.Samples };

    private RowRecord Row(LabTask task, Condition condition) => new()
    {
        Name = condition.Name,
        Group = InContextReader.NameOf(task),
        Values = [.. _definition.Shots.Select(n =>
        {
            var accuracy = table.Accuracy(condition.Name, [task], n);
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
        What = $"accuracy of '{test.Better}' minus that of '{test.Than}' ({Tasks(test)})",
        Unit = Unit.Points,
        Value = ValueRecord.Of(difference.Mean, Interval(difference), difference.Samples),
        From = _definition.Name,
    };

    private static string Words(Expectation test, MeanOf difference) => string.Create(CultureInfo.InvariantCulture,
        $"'{test.Better}' minus '{test.Than}' ({Tasks(test)}): {Signed(difference.Mean)} points, 95 % interval {Signed(difference.Interval.Low)} to {Signed(difference.Interval.High)}, {difference.Samples} episodes.");

    private string Rule()
    {
        static string Of(Expectation t) => string.Create(CultureInfo.InvariantCulture,
            $"'{t.Better}' minus '{t.Than}' ({Tasks(t)}) is {(t.Not ? "below" : "above")} {t.By} points with its whole 95 % interval");
        string controls = _definition.Controls.Count == 0 ? "" : $". Control: {string.Join("; ", _definition.Controls.Select(Of))}";
        return $"Holds if {string.Join("; ", _definition.Tests.Select(Of))}{controls}. Some of the tests, or all without the control: in part.";
    }

    private static string Tasks(Expectation test) => string.Join(", ", test.Tasks.Select(InContextReader.NameOf));

    private static IntervalRecord Interval(MeanOf mean) => new(mean.Interval.Low, mean.Interval.High);

    private static string Signed(double share) => (100 * share).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);
}
