using System.Globalization;
using System.Text;
using Aim.Experiments.Asking;
using Aim.Experiments.Planning;
using Aim.Fusion;
using Aim.Models;

namespace Aim.Experiments.InContext.ByHand;

/// <summary>
/// From a checkpoint, a file of demonstrations and a query to an answer, of any family: what can be wrong with the files is found
/// before the weights are read.
/// </summary>
internal sealed class HandPrompt
{
    private const long BankBytes = 4L << 30;

    private readonly HandRequest _request;
    private readonly string _directory;
    private readonly GenerationConfig _generation;
    private readonly RgbImage _picture;
    private readonly IReadOnlyList<Demonstration> _pool;

    /// <summary>Checks the request and reads its pictures.</summary>
    /// <exception cref="IOException">A file is missing or wrong; the message names it.</exception>
    /// <exception cref="DemonstrationException">A line of the demonstrations is; the message names file and line.</exception>
    /// <exception cref="DefinitionException">An option does not fit.</exception>
    public HandPrompt(HandRequest request)
    {
        _request = request;
        _directory = Places.Model(request.Model, null);
        MultimodalConfig.Load(_directory);
        BpeTokenizer.Load(Path.Combine(_directory, "tokenizer.json"));
        _generation = GenerationConfig.Load(_directory);
        if (request.Projection is { } file && !File.Exists(file))
            throw new DefinitionException($"--projection {file}: no such file; 'aim reproduce --icl' trains projections, into "
                + $"its projections directory");
        _pool = DemonstrationFile.Read(request.Demonstrations, VisualFiles.Picture, MultimodalModel.HashOf(_directory));
        if (request.Shots > _pool.Count)
            throw new DefinitionException($"--shots {request.Shots}: {request.Demonstrations} has {_pool.Count}");
        _picture = VisualFiles.Picture(request.Image);
    }

    /// <summary>Loads the model and answers.</summary>
    /// <param name="report">Told of bank entries that were broken.</param>
    /// <param name="cancel">Ends the work before its next step.</param>
    /// <exception cref="ProjectionException">The projection is broken, or another model's.</exception>
    /// <exception cref="DefinitionException">The prompt is longer than the model's context.</exception>
    public HandResult Run(Action<string> report, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        var clock = new LapClock(cancel);

        using var model = MultimodalModel.Load(_directory);
        // What a tokenizer sets before every text (a Llama's begin-of-sequence token) opens every sequence.
        var host = MultimodalFusionHost.Of(model, model.Tokenizer.Encode("", addSpecialTokens: true));
        var (projection, states) = Projection(host);
        using var owned = projection;
        var reader = new Aggregator(host, states);
        Demonstration[] shown =
            [.. Selector(host).Select(_request.Shots ?? _pool.Count, _picture, _request.Seed).Select(i => _pool[i])];
        double load = clock.Lap();

        var (packed, use) = Pack(host, reader, projection, shown, report, out double demonstrations, clock.Lap);
        CheckLength(packed.Length, model.Config.Text.MaxPositionEmbeddings);
        using var prefill = model.Language.Prefill(packed.Embeds.unsqueeze(0), [packed.Layout]);
        double prefillTime = clock.Lap();
        var (answer, options) = Answer(model, prefill, cancel);
        int picture = TokensOf(model, _picture), query = host.Encode(_request.Query).Count;
        return new HandResult(
            answer, options, shown.Length,
            new HandTokens(packed.Length - picture - query - host.Opening.Count, packed.Layout.Visual, packed.Length,
                packed.Length - packed.Layout.Visual + picture + shown.Sum(d => TokensOf(model, d.Picture!))),
            _request.Form == Form.Fused ? Words(states, host, projection) : null, use,
            new HandTimes(load, demonstrations, prefillTime, clock.Lap()));
    }

    private (FusionProjection? Projection, AggregationOptions States) Projection(MultimodalFusionHost host)
    {
        if (_request.Form == Form.Fused && _request.Projection is { } file)
        {
            var (projection, states) = ProjectionFile.Load(file, host);
            return (projection, states);
        }

        _request.States.LayerIn(host);
        return (null, _request.States);
    }

    private IDemonstrationSelector Selector(MultimodalFusionHost host) => _request.Selection switch
    {
        Selection.Random => new RandomSelector(_pool.Count),
        Selection.Similar => new SimilaritySelector(host, _pool),
        Selection.Balanced => new ClassBalancedSelector([.. _pool.Select(d => d.Reference)]),
        _ => new FirstSelector(),
    };

    private (PackedSequence Packed, BankUse? Use) Pack(
        MultimodalFusionHost host, Aggregator reader, FusionProjection? projection, IReadOnlyList<Demonstration> shown,
            Action<string> report,
        out double demonstrations, Func<double> lap)
    {
        demonstrations = 0;
        if (_request.Form == Form.Raw)
            return (InContextPrompt.Raw(host, shown, _picture, _request.Query), null);
        if (_request.Form == Form.Text)
            return (InContextPrompt.TextOnly(host, shown, _picture, _request.Query), null);
        using var bank = _request.Bank is { } directory
            ? new DemonstrationBank(directory, reader, ReadingCode.Name, BankBytes) { Report = report } : null;
        Tensor[] fused = [.. ((IAggregateSource?)bank ?? reader).Aggregate(shown).Select(a => projection?.Forward(a) ?? a)];
        demonstrations = lap();
        return (InContextPrompt.Fused(host, fused, _picture, _request.Query), bank?.Use);
    }

    private (string Answer, IReadOnlyList<OptionScore> Options) Answer(MultimodalModel model, PrefillResult prefill,
        CancellationToken cancel)
    {
        if (_request.Options.Count > 0)
        {
            double[] scores = OptionScores.LogProbabilities(
                model.Language, prefill, [[.. _request.Options.Select(o => (IReadOnlyList<int>)model.Tokenizer.Encode(o))]])[0];
            return (_request.Options[Array.IndexOf(scores, scores.Max())],
                [.. _request.Options.Zip(scores, (o, s) => new OptionScore(o, s))]);
        }

        var settings = new GenerationSettings
        {
            MaxNewTokens = _request.MaxNewTokens,
            EndIds = _generation.EndIds,
            PadId = _generation.PadId,
            ContextLimit = model.Config.Text.MaxPositionEmbeddings,
        };
        var text = new StringBuilder();
        foreach (string piece in Generation.Text(Generation.Stream(model.Language, prefill, settings, cancel: cancel),
            model.Tokenizer))
        {
            text.Append(piece);
            if (StopIn(text.ToString()) is { } end)
                return (text.ToString(0, end), []);
        }

        return (text.ToString(), []);
    }

    // Known without looking at it.
    private static int TokensOf(MultimodalModel model, RgbImage picture)
    {
        using var visual = model.Pictures([picture])[0];
        return visual.Tokens;
    }

    // Where the first of the stops begins; null where there is none yet.
    private int? StopIn(string text)
    {
        int[] found = [.. _request.Stops.Select(s => text.IndexOf(s, StringComparison.Ordinal)).Where(i => i >= 0)];
        return found.Length == 0 ? null : found.Min();
    }

    private static void CheckLength(int tokens, int most)
    {
        if (tokens >= most)
        {
            throw new DefinitionException(
                $"the prompt has {tokens} tokens, but the model's context is {most} (max_position_embeddings in config.json); "
                + "give fewer demonstrations with --shots, or fuse them");
        }
    }

    private static string Words(AggregationOptions states, MultimodalFusionHost host, FusionProjection? projection) =>
        string.Create(
        CultureInfo.InvariantCulture,
        $"layer {states.LayerIn(host)} of {host.Layers}{(states.Norm ? ", behind the final norm" : "")}, text tokens: "
            + $"{states.Positions.ToString().ToLowerInvariant()}, "
            + $"{(projection is null ? "as they are" : $"projected by {projection.ParameterCount} parameters")}");

    /// <summary>The first demonstrations of the file, in its order.</summary>
    private sealed class FirstSelector : IDemonstrationSelector
    {
        public IReadOnlyList<int> Select(int count, RgbImage? query, ulong seed) => [.. Enumerable.Range(0, count)];
    }
}
