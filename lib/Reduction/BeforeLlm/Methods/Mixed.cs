namespace Aim.Reduction;

/// <summary><c>prumerge</c> and <c>prumerge+</c> with a fixed number of tokens: see <see cref="PruMerge"/>.</summary>
/// <remarks>The adaptive number follows from the picture; methods here say how many they keep before anything runs.</remarks>
/// <param name="plus">PruMerge+.</param>
public sealed class PruMergeMethod(bool plus) : FrameMethod
{
    /// <inheritdoc/>
    public override string Name => plus ? "prumerge+" : "prumerge";

    /// <inheritdoc/>
    public override string Summary => plus
        ? "as prumerge, half of the patches taken evenly spaced"
        : "keeps the most attended patches, each with similar ones added, and one token for the rest";

    /// <inheritdoc/>
    public override string Source => "LLaVA-PruMerge (arXiv 2403.15388; 42Shawn/LLaVA-PruMerge; fixed ratio 1/8, 32 neighbours); "
        + "without a class token as AIM's video baseline runs it (LaVi-Lab/AIM)";

    /// <inheritdoc/>
    public override MethodNeeds Needs => MethodNeeds.ClassAttention | MethodNeeds.TowerKeys;

    /// <inheritdoc/>
    protected override Retention DefaultKeep => new(1, 8);

    /// <inheritdoc/>
    public override MethodFit On(HostTraits host) => TowerScores.Fit(host, "sums are taken of features behind the projector");

    // One row is for the rest; PruMerge+ takes as many evenly spaced patches as attended ones.
    private int Attended(int keep) => plus ? (keep - 1) / 2 : keep - 1;

    /// <inheritdoc/>
    protected override int Count(int tokens, int keep) => 1 + (plus ? 2 : 1) * Attended(keep);

    /// <inheritdoc/>
    protected override IReadOnlyList<TokenMixture> Decide(MergeInput input, int keep)
    {
        // int(n * ratio) patches are taken; half a patch more keeps rounding from taking one less.
        var settings = new PruMergeSettings { Plus = plus, Ratio = (Attended(keep) + 0.5) / input.Tokens };
        var keys = TowerScores.Keys(input, -1);
        return
        [
            .. TowerScores.OneQueryAttention(input, -1).Select((a, f) => PruMerge.Reduce(a, keys.select(0, f), settings).Mixture),
        ];
    }
}

/// <summary><c>visionzip</c>: see <see cref="VisionZip"/>.</summary>
public sealed class VisionZipMethod : FrameMethod
{
    /// <inheritdoc/>
    public override string Name => "visionzip";

    /// <inheritdoc/>
    public override string Summary => "keeps the most attended tokens and merges the others into a few contextual ones";

    /// <inheritdoc/>
    public override string Source
        => "VisionZip (arXiv 2412.04467; dvlab-research/VisionZip; 54 dominant and 10 contextual of 576)";

    /// <inheritdoc/>
    public override MethodNeeds Needs => MethodNeeds.ClassAttention | MethodNeeds.TowerKeys;

    /// <inheritdoc/>
    protected override Retention DefaultKeep => new(64, 576);

    /// <inheritdoc/>
    public override MethodFit On(HostTraits host) => TowerScores.Fit(
        host,
        "sums are taken of features behind the projector"
            + (host.HasClassToken ? ", to which the class token does not pass" : ""));

    /// <inheritdoc/>
    protected override IReadOnlyList<TokenMixture> Decide(MergeInput input, int keep)
    {
        // 10 of 64 are contextual, in proportion; of one token none.
        int contextual = keep == 1 ? 0 : Math.Max(1, (20 * keep + 64) / 128);
        var keys = TowerScores.MeanKeys(input, -2);
        return
        [
            .. TowerScores.ClassAttention(input, -2).Select((a, f) => VisionZip.Reduce(
                a, keys.select(0, f), keep - contextual, contextual, classToken: false).Mixture),
        ];
    }
}
