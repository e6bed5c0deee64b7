using System.Globalization;
using Aim.Datasets;
using Aim.Experiments.Exhibits;
using Aim.Experiments.Planning;
using Aim.Experiments.Statistics;
using Aim.Reports.Records;

namespace Aim.Experiments.Claims;

/// <summary>How a test came out.</summary>
internal enum TestResult
{
    Passed,
    Failed,

    /// <summary>The interval is too wide to say, or a cell is missing.</summary>
    Open,
}

/// <summary>A test's result with its figure.</summary>
/// <param name="Result">Whether it came out.</param>
/// <param name="Measure">The figure; null where nothing was measured.</param>
/// <param name="Words">The figure in a sentence.</param>
internal sealed record TestOutcome(TestResult Result, MeasureRecord? Measure, string Words);

/// <summary>One test on one run.</summary>
internal sealed class TestRun
{
    private readonly Shown _shown;
    private readonly ClaimTest _test;

    public TestRun(Shown shown, ClaimTest test) => (_shown, _test) = (shown, test);

    /// <summary>Computes the test's figure and judges it.</summary>
    public TestOutcome Outcome()
    {
        foreach (string id in _test.Other is { } second ? new[] { _test.Cell, second } : [_test.Cell])
            if (_shown.Find(id) is null)
                return new TestOutcome(TestResult.Open, null,
                    _shown.Plan.LeftOut.FirstOrDefault(l => l.Id == id) is { Reason: { } why }
                    ? $"'{id}' was left out: {why}." : $"There is no cell '{id}'.");
        var cell = _shown.Find(_test.Cell)!;
        var other = _test.Other is null ? null : _shown.Find(_test.Other);
        return _test.Kind switch
        {
            TestKind.Cheaper or TestKind.NoDearer => Cost(cell, other!),
            TestKind.LosesMoreOn => LosesMore(cell, other!),
            TestKind.Overhead => Overhead(cell),
            TestKind.AttentionFalls => AttentionFalls(cell),
            TestKind.MergesAlike => MergesAlike(cell),
            _ => Difference(cell, other!),
        };
    }

    private Func<string, bool>? Kinds => _test.Kinds switch
    {
        "" => null,
        "text-dense" => LabKinds.IsTextDense,
        var kinds => kinds.Split('+').Contains,
    };

    private TestOutcome Difference(PlannedCell cell, PlannedCell other)
    {
        if (_shown.Compare(cell, other, Kinds) is not { Samples: > 1 } paired)
            return new TestOutcome(TestResult.Open, null, $"'{cell.Id}' and '{other.Id}' have no samples in common.");
        double margin = (double)_test.Margin / 100, low = paired.Interval.Low, high = paired.Interval.High;
        // 'Too wide' is measured by the definition's own margin: an interval that spans more than twice it says nothing.
        bool precise = high - low <= 4 * (double)_shown.Plan.Definition.Margin / 100;
        var result = _test.Kind switch
        {
            // As a run's own verdict has it: between the two bounds a loss of the margin is neither excluded nor shown.
            TestKind.NotWorse => low > -margin ? TestResult.Passed : high < -margin ? TestResult.Failed : TestResult.Open,
            TestKind.Better => low > margin ? TestResult.Passed : high <= margin || precise ? TestResult.Failed : TestResult.Open,
            TestKind.Worse => high < -margin ? TestResult.Passed : low >= -margin || precise ? TestResult.Failed
                : TestResult.Open,
            _ => low > -margin && high < margin ? TestResult.Passed
                : low > 0 || high < 0 || precise ? TestResult.Failed : TestResult.Open,
        };
        return new TestOutcome(
            result,
            new MeasureRecord
            {
                What = $"accuracy of '{cell.Id}' minus that of "
                    + $"'{other.Id}'{(_test.Kinds.Length > 0 ? $" on {_test.Kinds}" : "")}",
                Unit = Unit.Points,
                Value = Shown.Points(paired),
                From = $"{cell.Id}; {other.Id}",
            },
            string.Create(CultureInfo.InvariantCulture,
                $"'{cell.Id}' minus '{other.Id}'{(_test.Kinds.Length > 0 ? $" on {_test.Kinds}" : "")}: "
                    + $"{Signed(paired.Difference)} points, 95 % interval {Signed(low)} to {Signed(high)}, {paired.Samples} "
                    + $"samples."));
    }

    private TestOutcome Cost(PlannedCell cell, PlannedCell other)
    {
        bool cheaper = _test.Kind == TestKind.Cheaper;
        double ratio = cheaper ? _shown.Flops(other) / _shown.Flops(cell) : _shown.Flops(cell) / _shown.Flops(other);
        bool passed = cheaper ? ratio >= (double)_test.Margin : ratio <= (double)_test.Margin;
        string what = cheaper ? $"FLOPs of '{other.Id}' as a multiple of those of '{cell.Id}'"
            : $"FLOPs of '{cell.Id}' as a multiple of those of '{other.Id}'";
        return new TestOutcome(
            passed ? TestResult.Passed : TestResult.Failed,
            new MeasureRecord
            {
                What = what,
                Unit = Unit.Ratio,
                Value = ValueRecord.Of(ratio, n: cell.Cell.Samples),
                From = $"{cell.Id}; {other.Id}"
            },
            string.Create(CultureInfo.InvariantCulture, $"{what}: {ratio:0.00}, executed in a prefill."));
    }

    private TestOutcome LosesMore(PlannedCell cell, PlannedCell other)
    {
        var these = _shown.Compare(cell, other, Kinds);
        var rest = _shown.Compare(cell, other, kind => !Kinds!(kind));
        if (these is not { Samples: > 1 } || rest is not { Samples: > 1 })
            return new TestOutcome(TestResult.Open, null,
                $"'{cell.Id}' has too few samples on {_test.Kinds} or on the other kinds.");
        double difference = these.Difference - rest.Difference;
        double half = 1.959963984540054 * Math.Sqrt(these.StandardError * these.StandardError
            + rest.StandardError * rest.StandardError);
        var interval = new IntervalRecord(difference - half, difference + half);
        bool precise = 2 * half <= 4 * (double)_shown.Plan.Definition.Margin / 100;
        return new TestOutcome(
            interval.High < 0 ? TestResult.Passed : interval.Low > 0 || precise ? TestResult.Failed : TestResult.Open,
            new MeasureRecord
            {
                What = $"what '{cell.Id}' gains or loses on {_test.Kinds}, minus the same on the other kinds",
                Unit = Unit.Points,
                Value = ValueRecord.Of(difference, interval, these.Samples + rest.Samples),
                From = $"{cell.Id}; {other.Id}",
            },
            string.Create(CultureInfo.InvariantCulture,
                $"'{cell.Id}' minus '{other.Id}' is {Signed(these.Difference)} points on {_test.Kinds} ({these.Samples} "
                    + $"samples) and {Signed(rest.Difference)} on the others ({rest.Samples}); their difference "
                    + $"{Signed(difference)}, 95 % interval {Signed(interval.Low)} to {Signed(interval.High)}."));
    }

    private TestOutcome Overhead(PlannedCell cell)
    {
        double share = _shown.Of(cell).Average(a => (double)a.Overhead) / _shown.Flops(cell);
        return new TestOutcome(
            100 * share < (double)_test.Margin ? TestResult.Passed : TestResult.Failed,
            new MeasureRecord
            {
                What = $"FLOPs of deciding what to merge and prune in '{cell.Id}', as a share of its prefill",
                Unit = Unit.Percent,
                Value = ValueRecord.Of(share, n: cell.Cell.Samples),
                From = cell.Id,
            },
            string.Create(CultureInfo.InvariantCulture,
                $"Counted in the kernels, deciding takes {100 * share:0.00} % of the FLOPs of '{cell.Id}'; at this model's "
                    + $"width the share is larger than at 7B."));
    }

    private TestOutcome AttentionFalls(PlannedCell cell)
    {
        int from = (int)_test.Margin;
        if (!cell.Cell.Record.HasFlag(Recordings.Attention))
            return new TestOutcome(TestResult.Open, null, $"'{cell.Id}' records no attention.");
        var recorded = _shown.Recordings(cell, Recordings.Attention);
        var mass = _shown.Samples(cell, Kinds).Select(i => recorded[i].Attention!.Last)
            .Select(layers => (Before: layers.Take(from).Average(), After: layers.Skip(from).Average())).ToArray();
        var fall = MeanOf.Values([.. mass.Select(m => m.Before - m.After)]);
        return new TestOutcome(
            fall.Interval.Low > 0 ? TestResult.Passed : TestResult.Failed,
            new MeasureRecord
            {
                What = $"the last token's attention on visual tokens before layer {from}, minus that from it on",
                Unit = Unit.Points,
                Value = ValueRecord.Of(fall.Mean, Shown.Interval(fall.Interval), fall.Samples),
                From = cell.Id,
            },
            string.Create(CultureInfo.InvariantCulture,
                $"Of the last token's attention {100 * mass.Average(m => m.Before):0.0} % is on visual tokens in the layers "
                    + $"before {from}, {100 * mass.Average(m => m.After):0.0} % from it on: a fall of {Signed(fall.Mean)} "
                    + $"points, 95 % interval {Signed(fall.Interval.Low)} to {Signed(fall.Interval.High)}, "
                    + $"{fall.Samples} samples."));
    }

    private TestOutcome MergesAlike(PlannedCell cell)
    {
        if (!cell.Cell.Record.HasFlag(Recordings.Merges))
            return new TestOutcome(TestResult.Open, null, $"'{cell.Id}' records no merges.");
        const int across = (int)Analysis.MergeKind.AcrossObjects;
        var shares = _shown.Recordings(cell, Recordings.Merges).Select(r => r.Merges!).Select(m => (
            Observed: m.Observed.Sum(o => (double)o[across]) / Math.Max(1, m.Observed.Sum(o => o.Sum())),
            Chance: m.Expected.Sum(e => e[across]) / Math.Max(1, m.Expected.Sum(e => e.Sum())))).ToArray();
        var excess = MeanOf.Values([.. shares.Select(m => m.Observed - m.Chance)]);
        return new TestOutcome(
            excess.Interval.High < 0 ? TestResult.Passed : TestResult.Failed,
            new MeasureRecord
            {
                What = "share of merges that join two different objects, minus what chance would give",
                Unit = Unit.Points,
                Value = ValueRecord.Of(excess.Mean, Shown.Interval(excess.Interval), excess.Samples),
                From = cell.Id,
            },
            string.Create(CultureInfo.InvariantCulture,
                $"{100 * shares.Average(m => m.Observed):0.0000} % of all merges join two different objects; partners drawn at "
                    + $"random would join {100 * shares.Average(m => m.Chance):0.0000} %. The difference is "
                    + $"{Fine(excess.Mean)} points, 95 % interval {Fine(excess.Interval.Low)} to {Fine(excess.Interval.High)}, "
                    + $"{excess.Samples} samples."));
    }

    // Rounded as the report's figures are, so that text and figure agree on halves too.
    private static string Signed(double share) =>
        Math.Round(100 * share, 1, MidpointRounding.ToEven).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);

    // Few frames show two objects at once, so that all of it is a matter of fractions of a percent.
    private static string Fine(double share) => (100 * share).ToString("+0.0000;-0.0000;0.0000", CultureInfo.InvariantCulture);
}
