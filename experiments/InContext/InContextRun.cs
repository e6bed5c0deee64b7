using System.Globalization;
using Aim.Cost;
using Aim.Datasets;
using Aim.Experiments.Planning;
using Aim.Experiments.Running;
using Aim.Fusion;
using Aim.Models;

namespace Aim.Experiments.InContext;

/// <summary>
/// Computes the answers of an in-context experiment: each condition at each number of shots on each episode, options compared by
/// their log-probabilities, or answers generated where a task's metric asks for that. Answers are journalled by content and found
/// again by every experiment of the same output directory; demonstrations are read once, by way of the demonstration bank.
/// </summary>
internal sealed class InContextRun : IDisposable
{
    /// <summary>Prompts prefilled together; batches are cut by index, so that answers never depend on what was there
    /// before.</summary>
    private const int Batch = 8;

    /// <summary>Most tokens of a generated answer and of a caption, as OpenFlamingo's evaluation has them.</summary>
    private const int AnswerTokens = 5, CaptionTokens = 20;

    private readonly ModelStock _stock;
    private readonly Journal<EpisodeAnswer> _journal;
    private readonly Dictionary<string, EpisodeAnswer> _answers;

    /// <param name="stock">Models, banks and projections; its directory takes the journal.</param>
    public InContextRun(ModelStock stock)
    {
        _stock = stock;
        _journal = Journal<EpisodeAnswer>.Open(Path.Combine(stock.Directory, "episodes.jsonl"), out var replayed);
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
            var host = _stock.Host(definition, condition, file);
            foreach (int seed in condition.Seeds)
                Run(definition, condition, seed, host, table, cancel);
        }

        _journal.Flush();
        return table;
    }

    public void Dispose() => _journal.Dispose();

    private void Run(
        InContextDefinition definition, Condition condition, int seed, MultimodalFusionHost host, EpisodeTable table,
            CancellationToken cancel)
    {
        string keys = Experiment.Keys(host.Hash).Hash;
        var source = _stock.Bank(host, condition.States);
        EpisodePrompts? prompts = null;
        foreach (var task in definition.Tasks)
        {
            var metric = definition.MetricOf(task);
            var episodes = LabEpisodes.Of(task, definition.Episodes + 1, definition.Shots[^1]);
            table.Expect(task, [.. episodes.Take(definition.Episodes).Select(e => e.Query.Answer.Trim())]);
            foreach (int shots in definition.Shots)
            {
                for (int first = 0; first < definition.Episodes; first += Batch)
                {
                    int count = Math.Min(Batch, definition.Episodes - first);
                    string[] names =
                        [.. Enumerable.Range(first, count).Select(i => Key(keys, condition, seed, task, metric, i, shots))];
                    if (!names.All(_answers.ContainsKey))
                    {
                        cancel.ThrowIfCancellationRequested();
                        prompts ??= new EpisodePrompts(host, source, condition,
                            _stock.Projections.Of(source, condition, seed, cancel));
                        Answer(prompts, metric, episodes, first, count, shots, names);
                    }

                    for (int i = 0; i < count; i++)
                        table.Add(condition, seed, task, shots, first + i, _answers[names[i]]);
                }
            }

            _stock.Output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{definition.Name}: {condition.Name}{(condition.Seeds.Count > 1 ? $" seed {seed}" : "")}, "
                    + $"{InContextReader.NameOf(task)}: ")
                + string.Join("  ", definition.Shots.Select(n => string.Create(CultureInfo.InvariantCulture,
                    $"{n}: {(metric is Metric.Accuracy or Metric.Vqa ? 100 : 1) * table.Value(condition, seed, task, n):0.##}"))));
        }
    }

    private void Answer(
        EpisodePrompts prompts, Metric metric, IReadOnlyList<LabEpisode> episodes, int first, int count, int shots,
            string[] names)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        LabEpisode[] batch = [.. episodes.Skip(first).Take(count)];
        // The next episode's pictures are another episode's: it is drawn although it may not be asked.
        var packed = batch.Select((e, i) => prompts.Of(e, episodes[first + i + 1], shots)).ToArray();
        var (model, language) = (prompts.Host.Model, prompts.Host.Model.Language);
        using var prefill = language.Prefill(
            LanguageModel.PadLeft([.. packed.Select(p => p.Embeds)]), [.. packed.Select(p => p.Layout)], prompts.Pruner(count));
        var shape = Shapes.Of(model.Config.Text, model.Config.ModelType);
        long Flops(int i) => CostModel.MatmulFlops(shape, prefill.TokensPerLayer[i], causal: true);
        var answers = metric is Metric.Vqa or Metric.Cider
            ? Generated(prompts.Host, metric, batch, prefill).Select((text, i) =>
                new EpisodeAnswer(names[i], text, text == batch[i].Query.Answer.Trim(), 0, packed[i].Length, Flops(i)))
            : Chosen(prompts.Host, batch, prefill).Select((c, i) =>
                new EpisodeAnswer(names[i], c.Answer, c.Right, c.Margin, packed[i].Length, Flops(i)));
        _journal.Append([.. answers.Select((answer, i) => _answers[names[i]] = answer)]);
    }

    private static IEnumerable<(string Answer, bool Right, double Margin)> Chosen(
        MultimodalFusionHost host, LabEpisode[] batch, PrefillResult prefill)
    {
        double[][] scores = OptionScores.LogProbabilities(
            host.Model.Language, prefill, [.. batch.Select(e =>
                (IReadOnlyList<IReadOnlyList<int>>)[.. e.Options.Select(host.Encode)])]);
        return batch.Select((episode, i) =>
        {
            int best = Array.IndexOf(scores[i], scores[i].Max()), right = episode.Options.ToList().IndexOf(episode.Query.Answer);
            return (episode.Options[best], best == right, scores[i][right] - scores[i].Where((_, o) => o != right).Max());
        });
    }

    // Greedy; an answer ends where a demonstration's would, at the first mark of what closes it. Labels are one word: of a model
    // that goes on, since it was never taught to close, the first word is its answer.
    private static IEnumerable<string> Generated(MultimodalFusionHost host, Metric metric, LabEpisode[] batch,
        PrefillResult prefill)
    {
        var ends = GenerationConfig.Load(host.Model.Config.Directory!);
        var settings = new GenerationSettings
        {
            MaxNewTokens = metric == Metric.Cider ? CaptionTokens : AnswerTokens,
            EndIds = ends.EndIds,
            PadId = ends.PadId,
        };
        return Generation.Run(host.Model.Language, prefill, settings).Answers.Select((ids, i) =>
        {
            string text = host.Model.Tokenizer.Decode(ids).Split(batch[i].Query.Closing[0])[0].Trim();
            return metric == Metric.Vqa ? text.Split(' ')[0] : text;
        });
    }

    private string Key(string keys, Condition condition, int seed, LabTask task, Metric metric, int episode, int shots) =>
        CanonicalForm.Sha256(string.Create(CultureInfo.InvariantCulture,
            $"{keys}\n{condition.Settings} seed={seed} recipe={_stock.Projections.Recipe.Canonical}\n{task} {episode} {shots} "
                + $"batch={Batch}{(metric is Metric.Vqa or Metric.Cider ? " generated" : "")}"))[..32];
}
