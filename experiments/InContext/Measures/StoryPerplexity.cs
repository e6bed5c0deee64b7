using System.Globalization;
using Aim.Cost;
using Aim.Datasets;
using Aim.Experiments.Planning;
using Aim.Experiments.Running;
using Aim.Experiments.Statistics;
using Aim.Fusion;
using Aim.Models;
using Aim.Reports.Records;

namespace Aim.Experiments.InContext.Measures;

/// <summary>
/// Claim R11: how well the last text of interleaved stories is predicted that no projection was trained on, behind none to
/// several of their pairs, fused or not. Stories share no label, wording or held-out object with the tests, which is looked for
/// here too.
/// </summary>
/// <param name="stock">Models, banks and projections; its directory takes the journal.</param>
/// <param name="definition">The experiment.</param>
/// <param name="file">Its file.</param>
internal sealed class StoryPerplexity(ModelStock stock, InContextDefinition definition, string file)
{
    private const int Batch = 8;

    /// <summary>Seed of stories that are held out: projections are trained on those of seed 1.</summary>
    private const ulong Held = 2;

    private readonly Dictionary<(string Condition, int Shots), double[]> _nats = [];
    private readonly List<int> _tokens = [];

    /// <summary>Predicts every story's text, where it was not done before.</summary>
    public Finding Run(CancellationToken cancel)
    {
        var asked = Questions();
        using var journal = Journal<EpisodeAnswer>.Open(Path.Combine(stock.Directory, "stories.jsonl"), out var replayed);
        var known = replayed.DistinctBy(a => a.Key).ToDictionary(a => a.Key, StringComparer.Ordinal);
        foreach (var condition in definition.Conditions)
        {
            var host = stock.Host(definition, condition, file);
            if (_tokens.Count == 0)
                _tokens.AddRange(asked.Select(a => host.Encode(a.Query.Answer).Count));
            string keys = Experiment.Keys(host.Hash).Hash;
            var source = stock.Bank(host, condition.States);
            foreach (int seed in condition.Seeds)
            {
                EpisodePrompts? prompts = null;
                foreach (int shots in definition.Shots)
                {
                    string[] names = [.. Enumerable.Range(0, asked.Count).Select(i => Key(keys, condition, seed, i, shots))];
                    for (int first = 0; first < asked.Count; first += Batch)
                    {
                        int count = Math.Min(Batch, asked.Count - first);
                        if (names.Skip(first).Take(count).All(known.ContainsKey))
                            continue;
                        cancel.ThrowIfCancellationRequested();
                        prompts ??= new EpisodePrompts(host, source, condition,
                            stock.Projections.Of(source, condition, seed, cancel));
                        journal.Append(Predict(prompts, [.. asked.Skip(first).Take(count)], shots,
                            names.AsSpan(first, count).ToArray(), known));
                    }

                    double[] nats = [.. names.Select((n, i) => -known[n].Margin / _tokens[i] / condition.Seeds.Count)];
                    _nats[(condition.Name, shots)] = _nats.TryGetValue((condition.Name, shots), out double[]? sum)
                        ? [.. sum.Zip(nats, (a, b) => a + b)] : nats;
                }
            }

            stock.Output.WriteLine($"{definition.Name}: {condition.Name}, perplexity "
                + string.Join("  ", definition.Shots.Select(n =>
                string.Create(CultureInfo.InvariantCulture, $"{n}: {Perplexity(condition.Name, n).Mean:0.00}"))));
        }

        return new Finding(Claim(asked), [Figure()]);
    }

    // Questions about a picture behind enough pairs to take the nearest n of them.
    private List<(IReadOnlyList<LabShot> Shots, LabShot Query)> Questions()
    {
        var asked = new List<(IReadOnlyList<LabShot>, LabShot)>();
        for (int story = 0; asked.Count < definition.Episodes; story++)
        {
            var told = LabStories.Of(Held, story);
            asked.AddRange(told.Queries.Where(q => q.Picture is not null && q.Shots.Count >= definition.Shots[^1])
                .Select(q => ((IReadOnlyList<LabShot>)[.. q.Shots.Select(i => told.Shots[i])],
                    new LabShot(q.Picture!, "", q.Instruction, q.Answer, told.Shots[0].Closing, 0))));
        }

        return [.. asked.Take(definition.Episodes)];
    }

    private static EpisodeAnswer[] Predict(
        EpisodePrompts prompts, IReadOnlyList<(IReadOnlyList<LabShot> Shots, LabShot Query)> asked, int shots, string[] names,
        Dictionary<string, EpisodeAnswer> known)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var host = prompts.Host;
        PackedSequence[] packed = [.. asked.Select(a =>
        {
            LabShot[] nearest = [.. a.Shots.TakeLast(shots)];
            return prompts.Of(nearest, nearest, a.Query);
        })];
        using var prefill = host.Model.Language.Prefill(LanguageModel.PadLeft([.. packed.Select(p => p.Embeds)]),
            [.. packed.Select(p => p.Layout)]);
        double[][] scores = OptionScores.LogProbabilities(
            host.Model.Language, prefill, [.. asked.Select(a =>
                (IReadOnlyList<IReadOnlyList<int>>)[host.Encode(a.Query.Answer)])]);
        var shape = Shapes.Of(host.Model.Config.Text, host.Model.Config.ModelType);
        return [.. asked.Select((a, i) => known[names[i]] = new EpisodeAnswer(
            names[i], a.Query.Answer, true, scores[i][0], packed[i].Length,
                CostModel.MatmulFlops(shape, prefill.TokensPerLayer[i], causal: true)))];
    }

    private string Key(string keys, Condition condition, int seed, int question, int shots) => CanonicalForm.Sha256(
        string.Create(CultureInfo.InvariantCulture,
            $"{keys}\n{condition.Settings} seed={seed} recipe={stock.Projections.Recipe.Canonical}\nstories {Held} "
                + $"{definition.Shots[^1]} {question} {shots} batch={Batch}"))[..32];

    // exp of the mean over tokens; the interval is of the mean over questions.
    private MeanOf Perplexity(string condition, int shots)
    {
        double[] nats = _nats[(condition, shots)];
        double mean = nats.Zip(_tokens, (n, t) => n * t).Sum() / _tokens.Sum();
        var over = MeanOf.Values(nats);
        double half = (over.Interval.High - over.Interval.Low) / 2;
        return new MeanOf(Math.Exp(mean), new Interval(Math.Exp(mean - half), Math.Exp(mean + half)), nats.Length);
    }

    private MeanOf Difference(string first, int shots, string second, int than) => MeanOf.Values(
        [.. _nats[(first, shots)].Zip(_nats[(second, than)], (a, b) => a - b)]);

    private ClaimRecord Claim(IReadOnlyList<(IReadOnlyList<LabShot> Shots, LabShot Query)> asked)
    {
        string fused = definition.Conditions.First(c => c.Form == Form.Fused && c.Projection == ProjectionUse.Trained).Name;
        string raw = definition.Conditions.First(c => c.Form == Form.Raw).Name;
        int most = definition.Shots[^1];
        var (gain, gap) = (Difference(fused, most, fused, 0), Difference(fused, most, raw, most));
        int overlap = asked.Count(a => a.Shots.Append(a.Query).Any(s =>
            LabReserved.Current.FindIn(LabDocument.ImagePlaceholder + s.Instruction + s.Answer + s.Closing) is not null));
        bool better = gain.Interval.High < 0, near = gap.Interval.High < definition.Factor, apart = overlap == 0;
        bool refuted = gain.Interval.Low >= 0 || gap.Interval.Low >= definition.Factor;
        var verdict = !apart ? ClaimVerdict.NotHere : better && near ? ClaimVerdict.Holds : better || near ? ClaimVerdict.InPart
            : refuted ? ClaimVerdict.NotHere : ClaimVerdict.CannotBeTestedHere;
        string reason = string.Create(CultureInfo.InvariantCulture,
            $"With {most} fused pairs a token costs {gain.Mean:+0.000;-0.000} nats against none (95 % interval "
                + $"{gain.Interval.Low:+0.000;-0.000} to {gain.Interval.High:+0.000;-0.000}), and {gap.Mean:+0.000;-0.000} "
                + $"against the same pairs as they are ({gap.Interval.Low:+0.000;-0.000} to {gap.Interval.High:+0.000;-0.000}). "
                + $"{overlap} of {asked.Count} stories hold a label or wording of the tests.");
        MeasureRecord Of(string what, MeanOf mean) => new()
        {
            What = what,
            Unit = Unit.Number,
            Value = ValueRecord.Of(mean.Mean, new IntervalRecord(mean.Interval.Low, mean.Interval.High), mean.Samples),
        };
        return Finding.ClaimOf(
            definition, verdict, reason,
            string.Create(CultureInfo.InvariantCulture,
                $"Holds if fused pairs lower the nats a token against none, and are worse than the same pairs as they are by "
                    + $"less than {definition.Factor}, each with its whole 95 % interval, and no story holds a label or wording "
                    + $"of the tests"),
            Of($"nats a token, {most} fused pairs minus none", gain),
                Of($"nats a token, {most} fused pairs minus the same pairs as they are", gap));
    }

    private LinesRecord Figure() => new()
    {
        Id = Finding.IdOf(definition),
        Title = definition.Title,
        Lead = definition.Question,
        From = string.Create(CultureInfo.InvariantCulture,
            $"{definition.Name}, {definition.Episodes} questions of held-out stories about pictures, the nearest pairs of each"),
        Exploratory = definition.Limit is not null,
        X = new AxisRecord { Title = "Pairs before the text", Unit = Unit.Count },
        Panels =
        [
            new PanelRecord
            {
                Y = new AxisRecord { Title = "Perplexity of the text", Unit = Unit.Number, Logarithmic = true },
                Lines = [.. definition.Conditions.Select(c => new LineRecord
                {
                    Name = c.Name,
                    Control = c.Form != Form.Fused || c.Projection != ProjectionUse.Trained,
                    Points = [.. definition.Shots.Select(n => Point(n, Perplexity(c.Name, n)))],
                })],
            },
        ],
    };

    private static PointRecord Point(int shots, MeanOf value) =>
        new()
        {
            X = shots,
            Y = value.Mean,
            Interval = new IntervalRecord(value.Interval.Low, value.Interval.High),
            N = value.Samples
        };
}
