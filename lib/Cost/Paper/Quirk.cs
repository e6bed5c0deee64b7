namespace Aim.Cost;

/// <summary>
/// What the paper's cost script does otherwise than the model or the method that it prices, each by a name that users can give. A
/// printed figure comes out with its row's quirks; the honest cost is the same row without them.
/// </summary>
/// <remarks>The order is that in which <see cref="CostRow.Steps"/> takes them off.</remarks>
[Flags]
public enum Quirk
{
    None = 0,

    /// <summary>
    /// <c>unhalved-intermediate</c>: Qwen-VL-Chat's intermediate_size 22016, two halves of 11008, taken at its word.
    /// </summary>
    UnhalvedIntermediate = 1 << 0,

    /// <summary><c>rounded-slope</c>: the schedule's slope 1 / (l2 - l1) typed in with four digits (0.0667, 0.0455).</summary>
    RoundedSlope = 1 << 1,

    /// <summary><c>slope-0.0125</c>: a tenth of the slope of (14, 22), in Table 8 below 25 %; such rows hardly prune.</summary>
    SlopeTypo = 1 << 2,

    /// <summary><c>counts-rounded-down</c>: 24, 12, 6, 3 tokens a frame where merging keeps 25, 13, 7, 4.</summary>
    CountsRoundedDown = 1 << 3,

    /// <summary><c>one-layer-early</c>: layer l is charged what its scores leave for layer l + 1.</summary>
    OneLayerEarly = 1 << 4,

    /// <summary><c>no-newline</c>: LLaVA-OneVision's one newline token, prunable like the visual ones, is not counted.</summary>
    NoNewline = 1 << 5,

    /// <summary>
    /// <c>merge-as-one-set</c>: merging is charged for all frames as one set, though it runs within each frame.
    /// </summary>
    MergeAsOneSet = 1 << 6,

    /// <summary><c>flash-writes-scores</c>: FlashAttention is charged 2 B H n^2 bytes for an output of B n h.</summary>
    FlashWritesScores = 1 << 7,

    /// <summary><c>lm-head-one-op</c>: the output head counts one operation a multiply-add; everything else counts two.</summary>
    LmHeadOneOp = 1 << 8,

    /// <summary><c>skip-mlp-bias</c>: the script's flag for Qwen2 models; leaves out the residual add after the MLP.</summary>
    SkipMlpBias = 1 << 9,

    /// <summary>
    /// <c>rounded-twice</c>: 21.23495 is printed as 21.24, by way of 21.2350. Changes no cost, only the printing.
    /// </summary>
    RoundedTwice = 1 << 10,
}

/// <summary>The quirks' names, what they mean, and what they do to shapes and options.</summary>
public static class Quirks
{
    /// <summary>
    /// Quirks that the honest cost keeps: the residual add is left out there too, so that printed and honest cost differ in the
    /// tokens and not in the list of operations. It is 0.3 of 58 ms in the default row; the last of <see cref="CostRow.Steps"/>
    /// counts it.
    /// </summary>
    public const Quirk KeptInHonest = Quirk.SkipMlpBias;

    /// <summary>Every quirk with its name and a line about it, in the order of <see cref="Quirk"/>.</summary>
    public static IReadOnlyList<(Quirk Quirk, string Name, string About)> All { get; } =
    [
        (Quirk.UnhalvedIntermediate, "unhalved-intermediate",
            "Qwen-VL's intermediate_size 22016 at its word; the model halves it"),
        (Quirk.RoundedSlope, "rounded-slope", "slope 1/(l2-l1) typed in with four digits: 0.0667, 0.0455"),
        (Quirk.SlopeTypo, "slope-0.0125", "a tenth of the slope of (14, 22): the row hardly prunes"),
        (Quirk.CountsRoundedDown, "counts-rounded-down", "24, 12, 6, 3 tokens a frame where the code keeps 25, 13, 7, 4"),
        (Quirk.OneLayerEarly, "one-layer-early", "the mask made in layer l is charged to l; it takes effect in l+1"),
        (Quirk.NoNewline, "no-newline", "LLaVA-OneVision's newline token is not counted"),
        (Quirk.MergeAsOneSet, "merge-as-one-set", "merging charged for all frames as one set; it runs within frames"),
        (Quirk.FlashWritesScores, "flash-writes-scores", "FlashAttention charged for writing n x n scores"),
        (Quirk.LmHeadOneOp, "lm-head-one-op", "one operation a multiply-add in the output head, two elsewhere"),
        (Quirk.SkipMlpBias, "skip-mlp-bias", "the residual add after the MLP left out (Qwen2); the honest cost keeps this"),
        (Quirk.RoundedTwice, "rounded-twice", "21.23495 printed as 21.24, by way of 21.2350"),
    ];

    /// <summary>The names of those in <paramref name="quirks"/>.</summary>
    public static IEnumerable<string> Names(Quirk quirks) => All.Where(q => quirks.HasFlag(q.Quirk)).Select(q => q.Name);

    /// <summary>The quirk of a name.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists them.</exception>
    public static Quirk Parse(string name)
    {
        foreach (var (quirk, known, _) in All)
        {
            if (string.Equals(known, name, StringComparison.OrdinalIgnoreCase))
                return quirk;
        }
        throw new ArgumentException($"quirk '{name}': unknown; known: {string.Join(", ", All.Select(q => q.Name))}");
    }

    /// <summary>Those that the script has for any setting of a model: none but of operations and of the shape.</summary>
    public static Quirk OfScript(ModelShape shape) =>
        Quirk.LmHeadOneOp
        | (shape.IsQwen2 ? Quirk.SkipMlpBias : Quirk.None)
        | (shape.Family == ModelShape.QwenFamily ? Quirk.UnhalvedIntermediate : Quirk.None);

    /// <summary>The shape that is priced.</summary>
    public static ModelShape Apply(Quirk quirks, ModelShape shape) =>
        quirks.HasFlag(Quirk.UnhalvedIntermediate) ? shape with { Intermediate = 2 * shape.Intermediate } : shape;

    /// <summary>The operations that are counted.</summary>
    public static CostOptions Apply(Quirk quirks, CostOptions options) => options with
    {
        SkipMlpResidual = quirks.HasFlag(Quirk.SkipMlpBias),
        HeadFlopsPerMac = quirks.HasFlag(Quirk.LmHeadOneOp) ? 1 : 2,
        Attention = options.Attention == AttentionKind.Flash && quirks.HasFlag(Quirk.FlashWritesScores)
            ? AttentionKind.FlashAsScript
            : options.Attention,
    };
}
