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
    private readonly LabRecipe recipe;
    private readonly int patch;
    private readonly Dictionary<LabMedium, int> placeholders;
    private readonly CopyTexts copying;
    private readonly ILabStream parts;
    private readonly ILabStream texts;
    private readonly ILabStream early;
    private readonly ILabStream late;
    private readonly ILabStream practice;
    private readonly ILabStream heldOut;

    /// <param name="seed">The training seed.</param>
    /// <param name="recipe">What occurs when.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="patch">Pixels of a patch of the model's tower.</param>
    public TrainingData(ulong seed, LabRecipe recipe, BpeTokenizer tokenizer, int patch)
    {
        (this.tokenizer, this.recipe, this.patch) = (tokenizer, recipe, patch);
        placeholders = Enum.GetValues<LabMedium>().ToDictionary(m => m, m => tokenizer.TokenId(LabDocument.PlaceholderOf(m)));
        copying = new CopyTexts(seed, tokenizer);
        parts = Stream(seed, recipe.Texts with { Told = 0.3, Direct = 0.97, Choice = 0.01, Code = 0.01, Hop = 0.01 });
        texts = Stream(seed, recipe.Texts);
        early = Stream(seed, recipe.ShortClips);
        late = Stream(seed, recipe.LongClips);
        practice = Stream(seed, recipe.PracticeClips);
        heldOut = Stream(seed ^ HeldOut, recipe.Texts);
    }

    /// <summary>Classes of stage 0: the objects and glyphs, then background.</summary>
    public static int DenseClasses => LabDense.Background + 1;

    /// <summary>Spots of stage 0.</summary>
    public static int DenseSpots => LabDense.SpotWords.Count;

    public DenseBatch Dense(int step, int pictures) => Dense(texts, step, pictures);

    public DenseBatch HeldOutDense(int step, int pictures) => Dense(heldOut, step, pictures);

    /// <summary>
    /// Stage 1: repeated sequences and pairs until copying has formed, then stories and the work after the look apart, then both
    /// together.
    /// </summary>
    public List<TrainingDocument> Text(int step) => step < recipe.CopySteps
        ? [.. Enumerable.Range(0, recipe.CopyBatch).Select(item => copying.Draw(step, item))]
        : Text(step < recipe.PartSteps ? parts : texts, step);

    public List<TrainingDocument> HeldOutText(int step) => Text(heldOut, step);

    /// <summary>Stage 2: documents of one source and one number of frames.</summary>
    public (List<TrainingDocument> Documents, LabMedium Medium) Joint(int step) =>
        Joint(step < recipe.Joint.Steps * recipe.ShortShare ? early : late, step);

    /// <summary>The practice: drawn as stage 2 would go on.</summary>
    public (List<TrainingDocument> Documents, LabMedium Medium) Practice(int step) => Joint(practice, recipe.Joint.Steps + step);

    private (List<TrainingDocument> Documents, LabMedium Medium) Joint(ILabStream stream, int step)
    {
        var plan = stream.Plan(step);
        return ([.. Enumerable.Range(0, plan.Documents).Select(item => Tokenise(stream.Joint(step, item)))], plan.Medium);
    }

    private ILabStream Stream(ulong seed, LabShares shares) => recipe.Model switch
    {
        LabModelKind.Video => new LabStream(seed, shares),
        LabModelKind.Multi => new LabMultiStream(seed, new LabMultiShares { Single = new LabSingleShares { Common = shares } }),
        _ => new LabSingleStream(seed, new LabSingleShares { Common = shares }),
    };

    private DenseBatch Dense(ILabStream stream, int step, int pictures)
    {
        var drawn = Enumerable.Range(0, pictures).Select(item => stream.Dense(step, item, patch)).ToList();
        return new DenseBatch(pictures, [.. drawn.SelectMany(d => d.Rgb)], [.. drawn.SelectMany(d => d.Classes)],
            [.. drawn.SelectMany(d => d.Spots)]);
    }

    private List<TrainingDocument> Text(ILabStream stream, int step) =>
        [.. Enumerable.Range(0, recipe.Texts.TextsInBatch).Select(item => Tokenise(stream.Text(step, item)))];

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

        return new TrainingDocument([.. ids], Places(ids, document.Shown), document.Frames(), targets);
    }

    private List<Placeholder> Places(List<int> ids, IReadOnlyList<LabShown> shown)
    {
        List<Placeholder> places = [];
        var from = 0;
        foreach (var item in shown)
        {
            var at = ids.IndexOf(placeholders[item.Medium], from);
            places.Add(new Placeholder(at, item.FrameIndices.Length));
            from = at + 1;
        }

        return places;
    }
}
