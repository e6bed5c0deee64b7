using Aim.Experiments.Planning;
using Aim.Models;

namespace Aim.Experiments.Running;

/// <summary>
/// Computes what the journals lack. Consecutive samples of a test set form a batch: their vision features are computed once, then
/// every cell answers them, so that nothing but answers and recordings is ever stored. A batch that a kill cut short is computed
/// again, whole.
/// </summary>
internal sealed class Runner
{
    private readonly Plan _plan;
    private readonly SampleComputation _computation;
    private readonly RunJournals _journals;
    private readonly string _keys;
    private readonly int _threads;

    /// <param name="plan">What to run.</param>
    /// <param name="model">Its model, loaded.</param>
    /// <param name="journals">Takes answers and recordings, and holds what is known of them.</param>
    /// <param name="keys">What computes them.</param>
    /// <param name="threads">Samples that are computed at once.</param>
    public Runner(Plan plan, MultimodalModel model, RunJournals journals, RunKeys keys, int threads)
    {
        (_plan, _journals, _keys, _threads) = (plan, journals, keys.Hash, threads);
        _computation = new SampleComputation(model, plan.Model.Directory, plan.Definition.AnswerTokens);
    }

    /// <summary>Samples answered by this process, over all cells.</summary>
    public int Computed { get; private set; }

    /// <summary>The keys of everything that a plan needs.</summary>
    public static (HashSet<string> Answers, HashSet<string> Recordings) Wanted(Plan plan, string keys)
    {
        var (answers, recordings) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var cell in plan.Cells)
            for (int i = 0; i < cell.Cell.Samples; i++)
            {
                answers.Add(RunKeys.Answer(keys, cell, i));
                foreach (var kind in Each(cell.Cell.Record))
                    recordings.Add(RunKeys.Recording(keys, cell, i, kind));
            }
        return (answers, recordings);
    }

    /// <summary>Computes everything that is missing.</summary>
    /// <exception cref="OperationCanceledException">Ended on request; what is finished is in the journals.</exception>
    public void Run(TextWriter output, bool terminal, CancellationToken cancel)
    {
        // Cells with equal settings share their answers: one of them, with the most samples, stands for all, and records for all.
        var work = _plan.Sets.Select(set => (Set: set, Cells: _plan.Cells.Where(c => c.Set == set).GroupBy(c => c.Settings)
            .Select(g =>
            {
                var most = g.MaxBy(c => c.Cell.Samples)!;
                return most with { Cell = most.Cell with { Record = g.Aggregate(Recordings.None, (r, c) => r | c.Cell.Record) } };
            }).ToList())).ToList();
        var batches = work.SelectMany(w => w.Set.Samples.Select((_, i) => i).Chunk(_plan.Definition.Batch)
            .Select(batch => (w.Cells, Batch: batch))).ToList();
        double total = 0, done = 0;
        foreach (var (cells, batch) in batches)
            foreach (var cell in cells)
            {
                total += Work(cell, batch);
                done += IsMissing(cell, batch) ? 0 : Work(cell, batch);
            }
        var progress = new Progress(output, total, done, terminal);
        foreach (var (cells, batch) in batches)
        {
            var missing = cells.Where(c => IsMissing(c, batch)).ToList();
            if (missing.Count > 0)
                Compute(batch, missing, progress, cancel);
        }
        progress.End();
        _journals.Flush();
    }

    private void Compute(int[] batch, List<PlannedCell> cells, Progress progress, CancellationToken cancel)
    {
        var set = cells[0].Set;
        int[] needed = [.. batch.Where(i => cells.Any(c => i < c.Cell.Samples))];
        var views = new SampleViews[needed.Length];
        try
        {
            Workers.Run(needed.Length, _threads, cancel, i => views[i] = _computation.Look(set, needed[i], cancel));
            foreach (var cell in cells)
            {
                int count = needed.Count(i => i < cell.Cell.Samples);
                var answers = new SampleResult[count];
                var recordings = new List<SampleRecording>[count];
                Workers.Run(count, _threads, cancel, i =>
                {
                    int sample = needed[i];
                    var (answer, recorded) = _computation.Answer(cell, views[i], cell.Cell.Record, cancel);
                    string id = set.Samples[sample].Id;
                    answers[i] = new SampleResult(RunKeys.Answer(_keys, cell, sample), cell.Id, id, answer.Answer,
                        answer.TokensPerLayer,
                        answer.Flops, answer.Overhead);
                    recordings[i] = [.. recorded.Select(r =>
                        r.Line(RunKeys.Recording(_keys, cell, sample, r.Kind), cell.Id, id))];
                });
                _journals.Add(answers, recordings.SelectMany(r => r));
                Computed += count;
                progress.Advance(Work(cell, batch), $"sample {batch[^1] + 1} of {set.Samples.Count}, {cell.Id}");
            }
        }
        finally
        {
            foreach (var view in views)
                view?.Dispose();
        }
    }

    private bool IsMissing(PlannedCell cell, int[] batch) => batch.Any(i => i < cell.Cell.Samples
        && !(_journals.Has(RunKeys.Answer(_keys, cell, i))
            && Each(cell.Cell.Record).All(kind => _journals.HasRecording(RunKeys.Recording(_keys, cell, i, kind)))));

    private static double Work(PlannedCell cell, int[] batch) =>
        batch.Where(i => i < cell.Cell.Samples).Sum(i => (double)cell.Executed(cell.Set.Prompts[i]));

    private static IEnumerable<Recordings> Each(Recordings flags) => RecordingNames.All.Where(k => flags.HasFlag(k));
}
