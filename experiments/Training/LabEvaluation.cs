using System.Diagnostics;
using System.Globalization;
using Aim.Datasets;
using Aim.Models;

namespace Aim.Experiments.Training;

/// <summary>`aim lab evaluate`: accuracy by kind, controls and horizon of a lab checkpoint, written as `evaluation.json` and into its card.</summary>
public static class LabEvaluation
{
    /// <summary>A kind counts if it beats its blind control by this much.</summary>
    public const double BlindMargin = 0.30;

    /// <summary>An order kind must also beat shuffled frames by this much.</summary>
    public const double ShuffledMargin = 0.20;

    private const int Batch = 6;

    /// <summary>Evaluates a checkpoint, writes `evaluation.json` and the card's tables beside it, returns the exit code.</summary>
    public static int Run(LabEvaluationOptions options, TextWriter log, CancellationToken cancel = default)
    {
        if (options.SamplesPerKind < 1 || options.Frames < 1 || options.Frames > LabWorld.ClipFrames)
        {
            throw new ArgumentException(
                $"--samples {options.SamplesPerKind}, --frames {options.Frames}: at least 1 sample, 1 to {LabWorld.ClipFrames} frames");
        }

        if (options.Threads is { } threads)
        {
            torch.set_num_threads(threads);
        }

        using var model = LlavaOnevision.Load(options.Model);
        using var noGrad = torch.no_grad();
        var items = EvaluationItem.Load(model, options);
        var clock = Stopwatch.StartNew();
        var scores = new EvaluationScores();
        for (var first = 0; first < items.Count; first += Batch)
        {
            cancel.ThrowIfCancellationRequested();
            using var scope = torch.NewDisposeScope();
            Evaluate(model, items.GetRange(first, Math.Min(Batch, items.Count - first)), options, scores);
            if (first / Batch % 20 == 0)
            {
                var share = Math.Min(1.0, (first + Batch) / (double)items.Count);
                log.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"evaluate {Math.Min(first + Batch, items.Count)}/{items.Count} "
                    + $"eta {clock.Elapsed / share * (1 - share):h\\:mm\\:ss} [{scores.Full}]"));
            }
        }

        var record = scores.Record(model, items, options);
        record.Save(Path.Combine(options.Model, "evaluation.json"));
        ModelCard.Write(options.Model, record);
        ModelCard.Table(record, log);
        return 0;
    }

    private static void Evaluate(LlavaOnevision model, List<EvaluationItem> items, LabEvaluationOptions options, EvaluationScores scores)
    {
        var visual = items.ConvertAll(i => model.VideoFeatures(i.Pixels(model)));
        Score(model, items, visual, scores.Full);
        var blank = LabModel.Blank(model, options.Frames);
        Score(model, items, items.ConvertAll(_ => blank), scores.Control("blank"));
        Score(model, items, null, scores.Control("text"));
        Score(model, items, [.. items.Zip(visual, (i, v) => i.Visual(LabControl.OneFrame, v))], scores.Control("oneFrame"));
        Score(model, items, [.. items.Zip(visual, (i, v) => i.Visual(LabControl.Shuffled, v))], scores.Control("shuffled"));

        for (var i = 0; i < items.Count; i++)
        {
            if (items[i].IndexInKind < options.HorizonSamplesPerKind)
            {
                Horizon.Score(model, items[i], visual[i], scores);
            }
        }
    }

    private static void Score(LlavaOnevision model, List<EvaluationItem> items, List<Tensor>? visual, Tally tally)
    {
        var documents = items.Select((item, i) => item.Document(frames: visual is null ? 0 : (int)visual[i].shape[0])).ToList();
        var batch = PackedBatch.Pack(documents, model.Config.TokensPerFrame);
        AnswerLoss.Score(AnswerLoss.Logits(model, batch, visual is null ? null : torch.cat(visual, 0)), batch, tally);
    }
}
