namespace Aim.Reduction;

/// <summary><c>uniform</c>: evenly spaced slots of each frame, see <see cref="Uniform"/>.</summary>
public sealed class UniformMethod : FrameMethod
{
    /// <inheritdoc/>
    public override string Name => "uniform";

    /// <inheritdoc/>
    public override string Summary => "keeps evenly spaced tokens of every frame, whatever is in them";

    /// <inheritdoc/>
    public override string Source => "a control of ours: slots floor((i + 0.5) n / k)";

    /// <inheritdoc/>
    protected override IReadOnlyList<TokenMixture> Decide(MergeInput input, int keep)
        => [.. Enumerable.Repeat(Chosen(input.Tokens, Uniform.Slots(input.Tokens, keep)), input.Frames)];
}

/// <summary><c>fastervlm</c>: see <see cref="FasterVlm"/>.</summary>
public sealed class FasterVlmMethod : FrameMethod
{
    /// <inheritdoc/>
    public override string Name => "fastervlm";

    /// <inheritdoc/>
    public override string Summary => "keeps the patches to which the tower's class token attends most";

    /// <inheritdoc/>
    public override string Source => "FasterVLM (arXiv 2412.01818; Theia-4869/FasterVLM; the number is an argument there)";

    /// <inheritdoc/>
    public override MethodNeeds Needs => MethodNeeds.ClassAttention;

    /// <inheritdoc/>
    public override MethodFit On(HostTraits host) => TowerScores.Fit(host);

    /// <inheritdoc/>
    protected override IReadOnlyList<TokenMixture> Decide(MergeInput input, int keep)
        => [.. TowerScores.ClassAttention(input, -2).Select(a => Chosen(input.Tokens, FasterVlm.Select(a, keep)))];
}

/// <summary><c>vispruner</c>: see <see cref="VisPruner"/>.</summary>
public sealed class VisPrunerMethod : FrameMethod
{
    /// <inheritdoc/>
    public override string Name => "vispruner";

    /// <inheritdoc/>
    public override string Summary => "keeps half by the tower's attention and half by being unlike each other";

    /// <inheritdoc/>
    public override string Source => "VisPruner (arXiv 2412.01818; Theia-4869/VisPruner; important ratio 0.5, 8 a round)";

    /// <inheritdoc/>
    public override MethodNeeds Needs => MethodNeeds.ClassAttention;

    /// <inheritdoc/>
    public override MethodFit On(HostTraits host) => TowerScores.Fit(host, "features are compared behind the projector");

    /// <inheritdoc/>
    protected override IReadOnlyList<TokenMixture> Decide(MergeInput input, int keep)
        => [.. Frames(input).Zip(
            TowerScores.ClassAttention(input, -2), (x, a) => Chosen(input.Tokens, VisPruner.Select(x, a, keep)))];
}

/// <summary><c>holov</c>: see <see cref="HoloV"/>. What the rule cannot fill stays zero rows, as upstream.</summary>
public sealed class HoloVMethod : FrameMethod
{
    /// <inheritdoc/>
    public override string Name => "holov";

    /// <inheritdoc/>
    public override string Summary => "shares the budget among crops of the picture and keeps each crop's most attended patches";

    /// <inheritdoc/>
    public override string Source => "HoloV (arXiv 2510.02912; obananas/HoloV; 16 crops, 64 of 576)";

    /// <inheritdoc/>
    public override MethodNeeds Needs => MethodNeeds.ClassAttention;

    /// <inheritdoc/>
    protected override Retention DefaultKeep => new(64, 576);

    /// <inheritdoc/>
    public override MethodFit On(HostTraits host) => TowerScores.Fit(host, "features are compared behind the projector");

    /// <inheritdoc/>
    protected override IReadOnlyList<TokenMixture> Decide(MergeInput input, int keep)
        => [.. Frames(input).Zip(TowerScores.ClassAttention(input, -2), (x, a) =>
        {
            int[] chosen = HoloV.Select(x, a, keep);
            var zeros = Enumerable.Repeat(new MixedToken([], []), keep - chosen.Length);
            return new TokenMixture(input.Tokens, [.. chosen.Select(MixedToken.Copy), .. zeros]);
        })];
}

/// <summary><c>hiprune</c>: see <see cref="HiPrune"/>.</summary>
public sealed class HiPruneMethod : FrameMethod
{
    /// <inheritdoc/>
    public override string Name => "hiprune";

    /// <inheritdoc/>
    public override string Summary
        => "keeps anchors of a middle layer's attention with their neighbours, and what a deep layer attends to";

    /// <inheritdoc/>
    public override string Source => "HiPrune (arXiv 2508.00553; Danielement321/HiPrune; alpha 0.1, layer 9 of 24, 192 of 576)";

    /// <inheritdoc/>
    public override MethodNeeds Needs => MethodNeeds.PatchAttention;

    /// <inheritdoc/>
    protected override Retention DefaultKeep => new(1, 3);

    /// <inheritdoc/>
    public override MethodFit On(HostTraits host)
        => MethodFit.AdaptedIf(
            host.PoolsTokens ? "what the tower says of patches is pooled as their features are" : "", host.Placed);

    /// <inheritdoc/>
    protected override IReadOnlyList<TokenMixture> Decide(MergeInput input, int keep)
    {
        // Layer 9 of 24, counted from 1, in proportion.
        int layers = input.Tower?.Layers ?? 0, middle = Math.Max(0, (HiPrune.DefaultObjectLayer * layers + 12) / 24 - 1);
        return
        [
            .. TowerScores.AllAttention(input, middle).Zip(
                TowerScores.AllAttention(input, -2),
                (shallow, deep) => Chosen(input.Tokens, HiPrune.Select(shallow, deep, keep, input.Cells.Columns))),
        ];
    }
}

/// <summary><c>cdpruner</c>: see <see cref="CdPruner"/>.</summary>
public sealed class CdPrunerMethod : FrameMethod
{
    /// <inheritdoc/>
    public override string Name => "cdpruner";

    /// <inheritdoc/>
    public override string Summary => "keeps tokens that are diverse where they matter for the question";

    /// <inheritdoc/>
    public override string Source => "CDPruner (arXiv 2506.10967; Theia-4869/CDPruner; the number is an argument there)";

    /// <inheritdoc/>
    public override MethodNeeds Needs => MethodNeeds.TextEmbeddings;

    /// <inheritdoc/>
    public override MethodFit On(HostTraits host)
        => MethodFit.AdaptedIf(
            "the decoder's input embeddings of picture and prompt stand for CLIP's projected ones", host.Placed);

    /// <inheritdoc/>
    protected override IReadOnlyList<TokenMixture> Decide(MergeInput input, int keep)
    {
        var text = input.Text ?? throw new ArgumentException(
            "cdpruner compares tokens with the prompt's text, which was not given");
        return
        [
            .. Frames(input).Select(x => Chosen(input.Tokens, CdPruner.Select(x, CdPruner.Relevance(x, text), keep))),
        ];
    }
}
