using System.Diagnostics;
using System.Globalization;
using Aim.Experiments.Planning;
using Aim.Reduction;

namespace Aim.Experiments.Running;

/// <summary>
/// Chooses a pruning schedule on the validation split, as the paper's authors chose theirs with Table 5: the cheapest whose
/// accuracy is within the margin of the unpruned one, at one merging retention. Candidates are tried in the order of their cost,
/// and one is given up when it can no longer reach the bar, which changes nothing about which one is chosen.
/// </summary>
internal sealed class ScheduleSearchRun
{
    private readonly Plan _plan;
    private readonly ValidationTrial _trial;
    private readonly Retention _retention;
    private readonly TextWriter _output;

    /// <param name="plan">Model and validation samples (<see cref="PlanOf"/>).</param>
    /// <param name="retention">Merging retention.</param>
    /// <param name="threads">Samples computed at once.</param>
    /// <param name="output">Takes a line for every candidate.</param>
    public ScheduleSearchRun(Plan plan, Retention retention, int threads, TextWriter output)
    {
        (_plan, _retention, _output) = (plan, retention, output);
        _trial = new ValidationTrial(plan, threads);
    }

    /// <summary>The plan that a search needs: a model and its first validation samples.</summary>
    public static Plan PlanOf(string model, int frames, int samples, decimal margin)
    {
        var set = new TestSetName(TestSetName.Video, TestSetName.Noto, frames);
        return Plan.Make(
            new Definition(
                "search-schedule", 1, "search-schedule", "Which pruning schedule is the cheapest that loses nothing?", model,
                    "lab",
                "validation", 16, 0, 4, margin, TimingScope.None, [], null, [], set,
                    [new Cell(Cell.Unreduced, set, samples, false)]),
            Path.Combine(Environment.CurrentDirectory, "search-schedule"));
    }

    /// <summary>Searches and stores the result with the model.</summary>
    /// <exception cref="OperationCanceledException">Ended on request; nothing is stored then.</exception>
    public StoredSchedule Run(CancellationToken cancel)
    {
        // Every candidate merges alike, so merging is done once, and the candidates' own retention is 1.
        var merger = new AimMerger(_retention);
        return _trial.Run(
            (computation, sample) =>
            {
                using var inference = no_grad();
                return computation.Look(_trial.Set, sample, cancel).Merged(merger.Merge);
            },
            Choose, cancel);
    }

    /// <summary>
    /// Every schedule of a decoder: l2 = L + 1 is the paper's '29 of 28 layers', (L - 1, L) prunes nothing that is still
    /// computed.
    /// </summary>
    internal static IEnumerable<ScheduleName> Candidates(int layers) =>
        from l1 in Enumerable.Range(0, layers)
        from l2 in Enumerable.Range(l1 + 1, layers + 1 - l1)
        select new ScheduleName("layers", l1, l2);

    private StoredSchedule Choose(Trial measure)
    {
        var (unpruned, count) = measure(_trial.Candidate(Retention.All, ScheduleName.None), 0);
        int bar = (int)Math.Ceiling(unpruned - _plan.Definition.Margin / 100 * count);
        _output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"unpruned at {_retention.Label}: {unpruned} of {count} right; a schedule needs {bar}"));
        var candidates = Candidates(_trial.Set.Geometry.Shape.Layers)
            .Select(s => (Schedule: s, Flops: Mean(_trial.Candidate(_retention, s))));
        double Mean(PlannedCell cell) => _trial.Set.Mean(_trial.Set.Samples.Count, prompt => cell.Executed(prompt));
        var tried = new List<TriedSchedule>();
        foreach (var (schedule, flops) in candidates.OrderBy(c => c.Flops))
        {
            var (right, of) = measure(_trial.Candidate(Retention.All, schedule), bar);
            tried.Add(new TriedSchedule(schedule.First, schedule.Last, flops, right, of));
            _output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{schedule,-8} {flops / 1e9,8:0.000} GFLOPs {right,5} of {of,5}{(of < count ? "  given up" : "")}"));
            if (right < bar)
                continue;
            var chosen = new StoredSchedule
            {
                ModelSha256 = _plan.Model.Sha256,
                L1 = schedule.First,
                L2 = schedule.Last,
                Retention = _retention.ToString(),
                Frames = _trial.Set.Geometry.Frames,
                Samples = count,
                Margin = _plan.Definition.Margin,
                Unpruned = unpruned,
                Tried = tried,
            };
            chosen.Save(_plan.Model.Directory);
            return chosen;
        }
        throw new UnreachableException("the schedule that prunes nothing is a candidate");
    }
}
