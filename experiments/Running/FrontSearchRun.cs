using System.Globalization;
using Aim.Datasets;
using Aim.Experiments.Planning;
using Aim.Experiments.Scoring;
using Aim.Models;
using Aim.Reduction;

namespace Aim.Experiments.Running;

/// <summary>
/// Measures AIM's settings (retention, l1, l2) on the validation split and stores their Pareto front with the model. Settings are tried
/// from the cheapest on; one is given up when it can no longer beat all cheaper ones, which changes nothing about the front.
/// </summary>
internal sealed class FrontSearchRun
{
    /// <summary>After so many samples it is asked whether a setting can still enter the front.</summary>
    private const int Stride = 48;

    private readonly Plan _plan;
    private readonly TestSet _set;
    private readonly IReadOnlyList<Retention> _retentions;
    private readonly IReadOnlyList<ScheduleName> _schedules;
    private readonly int[] _samples;
    private readonly int _threads;
    private readonly TextWriter _output;

    /// <param name="plan">Model and validation samples (<see cref="ScheduleSearchRun.PlanOf"/>).</param>
    /// <param name="retentions">Merging retentions to try.</param>
    /// <param name="schedules">Pruning schedules to try with each.</param>
    /// <param name="threads">Samples computed at once.</param>
    /// <param name="output">Takes a line for every setting.</param>
    public FrontSearchRun(Plan plan, IReadOnlyList<Retention> retentions, IReadOnlyList<ScheduleName> schedules, int threads, TextWriter output)
    {
        (_plan, _retentions, _schedules, _threads, _output) = (plan, retentions, schedules, threads, output);
        _set = plan.Sets[0];
        var kinds = KindTable.Load([.. _set.Samples.Select(s => s.Kind).Distinct()], plan.Model);
        _samples = [.. Enumerable.Range(0, _set.Samples.Count).Where(i => !kinds.Any || kinds.Counts(_set.Samples[i].Kind))];
    }

    /// <summary>Schedules every so many layers, none among them: l1 = 0, step, ..; l2 = l1 + step, .. to one past the last layer.</summary>
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
        using var model = LlavaOnevision.Load(_plan.Model.Directory);
        torch.set_num_threads(1);
        var computation = new SampleComputation(model, _plan.Definition.AnswerTokens);
        var views = new SampleViews[_samples.Length];
        try
        {
            Workers.Run(_samples.Length, _threads, cancel, k => views[k] = computation.Look(_set, _samples[k]));
            var (front, tried) = Search((cell, least) => Right(computation, views, cell, least, cancel));
            var stored = new StoredFront
            {
                ModelSha256 = _plan.Model.Sha256,
                DataVersion = LabWorld.Version,
                Layers = _set.Geometry.Shape.Layers,
                Frames = _set.Geometry.Frames,
                Tried = tried,
                Points = [.. front.Select(StoredPoint.Of)],
            };
            stored.Save(_plan.Model.Directory);
            return stored;
        }
        finally
        {
            foreach (var view in views)
                view?.Dispose();
        }
    }

    private static IEnumerable<int> Steps(int first, int last, int step)
    {
        for (int i = first; i <= last; i += step)
            yield return i;
    }

    private (IReadOnlyList<FrontPoint> Front, int Tried) Search(Func<PlannedCell, int, (int Right, int Of)> measure)
    {
        var settings = (from retention in _retentions from schedule in _schedules select Planned(retention, schedule))
            .DistinctBy(c => c.Settings).Select(c => (Cell: c, Flops: _set.Mean(_set.Samples.Count, text => c.Executed(text))))
            .OrderBy(c => c.Flops).ToList();
        var points = new List<FrontPoint>();
        int best = -1;
        foreach (var (cell, flops) in settings)
        {
            var (right, of) = measure(cell, best + 1);
            var choice = cell.Schedule is { } s ? new ScheduleChoice(s.L1, s.L2) : ScheduleChoice.None;
            var point = new FrontPoint(cell.Cell.Retention, choice, right, _samples.Length, flops);
            bool enters = of == _samples.Length && right > best;
            _output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{point,-16} {flops / 1e9,8:0.000} GFLOPs {right,5} of {of,5}{(enters ? "  *" : of < _samples.Length ? "  given up" : "")}"));
            if (!enters)
                continue;
            best = right;
            points.Add(point);
        }
        return (Front.Of(points), settings.Count);
    }

    private (int Right, int Of) Right(SampleComputation computation, SampleViews[] views, PlannedCell cell, int least, CancellationToken cancel)
    {
        var right = new bool[_samples.Length];
        int done = 0;
        while (done < _samples.Length && right.Count(r => r) + _samples.Length - done >= least)
        {
            int first = done, stride = Math.Min(Stride, _samples.Length - done);
            Workers.Run(stride, _threads, cancel, i =>
            {
                int k = first + i;
                right[k] = views[k].Sample.IsRight(computation.Answer(cell, views[k]).Answer.Answer);
            });
            done += stride;
        }
        return (right.Count(r => r), done);
    }

    private PlannedCell Planned(Retention retention, ScheduleName schedule) =>
        _plan.Settle(new Cell("aim", _set.Name, _samples.Length, false) { Retention = retention, Schedule = schedule }).Cell!;
}
