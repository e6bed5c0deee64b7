using System.Diagnostics;
using System.Globalization;
using Aim.Datasets;

namespace Aim.Experiments.Training;

/// <summary>
/// `aim lab evaluate`: accuracy by kind, controls and horizon of a lab checkpoint, written as `evaluation.json` and into its
/// card.
/// </summary>
public static class LabEvaluation
{
    /// <summary>A kind counts if it beats its blind control by this much.</summary>
    public const double BlindMargin = 0.30;

    /// <summary>An order kind must also beat shuffled frames by this much.</summary>
    public const double ShuffledMargin = 0.20;

    private const int Batch = 6;

    /// <summary>
    /// Evaluates a checkpoint, writes `evaluation.json` and the card's tables beside it, returns the exit code.
    /// </summary>
    public static int Run(LabEvaluationOptions options, TextWriter log, CancellationToken cancel = default)
    {
        if (options.SamplesPerKind < 1 || options.Frames < 1 || options.Frames > LabWorld.ClipFrames)
        {
            throw new ArgumentException(
                $"--samples {options.SamplesPerKind}, --frames {options.Frames}: at least 1 sample, 1 to {LabWorld.ClipFrames} "
                    + $"frames");
        }

        if (options.Threads is { } threads)
        {
            torch.set_num_threads(threads);
        }

        using var model = LabHost.Load(options.Model);
        using var noGrad = torch.no_grad();
        var record = new EvaluationRecord
        {
            ModelSha256 = model.Model.Hash,
            Split = options.Split,
            Frames = options.Frames,
            Kinds = model.TakesClips ? Evaluate(model, LabMedium.Video, options, log, cancel) : [],
            Pictures = Evaluate(model, LabMedium.Image, options, log, cancel),
        };
        record.Save(Path.Combine(options.Model, "evaluation.json"));
        ModelCard.Write(options.Model, record);
        ModelCard.Table(record.Kinds, log);
        ModelCard.Table(record.Pictures, log);
        return 0;
    }

    private static IReadOnlyList<KindEvaluation> Evaluate(
        LabHost model, LabMedium medium, LabEvaluationOptions options, TextWriter log, CancellationToken cancel)
    {
        var items = EvaluationItem.Load(model, options, medium);
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
                    $"evaluate {(medium == LabMedium.Video ? "clips" : "pictures")} "
                        + $"{Math.Min(first + Batch, items.Count)}/{items.Count} "
                    + $"eta {clock.Elapsed / share * (1 - share):h\\:mm\\:ss} [{scores.Full}]"));
            }
        }

        // The commonest answer is learnt from the validation split, as a guesser who has seen questions before would.
        var known = EvaluationItem.Samples(medium, LabSplit.Validation, options.SamplesPerKind, options.Frames);
        scores.AddMajority(known, items.Select(i => i.Sample));
        return scores.Kinds(EvaluationItem.Kinds(medium));
    }

    private static void Evaluate(LabHost model, List<EvaluationItem> items, LabEvaluationOptions options, EvaluationScores scores)
    {
        var features = items.ConvertAll(i => model.Features(i.Sample.Frames(), i.Sample.FrameIndices.Length));
        Score(model, items, features, scores.Full);
        var blank = model.BlankFeatures();
        Score(model, items, items.ConvertAll(i => blank.expand(i.Sample.FrameIndices.Length, -1, -1)), scores.Control("blank"));
        Score(model, items, null, scores.Control("text"));
        if (LabControls.Applies(items[0].Sample, LabControl.Shuffled))
        {
            Score(model, items, [.. items.Zip(features, (i, f) => i.Features(LabControl.OneFrame, f))],
                scores.Control("oneFrame"));
            Score(model, items, [.. items.Zip(features, (i, f) => i.Features(LabControl.Shuffled, f))],
                scores.Control("shuffled"));
        }

        for (var i = 0; i < items.Count; i++)
        {
            if (items[i].IndexInKind < options.HorizonSamplesPerKind)
            {
                Horizon.Score(model, items[i], features[i], scores);
            }
        }
    }

    private static void Score(LabHost model, List<EvaluationItem> items, List<Tensor>? features, Tally tally)
    {
        // All items of a batch are shown in one way: clips and pictures are evaluated one after the other.
        var medium = items[0].Sample.Medium;
        var documents = items.Select((item, i) =>
            item.Document(frames: features is null ? 0 : (int)features[i].shape[0])).ToList();
        var batch = PackedBatch.Pack(documents, model.Rows(medium));
        var visual = features is null ? null : model.Visual(torch.cat(features, 0), medium);
        AnswerLoss.Score(AnswerLoss.Logits(model.Language, batch, visual), batch, tally);
    }
}
