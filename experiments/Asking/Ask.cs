using System.Diagnostics;
using System.Text;
using Aim.Cost;
using Aim.Experiments.Planning;
using Aim.Models;
using Aim.Reduction;

namespace Aim.Experiments.Asking;

/// <summary>
/// From a checkpoint directory, pictures or a video and a question to the answer, of any family and with any method: what can be
/// wrong is found before the weights are read.
/// </summary>
internal sealed class Ask
{
    private const string SampleId = "ask";

    private readonly AskRequest _request;
    private readonly MultimodalConfig _config;
    private readonly string _directory;
    private readonly GenerationConfig _generation;
    private readonly ReductionMethod _method;
    private readonly HostTraits _host;
    private readonly IReadOnlyList<RgbImage> _pictures, _frames;
    private readonly double _reading;
    private readonly long _weightBytes;

    /// <summary>Checks the request and reads its pictures.</summary>
    /// <param name="request">What is asked, of which model.</param>
    /// <param name="cancel">Ends the reading of a video.</param>
    /// <exception cref="IOException">A file is missing or wrong; the message names it.</exception>
    /// <exception cref="ArgumentException">The method or one of its settings is not known or does not fit the model.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was raised.</exception>
    public Ask(AskRequest request, CancellationToken cancel)
    {
        _request = request;
        _directory = Places.Model(request.Model, null);
        _config = MultimodalConfig.Load(_directory);
        BpeTokenizer.Load(Path.Combine(_directory, "tokenizer.json"));
        ChatTemplate.Load(_directory);
        _generation = GenerationConfig.Load(_directory);
        _weightBytes = MultimodalModel.WeightBytes(_directory);
        if (request.Video is not null && !_config.TakesVideos)
        {
            throw new DefinitionException(
                $"--video: a {_config.ModelType} model takes no videos, its prompts have no placeholder for one; "
                + "give frames with --image");
        }

        _host = HostTraits.Of(_config, request.Video is not null, request.Images.Count > 0);
        _method = Methods.Create(request.Method, request.MethodSettings, _host);
        var clock = Stopwatch.StartNew();
        _pictures = [.. request.Images.Select(VisualFiles.Picture)];
        _frames = request.Video is { } video ? VisualFiles.Frames(video, request.Frames, cancel) : [];
        _reading = clock.Elapsed.TotalSeconds;
    }

    /// <summary>Loads the model and answers.</summary>
    /// <param name="onText">Is told the answer's text as it comes.</param>
    /// <param name="cancel">Ends the answer before its next token, or the work before its next layer.</param>
    /// <exception cref="DefinitionException">The prompt is longer than the model's context.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was raised.</exception>
    public AskResult Run(Action<string> onText, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        using var inference = no_grad();
        var machine = _request.Measures ? MeasuredMachine.Measure(_request.Threads) : null;
        var clock = new LapClock(cancel);

        var weights = _request.Weights ?? Machinery.Residency(_weightBytes);
        using var model = MultimodalModel.Load(_directory, products: weights);
        double load = clock.Lap();
        // Pictures stand before the video, as chat templates place them.
        PromptVisual[] video = _frames.Count > 0 ? [model.Video(_frames)] : [];
        PromptVisual[] visuals = [.. model.Pictures(_pictures), .. video];
        try
        {
            int[] ids = model.BuildPrompt(
                [new ChatMessage("user", _request.Question, Images: _pictures.Count, Videos: video.Length)]);
            int[] announced = PromptReduction.TokenCounts(model, ids, visuals, _method);
            CheckLength(announced[0]);
            double prepare = _reading + clock.Lap();

            using var counted = FlopCounter.Measure();
            SeenVisual[] seen = [.. visuals.Select(v => PromptReduction.See(v, _method, cancel))];
            var (visionFlops, vision) = (counted.Matmul, clock.Lap());
            var text = PromptReduction.Text(model, ids, _method);
            ReducedVisual[] merged =
                [.. seen.Select((s, i) => PromptReduction.Merge(s, _method, PromptReduction.VisualId(SampleId, i), text))];
            var (mergeFlops, merge) = (counted.Matmul - visionFlops, clock.Lap());
            var prompt = PromptReduction.Pack(model, ids, merged, _method, SampleId);
            using var prefill = PromptReduction.Prefill(model, [prompt], _method, cancel: cancel);
            long prefillFlops = counted.Matmul - visionFlops - mergeFlops;
            long overhead = counted.Overhead + mergeFlops;
            double prefillTime = clock.Lap();

            var answer = new StringBuilder();
            var tokens = new List<GeneratedToken>();
            foreach (string piece in Generation.Text(Answer(model, prefill, ids, tokens, cancel), model.Tokenizer))
            {
                answer.Append(piece);
                onText(piece);
            }

            var times = new AskTimes(load, prepare, vision, merge, prefillTime, prefill.PruneTime.TotalSeconds, clock.Lap());
            long decodeFlops = counted.Matmul - visionFlops - mergeFlops - prefillFlops;
            int[] layers = prefill.TokensPerLayer[0];
            var label = _method.Definition.On(_host).ToString();
            return new AskResult
            {
                Answer = answer.ToString().Trim(),
                Ids = [.. tokens.Select(t => t.Id)],
                Finish = tokens.Count > 0 ? tokens[^1].Finish : FinishReason.Length,
                Method = $"{_method.Name} {_method.Settings.Canonical}".Trim() + (label.Length > 0 ? $" ({label})" : ""),
                Text = prompt.Layout.Text,
                Visual = (visuals.Sum(v => v.Tokens), prompt.Layout.Visual),
                TokensPerLayer = layers,
                Flops = new AskFlops(
                    visionFlops, prefillFlops, decodeFlops, overhead, Priced(layers),
                    Priced(TokenSchedule.Flat(layers.Length, prompt.Layout.Text + visuals.Sum(v => v.Tokens)))),
                Times = times,
                Weights = $"{weights}".ToLowerInvariant(),
                Speed = machine is null ? null : Speed(machine, model, prefill, times, tokens.Count - 1),
                PeakMemoryBytes = Process.GetCurrentProcess().PeakWorkingSet64,
            };
        }
        finally
        {
            foreach (var visual in visuals)
                visual.Dispose();
        }
    }

    private IEnumerable<GeneratedToken> Answer(
        MultimodalModel model, PrefillResult prefill, int[] ids, List<GeneratedToken> tokens, CancellationToken cancel)
    {
        var settings = new GenerationSettings
        {
            MaxNewTokens = _request.MaxNewTokens,
            EndIds = _generation.EndIds,
            PadId = _generation.PadId,
            ContextLimit = _config.Text.MaxPositionEmbeddings,
            Sampling = _request.Sampling,
        };
        var inputs = new GenerationInputs { Prompts = [ids], Pruner = _method.DecodePruner() };
        foreach (var token in Generation.Stream(model.Language, prefill, settings, inputs, cancel))
        {
            tokens.Add(token);
            yield return token;
        }
    }

    private void CheckLength(int tokens)
    {
        int most = _config.Text.MaxPositionEmbeddings;
        if (tokens >= most)
        {
            throw new DefinitionException(
                $"the prompt has {tokens} tokens, but the model's context is {most} (max_position_embeddings in config.json); "
                + "ask about fewer or smaller pictures or frames, or keep fewer tokens with --merge");
        }
    }

    private double Priced(int[] tokensPerLayer) => CostModel.Prefill(
        Shapes.Of(_config.Text, _config.ModelType), tokensPerLayer, Hardware.A100_40GB,
        Shapes.Pricing(_config.Text)).Flops;

    private AskSpeed Speed(Hardware machine, MultimodalModel model, PrefillResult prefill, AskTimes times, int steps)
    {
        var text = _config.Text;
        var shape = Shapes.Of(text, _config.ModelType);
        int weightBytes = model.Language.WeightBytes;
        var options = CostOptions.Executed with
        {
            Causal = true,
            WeightBytes = weightBytes,
            ActivationBytes = MeasuredMachine.ActivationBytes,
        };
        double allowed = CostModel.Prefill(shape, prefill.TokensPerLayer[0], machine, options).Seconds;

        // A token reads every weight of a product and, over the answer's mean length, the cache of keys and values.
        double products = 0.5 * CostModel.MatmulFlops(shape, [.. Enumerable.Repeat(1, text.NumHiddenLayers)], causal: true);
        double cached = prefill.TokensPerLayer[0].Sum(n => n + (0.5 * steps)) * 2 * shape.KeyValueWidth * sizeof(float);
        double token = ((products * weightBytes) + cached) / machine.BytesPerSecond;
        bool decoded = steps > 0;
        return new AskSpeed(
            machine.PeakFlops, machine.BytesPerSecond, allowed / times.Prefill, decoded ? token * steps / times.Decode : null,
            decoded ? steps / times.Decode : null);
    }
}
