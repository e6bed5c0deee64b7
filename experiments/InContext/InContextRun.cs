using System.Collections.Concurrent;
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

    /// <summary>Episodes between two lines of progress.</summary>
    private const int Told = 128;

    private readonly ModelStock _stock;
    private readonly Journal<EpisodeAnswer> _journal;
    private readonly ConcurrentDictionary<string, EpisodeAnswer> _answers;

    /// <param name="stock">Models, banks and projections; its directory takes the journal.</param>
    public InContextRun(ModelStock stock)
    {
        _stock = stock;
        _journal = Journal<EpisodeAnswer>.Open(Path.Combine(stock.Directory, "episodes.jsonl"), out var replayed);
        _answers = new(replayed.DistinctBy(a => a.Key).Select(a => KeyValuePair.Create(a.Key, a)), StringComparer.Ordinal);
    }

    /// <summary>The answers of a definition, computed where they are missing.</summary>
    /// <param name="definition">The experiment.</param>
    /// <param name="file">Its file: models may be named relative to it.</param>
    /// <param name="cancel">Ends it; what is finished is kept.</param>
    public EpisodeTable Run(InContextDefinition definition, string file, CancellationToken cancel)
    {
        Asked[] asked =
        [
            .. definition.Conditions.SelectMany(condition =>
            {
                var host = _stock.Host(definition, condition, file);
                string keys = Experiment.Keys(host.Hash).Hash;
                return condition.Seeds.Select(seed => new Asked(condition, seed, host, keys));
            }),
        ];
        var table = new EpisodeTable(definition) { Layers = asked.Select(of => of.Host.Layers).FirstOrDefault() };
        foreach (var task in definition.Tasks)
        {
            var episodes = LabEpisodes.Of(task, definition.Episodes + 1, definition.Shots[^1]);
            table.Expect(task, [.. episodes.Take(definition.Episodes).Select(e => e.Query.Answer.Trim())]);
            Compute(definition, task, asked, episodes, cancel);
            foreach (var of in asked)
            {
                foreach (int shots in definition.Shots)
                {
                    for (int i = 0; i < definition.Episodes; i++)
                        table.Add(of.Condition, of.Seed, task, shots, i,
                            _answers[Key(of, task, definition.MetricOf(task), i, shots)]);
                }

                Tell(definition, task, of, table);
            }
        }

        _journal.Flush();
        return table;
    }

    public void Dispose() => _journal.Dispose();

    // Batches of episodes side by side, each with an engine of one thread: small operations divide badly. All conditions of a
    // batch follow each other, so that its pictures are seen once.
    private void Compute(
        InContextDefinition definition, LabTask task, IReadOnlyList<Asked> asked, IReadOnlyList<LabEpisode> episodes,
        CancellationToken cancel)
    {
        var metric = definition.MetricOf(task);
        int batches = (definition.Episodes + Batch - 1) / Batch, done = 0, threads = torch.get_num_threads();
        int Count(int batch) => Math.Min(Batch, definition.Episodes - (batch * Batch));
        string[] Names(Asked of, int batch, int shots) =>
            [.. Enumerable.Range(batch * Batch, Count(batch)).Select(i => Key(of, task, metric, i, shots))];
        bool Lacks(Asked of, int batch, int shots) => !Names(of, batch, shots).All(_answers.ContainsKey);
        bool LacksAny(int batch) => asked.Any(of => definition.Shots.Any(shots => Lacks(of, batch, shots)));
        int[] missing = [.. Enumerable.Range(0, batches).Where(LacksAny)];
        // Projections train with all threads.
        foreach (var of in asked.Where(of => missing.Any(batch => definition.Shots.Any(shots => Lacks(of, batch, shots)))))
        {
            cancel.ThrowIfCancellationRequested();
            var source = _stock.Bank(of.Host, of.Condition.States);
            of.Prompts ??= new EpisodePrompts(of.Host, source, of.Condition,
                _stock.Projections.Of(source, of.Condition, of.Seed, cancel));
        }

        try
        {
            torch.set_num_threads(1);
            Workers.Run(missing.Length, threads, cancel, at =>
            {
                using var seen = new SeenPictures();
                int batch = missing[at];
                foreach (var of in asked)
                {
                    foreach (int shots in definition.Shots.Where(shots => Lacks(of, batch, shots)))
                    {
                        cancel.ThrowIfCancellationRequested();
                        Answer(of.Prompts!, metric, episodes, batch * Batch, Count(batch), shots, Names(of, batch, shots), seen);
                    }
                }

                int now = Interlocked.Increment(ref done);
                if (now * Batch % Told == 0)
                    _stock.Output.WriteLine(
                        $"  {InContextReader.NameOf(task)}: {now * Batch} of {missing.Length * Batch} episodes");
            });
        }
        finally
        {
            torch.set_num_threads(threads);
        }
    }

    private void Tell(InContextDefinition definition, LabTask task, Asked of, EpisodeTable table)
    {
        string seed = of.Condition.Seeds.Count > 1 ? $" seed {of.Seed}" : "";
        int percent = definition.MetricOf(task) is Metric.Accuracy or Metric.Vqa ? 100 : 1;
        _stock.Output.WriteLine($"{definition.Name}: {InContextReader.NameOf(task)}, {of.Condition.Name}{seed}: "
            + string.Join("  ", definition.Shots.Select(n => string.Create(CultureInfo.InvariantCulture,
                $"{n}: {percent * table.Value(of.Condition, of.Seed, task, n):0.##}"))));
    }

    private void Answer(
        EpisodePrompts prompts, Metric metric, IReadOnlyList<LabEpisode> episodes, int first, int count, int shots,
        string[] names, SeenPictures seen)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        LabEpisode[] batch = [.. episodes.Skip(first).Take(count)];
        // The next episode's pictures are another episode's: it is drawn although it may not be asked.
        var packed = batch.Select((e, i) => prompts.Of(e, episodes[first + i + 1], shots, seen)).ToArray();
        var (model, language) = (prompts.Host.Model, prompts.Host.Model.Language);
        using var prefill = language.Prefill(
            LanguageModel.PadLeft([.. packed.Select(p => p.Embeds)]), [.. packed.Select(p => p.Layout)], prompts.Pruner(count));
        var shape = Shapes.Of(model.Config.Text, model.Config.ModelType);
        long Flops(int i) => CostModel.MatmulFlops(shape, prefill.TokensPerLayer[i], causal: true);
        EpisodeAnswer[] answers =
        [
            .. metric is Metric.Vqa or Metric.Cider
            ? Generated(prompts.Host, metric, batch, prefill).Select((text, i) =>
                new EpisodeAnswer(names[i], text, text == batch[i].Query.Answer.Trim(), 0, packed[i].Length, Flops(i)))
            : Chosen(prompts.Host, batch, prefill).Select((c, i) =>
                new EpisodeAnswer(names[i], c.Answer, c.Right, c.Margin, packed[i].Length, Flops(i))),
        ];
        _journal.Append(answers);
        foreach (var answer in answers)
            _answers[answer.Key] = answer;
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

    // Without demonstrations all conditions of a model ask the same, but for how they reduce the query's picture.
    private string Key(Asked of, LabTask task, Metric metric, int episode, int shots)
    {
        string asked = shots == 0 ? $"no demonstrations{of.Condition.Reduction}" : string.Create(CultureInfo.InvariantCulture,
            $"{of.Condition.Settings} seed={of.Seed} recipe={_stock.Projections.Recipe.Canonical}");
        string generated = metric is Metric.Vqa or Metric.Cider ? " generated" : "";
        return CanonicalForm.Sha256(string.Create(CultureInfo.InvariantCulture,
            $"{of.Keys}\n{asked}\n{task} {episode} {shots} batch={Batch}{generated}"))[..32];
    }

    /// <summary>A condition with one of its seeds, and what answers need of it.</summary>
    private sealed record Asked(Condition Condition, int Seed, MultimodalFusionHost Host, string Keys)
    {
        /// <summary>Made where an answer is missing.</summary>
        public EpisodePrompts? Prompts { get; set; }
    }
}
