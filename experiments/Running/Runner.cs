using Aim.Experiments.Planning;
using Aim.Models;

namespace Aim.Experiments.Running;

/// <summary>
/// Computes what the journal lacks. Consecutive samples form a batch: their vision features are computed once, then every cell
/// answers them, so that nothing but answers is ever stored. A batch that a kill cut short is computed again, whole.
/// </summary>
internal sealed class Runner
{
    private readonly Plan _plan;
    private readonly SampleComputation _computation;
    private readonly Journal _journal;
    private readonly Dictionary<string, SampleResult> _results;
    private readonly string _keys;
    private readonly int _threads;

    /// <param name="plan">What to run.</param>
    /// <param name="model">Its model, loaded.</param>
    /// <param name="journal">Takes the answers.</param>
    /// <param name="replayed">The journal's answers.</param>
    /// <param name="stored">Answers of other runs with the same keys; those of use are copied into the journal, so that a run
    /// stands alone.</param>
    /// <param name="keys">What computes them.</param>
    /// <param name="threads">Samples that are computed at once.</param>
    public Runner(Plan plan, LlavaOnevision model, Journal journal, IReadOnlyList<SampleResult> replayed,
        IEnumerable<SampleResult> stored, RunKeys keys, int threads)
    {
        (_plan, _journal, _keys, _threads) = (plan, journal, keys.Hash, threads);
        _computation = new SampleComputation(model, plan.Definition.AnswerTokens);
        _results = new Dictionary<string, SampleResult>(StringComparer.Ordinal);
        foreach (var result in replayed)
            _results[result.Key] = result;
        var wanted = plan.Cells.SelectMany(c => Enumerable.Range(0, c.Cell.Samples).Select(i => Key(c, i)))
            .ToHashSet(StringComparer.Ordinal);
        SampleResult[] useful = [.. stored.Where(r => wanted.Contains(r.Key)).DistinctBy(r => r.Key)
            .Where(r => !_results.ContainsKey(r.Key))];
        foreach (var result in useful)
            _results[result.Key] = result;
        journal.Append(useful);
    }

    /// <summary>The cell's answers in the order of the samples.</summary>
    public IReadOnlyList<SampleResult> Answers(PlannedCell cell) =>
        [.. Enumerable.Range(0, cell.Cell.Samples).Select(i => _results[Key(cell, i)])];

    /// <summary>Samples answered by this process, over all cells.</summary>
    public int Computed { get; private set; }

    /// <summary>Computes everything that is missing.</summary>
    /// <exception cref="OperationCanceledException">Ended on request; what is finished is in the journal.</exception>
    public void Run(TextWriter output, bool terminal, CancellationToken cancel)
    {
        // Cells with equal settings share their answers: one of them, with the most samples, stands for all.
        var cells = _plan.Cells.GroupBy(c => c.Settings).Select(g => g.MaxBy(c => c.Cell.Samples)!).ToList();
        var batches = _plan.Samples.Select((_, i) => i).Chunk(_plan.Definition.Batch).ToList();
        double total = 0, done = 0;
        foreach (int[] batch in batches)
            foreach (var cell in cells)
            {
                total += Work(cell, batch);
                done += IsMissing(cell, batch) ? 0 : Work(cell, batch);
            }
        var progress = new Progress(output, total, done, terminal);
        foreach (int[] batch in batches)
        {
            var missing = cells.Where(c => IsMissing(c, batch)).ToList();
            if (missing.Count == 0)
                continue;
            Compute(batch, missing, progress, cancel);
        }
        progress.End();
        _journal.Flush();
    }

    private void Compute(int[] batch, List<PlannedCell> cells, Progress progress, CancellationToken cancel)
    {
        int[] needed = [.. batch.Where(i => cells.Any(c => i < c.Cell.Samples))];
        var features = new Tensor[needed.Length];
        var prompts = new int[needed.Length][];
        try
        {
            Workers.Run(needed.Length, _threads, cancel, i =>
            {
                features[i] = _computation.Features(_plan.Samples[needed[i]]);
                prompts[i] = _computation.Prompt(_plan.Samples[needed[i]]);
            });
            foreach (var cell in cells)
            {
                var results = new SampleResult[needed.Count(i => i < cell.Cell.Samples)];
                Workers.Run(results.Length, _threads, cancel, i =>
                {
                    var sample = _plan.Samples[needed[i]];
                    var answer = _computation.Answer(cell, sample.Id, prompts[i], features[i]);
                    results[i] = new SampleResult(Key(cell, needed[i]), cell.Cell.Id, sample.Id, answer.Answer,
                        answer.TokensPerLayer, answer.Flops);
                });
                _journal.Append(results);
                Computed += results.Length;
                foreach (var result in results)
                    _results[result.Key] = result;
                progress.Advance(Work(cell, batch), $"sample {batch[^1] + 1} of {_plan.Samples.Count}, {cell.Cell.Id}");
            }
        }
        finally
        {
            foreach (var tensor in features)
                tensor?.Dispose();
        }
    }

    private bool IsMissing(PlannedCell cell, int[] batch) =>
        batch.Any(i => i < cell.Cell.Samples && !_results.ContainsKey(Key(cell, i)));

    private double Work(PlannedCell cell, int[] batch) =>
        batch.Where(i => i < cell.Cell.Samples).Sum(i => (double)cell.Executed(_plan.Text[i]));

    private string Key(PlannedCell cell, int sample) => RunKeys.Result(_keys, cell.Settings, _plan.SampleKey(sample));
}
