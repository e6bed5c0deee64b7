using Aim.Datasets;
using Aim.Models;

namespace Aim.Experiments.Training;

/// <summary>
/// The lab's stream as batches of token ids and pixels. Every batch is a pure function of seed, stage and step; held-out
/// batches come from another seed (and so, for text, from other draws of the same small world).
/// </summary>
internal sealed class TrainingData
{
    private const ulong HeldOut = 0x68656c64;

    private readonly BpeTokenizer tokenizer;
    private readonly int videoTokenId;
    private readonly CopyTexts copying;
    private readonly LabStream stories;
    private readonly LabStream shortClips;
    private readonly int shortSteps;
    private readonly int textsInBatch;
    private readonly int framesInBatch;
    private readonly Drills drills;
    private readonly LabStream stream;
    private readonly LabStream heldOut;

    public TrainingData(ulong seed, LabRecipe recipe, BpeTokenizer tokenizer)
    {
        this.tokenizer = tokenizer;
        videoTokenId = tokenizer.TokenId(LabDocument.Placeholder);
        var shares = new LabShares
        {
            FramesInBatch = recipe.FramesPerStep,
            PicturesInBatch = recipe.PicturesPerStep,
            TextsInBatch = recipe.TextBatch,
            Turns = 8,
            Texts = 0.2,
            Pictures = 0.2,
            Clips = 0.6,
        };
        copying = new CopyTexts(seed, tokenizer);
        stories = new LabStream(seed, shares with { Repeats = 0.02, Pairs = 0.1, Stories = 0.88 });
        shortClips = new LabStream(seed, shares with { Frames = [(4, 0.3), (8, 0.5), (16, 0.2)], Direct = 1, Choice = 0, Code = 0 });
        shortSteps = (int)(recipe.Joint.Steps * recipe.ShortClips);
        stream = new LabStream(seed, shares with { Frames = [(8, 0.3), (16, 0.35), (32, 0.35)], Direct = 0.84, Choice = 0.08, Code = 0.08 });
        drills = new Drills(seed);
        (textsInBatch, framesInBatch) = (recipe.TextBatch, recipe.FramesPerStep);
        heldOut = new LabStream(seed ^ HeldOut, shares);
    }

    /// <summary>Classes of stage 0: the objects, then background.</summary>
    public static int DenseClasses => LabDense.Background + 1;

    public DenseBatch Dense(int step, int pictures) => Dense(stream, step, pictures);

    public DenseBatch HeldOutDense(int step, int pictures) => Dense(heldOut, step, pictures);

    /// <summary>Stage 1: repeated sequences and pairs until copying has formed, then mostly stories.</summary>
    public List<TrainingDocument> Text(int step, LabRecipe recipe) => step < recipe.CopySteps
        ? [.. Enumerable.Range(0, recipe.TextBatch).Select(item => copying.Draw(step, item))]
        : Text(stories, step, recipe.TextBatch);

    public List<TrainingDocument> HeldOutText(int step, LabRecipe recipe) => Text(heldOut, step, recipe.TextBatch);

    /// <summary>Stage 2: documents of one source and one number of frames.</summary>
    public List<TrainingDocument> Joint(int step)
    {
        var isShort = step < shortSteps;
        if (step % 3 == 0)
        {
            // Every third step drills, in turn on clips and on stories.
            var frames = step % 6 == 0 ? 0 : isShort ? 8 : 16;
            var documents = frames == 0 ? textsInBatch : Math.Max(1, framesInBatch / frames);
            return [.. Enumerable.Range(0, documents).Select(item => Tokenise(drills.Draw(step, item, frames)))];
        }

        var clips = isShort ? shortClips : stream;
        var plan = clips.Plan(step);
        return [.. Enumerable.Range(0, plan.Documents).Select(item => Tokenise(clips.Joint(step, item)))];
    }

    private static DenseBatch Dense(LabStream stream, int step, int pictures)
    {
        byte[]? rgb = null;
        long[]? classes = null;
        for (var item = 0; item < pictures; item++)
        {
            var dense = stream.Dense(step, item);
            rgb ??= new byte[pictures * dense.Rgb.Length];
            classes ??= new long[pictures * dense.Classes.Length];
            dense.Rgb.CopyTo(rgb, item * dense.Rgb.Length);
            dense.Classes.CopyTo(classes, item * dense.Classes.Length);
        }

        return new DenseBatch(pictures, rgb!, classes!);
    }

    private List<TrainingDocument> Text(LabStream stream, int step, int documents) =>
        [.. Enumerable.Range(0, documents).Select(item => Tokenise(stream.Text(step, item)))];

    /// <summary>Segments one by one: no token crosses their borders, and the learnt ones become targets.</summary>
    private TrainingDocument Tokenise(LabDocument document)
    {
        List<int> ids = [];
        List<AnswerTarget> targets = [];
        var answer = 0;
        foreach (var segment in document.Segments)
        {
            var piece = tokenizer.Encode(segment.Text);
            if (segment.Learn)
            {
                // Repeats are one long segment: every token of it is an answer of its own.
                var apart = !segment.Text.EndsWith("<|im_end|>", StringComparison.Ordinal);
                for (var i = 0; i < piece.Length; i++)
                {
                    targets.Add(new AnswerTarget(ids.Count + i, segment.Kind, apart ? answer++ : answer));
                }

                answer++;
            }

            ids.AddRange(piece);
        }

        return new TrainingDocument(
            [.. ids], document.Clip is null ? -1 : ids.IndexOf(videoTokenId), document.FrameIndices.Length, document.Frames(), targets);
    }
}
