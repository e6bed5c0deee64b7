using Aim.Experiments.Planning;
using Aim.Experiments.Scoring;
using Aim.Models;
using Aim.Reduction;

namespace Aim.Experiments.Running;

/// <summary>How a candidate does: its right answers, and of how many; fewer than all where it was given up.</summary>
/// <param name="cell">The candidate.</param>
/// <param name="least">It is given up once it can no longer have so many right.</param>
internal delegate (int Right, int Of) Trial(PlannedCell cell, int least);

/// <summary>
/// The validation questions of kinds that count (all, where none does), looked at once and then asked of candidates, a stride at
/// a time: a candidate that can no longer reach a bar is given up.
/// </summary>
internal sealed class ValidationTrial
{
    /// <summary>After so many samples it is asked whether a candidate can still reach the bar.</summary>
    private const int Stride = 48;

    private readonly Plan _plan;
    private readonly int[] _samples;
    private readonly int _threads;

    /// <param name="plan">Model and validation samples.</param>
    /// <param name="threads">Samples computed at once.</param>
    public ValidationTrial(Plan plan, int threads)
    {
        (_plan, _threads) = (plan, threads);
        var kinds = plan.Data.Kinds([.. Set.Samples.Select(s => s.Kind).Distinct()], Set.Name.IsPicture);
        _samples = [.. Enumerable.Range(0, Set.Samples.Count).Where(i => !kinds.Any || kinds.Counts(Set.Samples[i].Kind))];
    }

    /// <summary>The validation samples, of all kinds.</summary>
    public TestSet Set => _plan.Sets[0];

    /// <summary>How many of them are asked.</summary>
    public int Count => _samples.Length;

    /// <summary>A candidate: AIM at a retention and a schedule.</summary>
    public PlannedCell Candidate(Retention retention, ScheduleName schedule) =>
        _plan.Settle(new Cell("aim", Set.Name, Count, false) { Retention = retention, Schedule = schedule }).Cell!;

    /// <summary>Loads the model, looks at every sample and hands out the trial.</summary>
    /// <param name="look">A sample as candidates meet it.</param>
    /// <param name="search">Tries candidates.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="OperationCanceledException">Ended on request.</exception>
    public T Run<T>(Func<SampleComputation, int, SampleViews> look, Func<Trial, T> search, CancellationToken cancel)
    {
        using var model = MultimodalModel.Load(_plan.Model.Directory);
        torch.set_num_threads(1);
        var computation = new SampleComputation(model, _plan.Model.Directory, _plan.Definition.AnswerTokens);
        var views = new SampleViews[Count];
        try
        {
            Workers.Run(Count, _threads, cancel, k => views[k] = look(computation, _samples[k]));
            return search((cell, least) => Right(computation, views, cell, least, cancel));
        }
        finally
        {
            foreach (var view in views)
                view?.Dispose();
        }
    }

    private (int Right, int Of) Right(
        SampleComputation computation, SampleViews[] views, PlannedCell cell, int least, CancellationToken cancel)
    {
        var right = new bool[Count];
        int done = 0;
        while (done < Count && right.Count(r => r) + Count - done >= least)
        {
            int first = done, stride = Math.Min(Stride, Count - done);
            Workers.Run(stride, _threads, cancel, i =>
            {
                int k = first + i;
                right[k] = views[k].Sample.IsRight(computation.Answer(cell, views[k]).Answer.Answer);
            });
            done += stride;
        }
        return (right.Count(r => r), done);
    }
}
