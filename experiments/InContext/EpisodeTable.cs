using Aim.Datasets;
using Aim.Experiments.Statistics;

namespace Aim.Experiments.InContext;

/// <summary>All answers of an experiment, and what can be said of them.</summary>
/// <param name="definition">The experiment.</param>
internal sealed class EpisodeTable(InContextDefinition definition)
{
    /// <summary>People behind a VQA answer; all of them give the label.</summary>
    private const int People = 10;

    private readonly Dictionary<(string Condition, int Seed, LabTask Task, int Shots), EpisodeAnswer[]> _answers = [];
    private readonly Dictionary<(string Condition, int Seed, LabTask Task, int Shots), double[]> _scores = [];
    private readonly Dictionary<LabTask, IReadOnlyList<string>> _expected = [];

    /// <summary>The experiment.</summary>
    public InContextDefinition Definition => definition;

    /// <summary>Layers of the definition's decoder.</summary>
    public int Layers { get; init; }

    /// <summary>Takes the right answers of a task's episodes.</summary>
    public void Expect(LabTask task, IReadOnlyList<string> answers) => _expected[task] = answers;

    /// <summary>Takes an answer.</summary>
    public void Add(Condition condition, int seed, LabTask task, int shots, int episode, EpisodeAnswer answer)
    {
        var key = (condition.Name, seed, task, shots);
        if (!_answers.TryGetValue(key, out var all))
            _answers.Add(key, all = new EpisodeAnswer[definition.Episodes]);
        all[episode] = answer;
    }

    /// <summary>Answers of a condition's seed.</summary>
    public IReadOnlyList<EpisodeAnswer> Of(Condition condition, int seed, LabTask task, int shots) =>
        _answers[(condition.Name, seed, task, shots)];

    /// <summary>One seed's figure by the task's metric.</summary>
    public double Value(Condition condition, int seed, LabTask task, int shots) => definition.MetricOf(task) == Metric.Auc
        ? Placements(condition, seed, task, shots).Area.Mean
        : Scores(condition, seed, task, shots).Average();

    /// <summary>
    /// The figure over tasks of one metric, and seeds, with its interval. The interval over episodes holds for these seeds; the
    /// range over seeds stands beside it.
    /// </summary>
    public MeanOf Value(string condition, IReadOnlyList<LabTask> tasks, int shots) => definition.MetricOf(tasks[0]) == Metric.Auc
        ? Placements(condition, tasks, shots).Area
        : Mean(definition.MetricOf(tasks[0]), Shares(condition, tasks, shots));

    /// <summary>Of each episode the mean over seeds of what it scores: what means and paired differences are taken of.</summary>
    public double[] Shares(string condition, IReadOnlyList<LabTask> tasks, int shots)
    {
        var of = Named(condition);
        return [.. tasks.SelectMany(task =>
        {
            double[][] seeds = [.. of.Seeds.Select(seed => Scores(of, seed, task, shots))];
            return Enumerable.Range(0, definition.Episodes).Select(i => seeds.Average(s => s[i]));
        })];
    }

    /// <summary>Lowest and highest figure of a condition's seeds.</summary>
    public (double Low, double High) Range(string condition, IReadOnlyList<LabTask> tasks, int shots)
    {
        var of = Named(condition);
        double[] seeds = [.. of.Seeds.Select(seed => tasks.Average(task => Value(of, seed, task, shots)))];
        return (seeds.Min(), seeds.Max());
    }

    /// <summary>Share of the most frequent right answer of a task: what one reaches who looks at nothing.</summary>
    public double MostFrequent(LabTask task) =>
        _expected[task].GroupBy(a => a).Max(g => g.Count()) / (double)_expected[task].Count;

    /// <summary>
    /// The lowest and the highest difference of two points over the seeds of the first; null where it has one seed. A second one
    /// with as many seeds is taken seed by seed.
    /// </summary>
    public (double Low, double High)? SeedRange(Point first, Point second, IReadOnlyList<LabTask> tasks)
    {
        var (one, other) = (Named(first.Condition), Named(second.Condition));
        if (one.Seeds.Count == 1)
            return null;
        double Mean(Condition of, Point point, int seed) => tasks.Average(task => Value(of, seed, task, point.Shots));
        double[] differences = [.. one.Seeds.Select((seed, i) => Mean(one, first, seed) - (other.Seeds.Count == one.Seeds.Count
            ? Mean(other, second, other.Seeds[i]) : other.Seeds.Average(s => Mean(other, second, s))))];
        return (differences.Min(), differences.Max());
    }

    /// <summary>One point minus another, paired by episode.</summary>
    public MeanOf Difference(Point first, Point second, IReadOnlyList<LabTask> tasks) =>
        definition.MetricOf(tasks[0]) == Metric.Auc
        ? Placements(first.Condition, tasks, first.Shots).Minus(Placements(second.Condition, tasks, second.Shots))
        : MeanOf.Values([.. Shares(first.Condition, tasks, first.Shots).Zip(Shares(second.Condition, tasks, second.Shots),
            (a, b) => a - b)]);

    /// <summary>Mean tokens of a condition's prompts.</summary>
    public double Tokens(string condition, LabTask task, int shots) =>
        First(condition, task, shots).Average(a => (double)a.Tokens);

    /// <summary>Mean FLOPs of a condition's prefills.</summary>
    public double Flops(string condition, LabTask task, int shots) => First(condition, task, shots).Average(a => (double)a.Flops);

    // Right or wrong is a proportion, whose interval stays between 0 and 1 (Wilson); means over seeds and scores are means.
    private static MeanOf Mean(Metric metric, double[] shares) => metric.IsShare() && shares.All(s => s is 0 or 1)
        ? new MeanOf(shares.Average(), Proportion.Wilson((long)shares.Sum(), shares.Length), shares.Length)
        : MeanOf.Values(shares);

    private IReadOnlyList<EpisodeAnswer> First(string condition, LabTask task, int shots)
    {
        var of = Named(condition);
        return Of(of, of.Seeds[0], task, shots);
    }

    private Condition Named(string name) => definition.Conditions.First(c => c.Name == name);

    private double[] Scores(Condition condition, int seed, LabTask task, int shots)
    {
        var key = (condition.Name, seed, task, shots);
        if (_scores.TryGetValue(key, out double[]? known))
            return known;
        var answers = Of(condition, seed, task, shots);
        return _scores[key] = definition.MetricOf(task) switch
        {
            Metric.Vqa => [.. answers.Select((a, i) =>
                VqaAccuracy.Official([.. Enumerable.Repeat(_expected[task][i], People)], a.Answer))],
            Metric.Cider => [.. CiderD.Of([.. PtbTokenizer.Tokenize([.. answers.Select(a => a.Answer)])
                .Zip(PtbTokenizer.Tokenize(_expected[task]),
                    (caption, reference) => new CaptionedPicture(caption, [reference]))]).Pictures],
            _ => [.. answers.Select(a => a.Right ? 1.0 : 0)],
        };
    }

    private RocInterval Placements(string condition, IReadOnlyList<LabTask> tasks, int shots)
    {
        var of = Named(condition);
        return RocInterval.Mean([.. of.Seeds.Select(seed => Placements(of, seed, tasks[0], shots))]);
    }

    // The score of yes against no: a margin is the right answer's, so that its sign turns where no is right.
    private RocInterval Placements(Condition condition, int seed, LabTask task, int shots)
    {
        bool[] yes = [.. _expected[task].Select(answer => answer == "yes")];
        return RocInterval.Of(yes, [.. Of(condition, seed, task, shots).Select((a, i) => yes[i] ? a.Margin : -a.Margin)]);
    }
}
