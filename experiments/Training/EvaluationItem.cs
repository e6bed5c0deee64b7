using Aim.Datasets;

namespace Aim.Experiments.Training;

/// <summary>One question of the evaluation, tokenised.</summary>
internal sealed class EvaluationItem
{
    private readonly LabSample sample;
    private readonly int[] textPromptIds;
    private readonly int placeholderId;

    private EvaluationItem(LabSample sample, LabHost model, int indexInKind)
    {
        this.sample = sample;
        IndexInKind = indexInKind;
        placeholderId = model.PlaceholderId(sample.Medium);
        PromptIds = model.Tokenizer.Encode(sample.Prompt);
        textPromptIds = model.Tokenizer.Encode(LabDocument.Prompt(sample.Question, null, sample.Before));
        AnswerIds = model.Tokenizer.Encode($" {sample.Answer}<|im_end|>");
    }

    public string Kind => sample.Kind;

    public LabSample Sample => sample;

    /// <summary>Number of the question among those of its kind.</summary>
    public int IndexInKind { get; }

    /// <summary>Prompt with one placeholder.</summary>
    public int[] PromptIds { get; }

    /// <summary>Answer and end of turn.</summary>
    public int[] AnswerIds { get; }

    /// <summary>
    /// The kinds that are evaluated: of clips those of the test set and what experiments ask beside them, of pictures all.
    /// </summary>
    public static IReadOnlyList<string> Kinds(LabMedium medium) => medium == LabMedium.Video
        ? [.. LabKinds.Test, "describe", "brief", "glimpse", "mc-after", "mc-order", "mc-brief"]
        : LabKinds.Picture;

    /// <summary>The split's samples, kinds going round, so many of each kind.</summary>
    public static IReadOnlyList<LabSample> Samples(LabMedium medium, LabSplit split, int perKind, int frames) =>
        medium == LabMedium.Video
        ? LabData.Test(split, perKind * Kinds(medium).Count, frames, Kinds(medium))
        : LabData.Pictures(split, perKind * Kinds(medium).Count, Kinds(medium));

    /// <summary>The split's questions about clips or pictures.</summary>
    public static List<EvaluationItem> Load(LabHost model, LabEvaluationOptions options, LabMedium medium)
    {
        var split = options.Split switch
        {
            "test" => LabSplit.Test,
            "validation" => LabSplit.Validation,
            _ => throw new ArgumentException($"--split {options.Split}: unknown; use test or validation"),
        };
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        return
        [
            .. Samples(medium, split, options.SamplesPerKind, options.Frames).Select(sample =>
            {
                var index = seen.GetValueOrDefault(sample.Kind);
                seen[sample.Kind] = index + 1;
                return new EvaluationItem(sample, model, index);
            }),
        ];
    }

    /// <summary>
    /// The tower's features `[frames, patches, width]` as the control has them, from those of the frames: it sees each frame
    /// once.
    /// </summary>
    public Tensor Features(LabControl control, Tensor frames) => control switch
    {
        LabControl.OneFrame => Reordered(frames, Enumerable.Repeat(sample.FrameIndices.Length / 2, sample.FrameIndices.Length)),
        LabControl.Shuffled => Reordered(frames, LabControls.Shuffle(sample)),
        _ => frames,
    };

    /// <summary>Prompt and answer as a document of so many frames; 0 leaves the placeholder out.</summary>
    public TrainingDocument Document(int frames)
    {
        var prompt = frames == 0 ? textPromptIds : PromptIds;
        return new TrainingDocument(
            [.. prompt, .. AnswerIds],
            frames == 0 ? [] : [new Placeholder(Array.IndexOf(prompt, placeholderId), frames)],
            [],
            [.. AnswerIds.Select((_, i) => new AnswerTarget(prompt.Length + i, Kind, 0))]);
    }

    private static Tensor Reordered(Tensor frames, IEnumerable<int> order)
    {
        var indices = order.Select(i => (long)i).ToArray();
        return frames.index_select(0, torch.tensor(indices, [indices.Length]));
    }
}
