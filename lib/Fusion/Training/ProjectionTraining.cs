namespace Aim.Fusion;

/// <summary>
/// Trains W_p, and nothing else, with the language-modelling loss on interleaved documents: demonstrations are read once, without
/// gradient (nothing in that pass trains); the second pass keeps its graph, so that the loss reaches W_p through the frozen
/// decoder. A training goes on from its last saved state, and gives the same bits as one that was never interrupted.
/// </summary>
/// <param name="aggregates">Reads the demonstrations with the frozen model; a bank reads each but once.</param>
/// <param name="documents">The document of a step and a place in it: a pure function.</param>
/// <param name="recipe">How long and how fast.</param>
public sealed class ProjectionTraining(IAggregateSource aggregates, Func<int, int, FusionDocument> documents,
    ProjectionRecipe recipe)
{
    /// <summary>Trains, or goes on.</summary>
    /// <param name="options">Shape and start of the projection.</param>
    /// <param name="stateFile">Where the state is kept; null: nowhere.</param>
    /// <param name="dataName">Names the documents, so that a state of others is refused.</param>
    /// <param name="progress">Told after every step.</param>
    /// <param name="cancel">Ends the training after a step, with the state saved.</param>
    /// <exception cref="ProjectionException">The state belongs to another training.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The backbone's weights changed.</exception>
    public FusionProjection Train(
        ProjectionOptions options, string? stateFile, string dataName, Action<ProjectionProgress>? progress = null,
        CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var host = aggregates.Host;
        string before = host.Checksum();
        var projection = new FusionProjection(host.Dim, options);
        using var state = new ProjectionState(
            projection, recipe,
            $"{host.Hash} | {aggregates.Options.Canonical(host)} | {options} | {recipe.Canonical} | {dataName}");
        int step = stateFile is null ? 0 : state.Load(stateFile);
        for (; step < recipe.Steps; step++)
        {
            if (cancel.IsCancellationRequested)
            {
                Save(step);
                cancel.ThrowIfCancellationRequested();
            }

            using var scope = NewDisposeScope();
            var (loss, targets) = Batch(step).Loss(projection);
            loss.backward();
            state.Step(recipe.RateAt(step));
            progress?.Invoke(new ProjectionProgress(step + 1, recipe.Steps, loss.item<float>(), targets));
            if ((step + 1) % recipe.SaveEvery == 0 || step + 1 == recipe.Steps)
                Save(step + 1);
        }

        return host.Checksum() == before
            ? projection
            : throw new InvalidOperationException("the frozen model's weights changed while its projection trained");

        void Save(int done)
        {
            if (stateFile is not null)
                state.Save(stateFile, done);
        }
    }

    /// <summary>
    /// Mean loss of a projection over documents that it does not train on; exp of it is the perplexity of what they are to say.
    /// </summary>
    /// <param name="projection">W_p; null: aggregates as they are.</param>
    /// <param name="held">The documents.</param>
    public double Evaluate(FusionProjection? projection, IEnumerable<FusionDocument> held)
    {
        using var noGrad = no_grad();
        double sum = 0;
        long count = 0;
        foreach (var document in held)
        {
            using var scope = NewDisposeScope();
            var (loss, targets) = Of([document]).Loss(projection);
            sum += loss.item<float>() * targets;
            count += targets;
        }

        return count == 0 ? throw new ArgumentException("no documents to evaluate on", nameof(held)) : sum / count;
    }

    private FusionBatch Batch(int step) => Of([.. Enumerable.Range(0, recipe.Documents).Select(i => documents(step, i))]);

    private FusionBatch Of(IReadOnlyList<FusionDocument> batch)
    {
        var all = aggregates.Aggregate([.. batch.SelectMany(d => d.Demonstrations)]);
        var queries = new List<(FusionQuery, IReadOnlyList<Tensor>)>();
        int first = 0;
        foreach (var document in batch)
        {
            foreach (var query in document.Queries)
                queries.Add((query, [.. query.Demonstrations.Select(i => all[first + i])]));
            first += document.Demonstrations.Count;
        }

        return new FusionBatch(aggregates.Host, queries);
    }
}
