using Aim.Datasets;
using Aim.Experiments.Statistics;

namespace Aim.Experiments.InContext;

/// <summary>All answers of an experiment, and what can be said of them.</summary>
/// <param name="definition">The experiment.</param>
internal sealed class EpisodeTable(InContextDefinition definition)
{
    private readonly Dictionary<(string Condition, int Seed, LabTask Task, int Shots), EpisodeAnswer[]> _answers = [];

    /// <summary>The experiment.</summary>
    public InContextDefinition Definition => definition;

    /// <summary>Takes an answer.</summary>
    public void Add(Condition condition, int seed, LabTask task, int shots, int episode, EpisodeAnswer answer)
    {
        var key = (condition.Name, seed, task, shots);
        if (!_answers.TryGetValue(key, out var all))
            _answers.Add(key, all = new EpisodeAnswer[definition.Episodes]);
        all[episode] = answer;
    }

    /// <summary>Answers of a condition's seed.</summary>
    public IReadOnlyList<EpisodeAnswer> Of(Condition condition, int seed, LabTask task, int shots) => _answers[(condition.Name, seed, task, shots)];

    /// <summary>Accuracy of one seed.</summary>
    public double Accuracy(Condition condition, int seed, LabTask task, int shots) => Of(condition, seed, task, shots).Average(a => a.Right ? 1.0 : 0);

    /// <summary>
    /// Of each episode the share of seeds that answer it right: what means and paired differences are taken of. The interval over episodes holds
    /// for these seeds; the range over seeds stands beside it.
    /// </summary>
    public double[] Shares(string condition, IReadOnlyList<LabTask> tasks, int shots)
    {
        var of = definition.Conditions.First(c => c.Name == condition);
        return [.. tasks.SelectMany(task => Enumerable.Range(0, definition.Episodes)
            .Select(i => of.Seeds.Average(seed => Of(of, seed, task, shots)[i].Right ? 1.0 : 0)))];
    }

    /// <summary>Accuracy over tasks and seeds with its interval.</summary>
    public MeanOf Accuracy(string condition, IReadOnlyList<LabTask> tasks, int shots) => MeanOf.Values(Shares(condition, tasks, shots));

    /// <summary>Lowest and highest accuracy of a condition's seeds.</summary>
    public (double Low, double High) Range(string condition, IReadOnlyList<LabTask> tasks, int shots)
    {
        var of = definition.Conditions.First(c => c.Name == condition);
        double[] seeds = [.. of.Seeds.Select(seed => tasks.Average(task => Accuracy(of, seed, task, shots)))];
        return (seeds.Min(), seeds.Max());
    }

    /// <summary>One point minus another, paired by episode.</summary>
    public MeanOf Difference(Point first, Point second, IReadOnlyList<LabTask> tasks) => MeanOf.Values(
        [.. Shares(first.Condition, tasks, first.Shots).Zip(Shares(second.Condition, tasks, second.Shots), (a, b) => a - b)]);

    /// <summary>Mean tokens of a condition's prompts.</summary>
    public double Tokens(string condition, LabTask task, int shots)
    {
        var of = definition.Conditions.First(c => c.Name == condition);
        return Of(of, of.Seeds[0], task, shots).Average(a => (double)a.Tokens);
    }
}
