using System.Globalization;
using Aim.Datasets;
using Aim.Experiments.Planning;
using Aim.Experiments.Running;
using Aim.Fusion;
using Aim.Models;

namespace Aim.Experiments.InContext;

/// <summary>
/// Computes the answers of an in-context experiment: each condition at each number of shots on each episode, the options' log-probabilities
/// compared. Answers are journalled by content and found again by every experiment of the same output directory; demonstrations are read once,
/// by way of the demonstration bank.
/// </summary>
internal sealed class InContextRun : IDisposable
{
    /// <summary>Prompts prefilled together; batches are cut by index, so that answers never depend on what was there before.</summary>
    private const int Batch = 8;

    private const long BankBytes = 2L << 30;

    private readonly string _directory;
    private readonly TextWriter _output;
    private readonly Projections _projections;
    private readonly Dictionary<string, MultimodalFusionHost> _hosts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DemonstrationBank> _banks = new(StringComparer.Ordinal);
    private readonly Journal<EpisodeAnswer> _journal;
    private readonly Dictionary<string, EpisodeAnswer> _answers;

    /// <param name="directory">Takes journal, bank and projections.</param>
    /// <param name="output">Takes progress.</param>
    /// <param name="recipe">How projections are trained; null: as they usually are.</param>
    public InContextRun(string directory, TextWriter output, ProjectionRecipe? recipe = null)
    {
        (_directory, _output) = (directory, output);
        Directory.CreateDirectory(directory);
        _projections = new Projections(Path.Combine(directory, "projections"), output, recipe ?? new ProjectionRecipe());
        _journal = Journal<EpisodeAnswer>.Open(Path.Combine(directory, "episodes.jsonl"), out var replayed);
        _answers = replayed.DistinctBy(a => a.Key).ToDictionary(a => a.Key, StringComparer.Ordinal);
    }

    /// <summary>The answers of a definition, computed where they are missing.</summary>
    /// <param name="definition">The experiment.</param>
    /// <param name="file">Its file: models may be named relative to it.</param>
    /// <param name="cancel">Ends it; what is finished is kept.</param>
    public EpisodeTable Run(InContextDefinition definition, string file, CancellationToken cancel)
    {
        var table = new EpisodeTable(definition);
        foreach (var condition in definition.Conditions)
        {
            var host = Host(Places.Model(condition.Model ?? definition.Model, file));
            foreach (int seed in condition.Seeds)
                Run(definition, condition, seed, host, table, cancel);
        }

        _journal.Flush();
        return table;
    }

    /// <summary>What the bank has done.</summary>
    public BankUse BankUse => _banks.Values.Select(b => b.Use).Aggregate(
        new BankUse(), (a, b) => new BankUse(a.Hits + b.Hits, a.Misses + b.Misses, a.Dropped + b.Dropped));

    public void Dispose()
    {
        _journal.Dispose();
        foreach (var bank in _banks.Values)
            bank.Dispose();
        foreach (var host in _hosts.Values)
            host.Model.Dispose();
    }

    private void Run(
        InContextDefinition definition, Condition condition, int seed, MultimodalFusionHost host, EpisodeTable table, CancellationToken cancel)
    {
        string keys = Experiment.Keys(host.Hash).Hash;
        var source = Bank(host, condition.States);
        EpisodePrompts? prompts = null;
        foreach (var task in definition.Tasks)
        {
            var episodes = LabEpisodes.Of(task, definition.Episodes + 1, definition.Shots[^1]);
            foreach (int shots in definition.Shots)
            {
                for (int first = 0; first < definition.Episodes; first += Batch)
                {
                    int count = Math.Min(Batch, definition.Episodes - first);
                    string[] names = [.. Enumerable.Range(first, count).Select(i => Key(keys, condition, seed, task, i, shots))];
                    if (!names.All(_answers.ContainsKey))
                    {
                        cancel.ThrowIfCancellationRequested();
                        prompts ??= new EpisodePrompts(source, condition, _projections.Of(source, condition, seed, cancel));
                        Answer(prompts, host, episodes, first, count, shots, names);
                    }

                    for (int i = 0; i < count; i++)
                        table.Add(condition, seed, task, shots, first + i, _answers[names[i]]);
                }
            }

            _output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{definition.Name}: {condition.Name}{(condition.Seeds.Count > 1 ? $" seed {seed}" : "")}, {InContextReader.NameOf(task)}: ")
                + string.Join("  ", definition.Shots.Select(n => string.Create(CultureInfo.InvariantCulture,
                    $"{n}: {100 * table.Accuracy(condition, seed, task, n):0}"))));
        }
    }

    private void Answer(
        EpisodePrompts prompts, MultimodalFusionHost host, IReadOnlyList<LabEpisode> episodes, int first, int count, int shots, string[] names)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        LabEpisode[] batch = [.. episodes.Skip(first).Take(count)];
        // The next episode's pictures are another episode's: it is drawn although it may not be asked.
        var packed = batch.Select((e, i) => prompts.Of(e, episodes[first + i + 1], shots)).ToArray();
        var language = host.Model.Language;
        using var prefill = language.Prefill(LanguageModel.PadLeft([.. packed.Select(p => p.Embeds)]), [.. packed.Select(p => p.Layout)]);
        var scores = OptionScores.LogProbabilities(
            language, prefill, [.. batch.Select(e => (IReadOnlyList<IReadOnlyList<int>>)[.. e.Options.Select(host.Encode)])]);
        _journal.Append(batch.Select((episode, i) =>
        {
            int best = Array.IndexOf(scores[i], scores[i].Max()), right = episode.Options.ToList().IndexOf(episode.Query.Answer);
            double margin = scores[i][right] - scores[i].Where((_, o) => o != right).Max();
            return _answers[names[i]] = new EpisodeAnswer(names[i], episode.Options[best], best == right, margin, packed[i].Length);
        }).ToArray());
    }

    private MultimodalFusionHost Host(string directory)
    {
        if (!_hosts.TryGetValue(directory, out var host))
            _hosts.Add(directory, host = MultimodalFusionHost.Of(MultimodalModel.Load(directory)));
        return host;
    }

    private DemonstrationBank Bank(MultimodalFusionHost host, AggregationOptions states)
    {
        string key = $"{host.Hash} {states.Canonical(host)}";
        if (!_banks.TryGetValue(key, out var bank))
        {
            // What an aggregate passes through: not what asks for it.
            var code = RunKeys.HashAssemblies([typeof(torch), typeof(MultimodalModel), typeof(Aggregator)]);
            string computedBy = $"{Engine.Name} {Machine.Isa} {string.Join(' ', code.Select(c => c.Sha256))}";
            bank = new DemonstrationBank(Path.Combine(_directory, "bank"), new Aggregator(host, states), computedBy, BankBytes)
            {
                Report = _output.WriteLine,
            };
            _banks.Add(key, bank);
        }

        return bank;
    }

    private string Key(string keys, Condition condition, int seed, LabTask task, int episode, int shots) =>
        CanonicalForm.Sha256(string.Create(CultureInfo.InvariantCulture,
            $"{keys}\n{condition.Settings} seed={seed} recipe={_projections.Recipe.Canonical}\n{task} {episode} {shots} batch={Batch}"))[..32];
}
