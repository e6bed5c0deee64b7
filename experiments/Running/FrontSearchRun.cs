using System.Globalization;
using Aim.Datasets;
using Aim.Experiments.Planning;
using Aim.Reduction;

namespace Aim.Experiments.Running;

/// <summary>
/// Measures AIM's settings (retention, l1, l2) on the validation split and stores their Pareto front with the model. Settings are
/// tried from the cheapest on; one is given up when it can no longer beat all cheaper ones, which changes nothing about the
/// front.
/// </summary>
internal sealed class FrontSearchRun
{
    private readonly Plan _plan;
    private readonly ValidationTrial _trial;
    private readonly IReadOnlyList<Retention> _retentions;
    private readonly IReadOnlyList<ScheduleName> _schedules;
    private readonly TextWriter _output;

    /// <param name="plan">Model and validation samples (<see cref="ScheduleSearchRun.PlanOf"/>).</param>
    /// <param name="retentions">Merging retentions to try.</param>
    /// <param name="schedules">Pruning schedules to try with each.</param>
    /// <param name="threads">Samples computed at once.</param>
    /// <param name="output">Takes a line for every setting.</param>
    public FrontSearchRun(Plan plan, IReadOnlyList<Retention> retentions, IReadOnlyList<ScheduleName> schedules, int threads,
        TextWriter output)
    {
        (_plan, _retentions, _schedules, _output) = (plan, retentions, schedules, output);
        _trial = new ValidationTrial(plan, threads);
    }

    /// <summary>
    /// Schedules every so many layers, none among them: l1 = 0, step, ..; l2 = l1 + step, .. to one past the last layer.
    /// </summary>
    public static IReadOnlyList<ScheduleName> Schedules(int layers, int step) =>
    [
        ScheduleName.None,
        .. from l1 in Steps(0, layers - 1, step)
           from l2 in Steps(l1 + step, layers + 1, step)
           select new ScheduleName("layers", l1, l2),
    ];

    /// <summary>Searches and stores the front with the model.</summary>
    /// <exception cref="OperationCanceledException">Ended on request; nothing is stored then.</exception>
    public StoredFront Run(CancellationToken cancel)
    {
        var (front, tried) = _trial.Run((computation, sample) => computation.Look(_trial.Set, sample, cancel), Search, cancel);
        var stored = new StoredFront
        {
            ModelSha256 = _plan.Model.Sha256,
            DataVersion = LabWorld.Version,
            Layers = _trial.Set.Geometry.Shape.Layers,
            Frames = _trial.Set.Geometry.Frames,
            Tried = tried,
            Points = [.. front.Select(StoredPoint.Of)],
        };
        stored.Save(_plan.Model.Directory);
        return stored;
    }

    private static IEnumerable<int> Steps(int first, int last, int step)
    {
        for (int i = first; i <= last; i += step)
            yield return i;
    }

    private (IReadOnlyList<FrontPoint> Front, int Tried) Search(Trial measure)
    {
        var settings = (from retention in _retentions from schedule in _schedules select _trial.Candidate(retention, schedule))
            .DistinctBy(c => c.Settings).Select(c =>
                (Cell: c, Flops: _trial.Set.Mean(_trial.Set.Samples.Count, prompt => c.Executed(prompt))))
            .OrderBy(c => c.Flops).ToList();
        var points = new List<FrontPoint>();
        int best = -1;
        foreach (var (cell, flops) in settings)
        {
            var (right, of) = measure(cell, best + 1);
            var choice = cell.Schedule is { } s ? new ScheduleChoice(s.L1, s.L2) : ScheduleChoice.None;
            var point = new FrontPoint(cell.Cell.Retention, choice, right, _trial.Count, flops);
            bool enters = of == _trial.Count && right > best;
            _output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{point,-16} {flops / 1e9,8:0.000} GFLOPs {right,5} of "
                    + $"{of,5}{(enters ? "  *" : of < _trial.Count ? "  given up" : "")}"));
            if (!enters)
                continue;
            best = right;
            points.Add(point);
        }
        return (Front.Of(points), settings.Count);
    }
}
