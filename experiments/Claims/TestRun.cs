using System.Globalization;
using Aim.Datasets;
using Aim.Experiments.Exhibits;
using Aim.Experiments.Planning;
using Aim.Experiments.Scoring;
using Aim.Experiments.Statistics;
using Aim.Reports.Records;

namespace Aim.Experiments.Claims;

/// <summary>One test of a claim on one run.</summary>
internal sealed class TestRun
{
    private readonly Shown _shown;
    private readonly ClaimTest _test;

    public TestRun(Shown shown, ClaimTest test) => (_shown, _test) = (shown, test);

    /// <summary>Computes the test's figure and judges it.</summary>
    public ComparisonRecord Outcome()
    {
        foreach (string id in _test.Other is { } second ? new[] { _test.Cell, second } : [_test.Cell])
            if (_shown.Find(id) is null)
                return _test.Unmeasured(_shown.Plan.LeftOut.FirstOrDefault(l => l.Id == id) is { Reason: { } why }
                    ? $"'{id}' was left out: {why}" : $"There is no cell '{id}'");
        var cell = _shown.Find(_test.Cell)!;
        var other = _test.Other is null ? null : _shown.Find(_test.Other);
        return _test.Kind switch
        {
            TestKind.Cheaper => Cost(other!, cell),
            TestKind.NoDearer => Cost(cell, other!),
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

    // 'Too wide' is measured by the definition's own margin: an interval that spans more than twice it says nothing.
    private bool IsPrecise(IntervalRecord interval) =>
        interval.High - interval.Low <= 4 * (double)_shown.Plan.Definition.Margin / 100;

    private ComparisonRecord Measured(ComparisonOutcome outcome, ValueRecord value) =>
        _test.Unmeasured("") with { Value = value, Outcome = outcome };

    private static ComparisonOutcome PassesIf(bool passes) => passes ? ComparisonOutcome.Passes : ComparisonOutcome.Fails;

    private ComparisonRecord Difference(PlannedCell cell, PlannedCell other)
    {
        if (_shown.Compare(cell, other, Kinds) is not { Samples: > 1 } paired)
            return _test.Unmeasured($"'{cell.Id}' and '{other.Id}' have no samples in common");
        double margin = (double)_test.Margin / 100, low = paired.Interval.Low, high = paired.Interval.High;
        // Of some kinds alone the other seeds' records say nothing.
        var seeds = Kinds is null ? _shown.OtherSeeds(cell, other) : [];
        var value = Shown.Points(paired,
            seeds.Count == 0 ? null : $"other seeds: {string.Join(", ", seeds.Select(s => SignedFigures.Points(s)))}");
        bool precise = IsPrecise(value.Interval!);
        var (passes, fails) = _test.Kind switch
        {
            // As a run's own verdict has it: between the two bounds a loss of the margin is neither excluded nor shown.
            TestKind.NotWorse => (low > -margin, high < -margin),
            TestKind.Better => (low > margin, high <= margin || precise),
            TestKind.Worse => (high < -margin, low >= -margin || precise),
            _ => (low > -margin && high < margin, low > 0 || high < 0 || precise),
        };
        return Measured(passes ? ComparisonOutcome.Passes : fails ? ComparisonOutcome.Fails : ComparisonOutcome.Open, value);
    }

    private ComparisonRecord Cost(PlannedCell dear, PlannedCell cheap)
    {
        double ratio = _shown.Flops(dear) / _shown.Flops(cheap), bound = (double)_test.Margin;
        return Measured(PassesIf(_test.Kind == TestKind.Cheaper ? ratio >= bound : ratio <= bound),
            ValueRecord.Of(ratio, n: dear.Cell.Samples, detail: "executed in a prefill"));
    }

    private ComparisonRecord LosesMore(PlannedCell cell, PlannedCell other)
    {
        var these = _shown.Compare(cell, other, Kinds);
        var rest = _shown.Compare(cell, other, kind => !Kinds!(kind));
        if (these is not { Samples: > 1 } || rest is not { Samples: > 1 })
            return _test.Unmeasured($"'{cell.Id}' has too few samples on {_test.KindWords} or on the other kinds");
        var more = these.Minus(rest);
        var interval = Shown.Interval(more.Interval);
        var outcome = interval.High < 0 ? ComparisonOutcome.Passes
            : interval.Low > 0 || IsPrecise(interval) ? ComparisonOutcome.Fails : ComparisonOutcome.Open;
        return Measured(outcome, ValueRecord.Of(more.Mean, interval, more.Samples,
            string.Create(CultureInfo.InvariantCulture,
                $"{SignedFigures.Points(these.Difference)} points on {_test.KindWords} ({these.Samples} samples), "
                    + $"{SignedFigures.Points(rest.Difference)} on the others ({rest.Samples})")));
    }

    private ComparisonRecord Overhead(PlannedCell cell)
    {
        double share = _shown.Of(cell).Average(a => (double)a.Overhead) / _shown.Flops(cell);
        return Measured(PassesIf(100 * share < (double)_test.Margin), ValueRecord.Of(share, n: cell.Cell.Samples,
            detail: "counted in the kernels; at this model's width the share is larger than at 7B"));
    }

    private ComparisonRecord AttentionFalls(PlannedCell cell)
    {
        int from = (int)_test.Margin;
        if (!cell.Cell.Record.HasFlag(Recordings.Attention))
            return _test.Unmeasured($"'{cell.Id}' records no attention");
        var recorded = _shown.Recordings(cell, Recordings.Attention);
        var mass = _shown.Samples(cell, Kinds).Select(i => recorded[i].Attention!.Last)
            .Select(layers => (Before: layers.Take(from).Average(), After: layers.Skip(from).Average())).ToArray();
        var fall = MeanOf.Values([.. mass.Select(m => m.Before - m.After)]);
        return Measured(PassesIf(fall.Interval.Low > 0), ValueRecord.Of(fall.Mean, Shown.Interval(fall.Interval), fall.Samples,
            string.Create(CultureInfo.InvariantCulture,
                $"{100 * mass.Average(m => m.Before):0.0} % before, {100 * mass.Average(m => m.After):0.0} % from it on")));
    }

    private ComparisonRecord MergesAlike(PlannedCell cell)
    {
        if (!cell.Cell.Record.HasFlag(Recordings.Merges))
            return _test.Unmeasured($"'{cell.Id}' records no merges");
        const int across = (int)Analysis.MergeKind.AcrossObjects;
        var shares = _shown.Recordings(cell, Recordings.Merges).Select(r => r.Merges!).Select(m => (
            Observed: m.Observed.Sum(o => (double)o[across]) / Math.Max(1, m.Observed.Sum(o => o.Sum())),
            Chance: m.Expected.Sum(e => e[across]) / Math.Max(1, m.Expected.Sum(e => e.Sum())))).ToArray();
        var excess = MeanOf.Values([.. shares.Select(m => m.Observed - m.Chance)]);
        // Few frames show two objects at once, so that all of it is a matter of fractions of a percent.
        string detail = string.Create(CultureInfo.InvariantCulture,
            $"{100 * shares.Average(m => m.Observed):0.0000} % of all merges; {100 * shares.Average(m => m.Chance):0.0000} % if "
                + $"partners were drawn at random");
        return Measured(PassesIf(excess.Interval.High < 0),
            ValueRecord.Of(excess.Mean, Shown.Interval(excess.Interval), excess.Samples, detail));
    }
}
