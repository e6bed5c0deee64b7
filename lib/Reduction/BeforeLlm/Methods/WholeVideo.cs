namespace Aim.Reduction;

/// <summary>
/// What methods over all frames' tokens together have in common whose one setting is the share that is kept: how it is read, the
/// merger, and the ladder of counts.
/// </summary>
public abstract class WholeVideoMethod : MethodDefinition<KeepSettings>
{
    private readonly Retention _usual;

    /// <param name="keep">What is said of <c>keep</c>.</param>
    /// <param name="usual">Its default.</param>
    private protected WholeVideoMethod(string keep, Retention usual) => (Settings, _usual) = ([new("keep", keep, "1/4")], usual);

    /// <inheritdoc/>
    public override MethodPlaces Places => MethodPlaces.BeforeModel;

    /// <inheritdoc/>
    public override MethodFit On(HostTraits host) => Chooses ? MethodFit.AdaptedIf(host.Placed) : base.On(host);

    /// <inheritdoc/>
    public override IReadOnlyList<SettingInfo> Settings { get; }

    /// <inheritdoc/>
    protected override KeepSettings Read(SettingReader settings) => new(settings.Share("keep", _usual));

    /// <inheritdoc/>
    protected override ReductionMethod Make(KeepSettings settings, HostTraits host) => new()
    {
        Definition = this,
        Settings = settings,
        Merger = new WholeVideoMerger(
            (frames, tokens) => Count(frames, tokens, settings.Keep), input => Merge(input, settings.Keep)),
    };

    /// <inheritdoc/>
    protected override IEnumerable<KeepSettings> Ladder(KeepSettings settings, HostTraits host, PromptShape shape)
    {
        int all = shape.Frames * shape.TokensPerFrame, least = Least(shape.TokensPerFrame);
        return Enumerable.Range(least, all - least + 1).Select(k => new KeepSettings(new Retention(k, all)));
    }

    /// <summary>Whether tokens are chosen, which then stand where they stood; else they are merged.</summary>
    private protected abstract bool Chooses { get; }

    /// <summary>Tokens that so many frames of so many tokens are left with.</summary>
    private protected abstract int Count(int frames, int tokens, Retention keep);

    /// <summary>The rule.</summary>
    private protected abstract MergedTokens Merge(MergeInput input, Retention keep);

    /// <summary>The fewest tokens that can be left of a video whose frames have so many.</summary>
    private protected virtual int Least(int tokensPerFrame) => 1;
}

/// <summary>
/// <c>divprune</c>: see <see cref="DivPrune"/>; over all frames' tokens together, as upstream over all of a prompt's.
/// </summary>
public sealed class DivPruneMethod()
    : WholeVideoMethod("share of all visual tokens that is kept, rounded half to even; default 0.098", new Retention(98, 1000))
{
    /// <inheritdoc/>
    public override string Name => "divprune";

    /// <inheritdoc/>
    public override string Summary => "keeps the tokens whose closest pair is as far apart as can be";

    /// <inheritdoc/>
    public override string Source => "DivPrune (arXiv 2503.02175; vbdi/divprune; ratio 0.098)";

    private protected override bool Chooses => true;

    // A video keeps one token at least.
    private protected override int Count(int frames, int tokens, Retention keep) =>
        Math.Max(Math.Min(1, frames * tokens), DivPrune.Count(frames * tokens, keep.Value));

    private protected override MergedTokens Merge(MergeInput input, Retention keep) =>
        MergedTokens.Chosen(input, DivPrune.Select(input.Features.flatten(0, 1), Count(input.Frames, input.Tokens, keep)));
}

/// <summary><c>temporal-merge</c>: see <see cref="TemporalMerge"/>.</summary>
public sealed class TemporalMergeMethod()
    : WholeVideoMethod("share of all visual tokens that is kept, at least one frame's; default 1/4", new Retention(1, 4))
{
    /// <inheritdoc/>
    public override string Name => "temporal-merge";

    /// <inheritdoc/>
    public override string Summary => "merges tokens of adjacent frames instead of a frame's own";

    /// <inheritdoc/>
    public override string Source => "our reading of AIM's Table B (arXiv 2412.03248)";

    private protected override bool Chooses => false;

    private protected override int Count(int frames, int tokens, Retention keep) => TemporalMerge.Count(frames, tokens, keep);

    private protected override MergedTokens Merge(MergeInput input, Retention keep)
    {
        var merged = TemporalMerge.Merge(input.Features, keep);
        return new MergedTokens(
            merged.Tokens, Provenance.OfAssignment((int)merged.Tokens.shape[0], merged.Assign, merged.Weight));
    }

    private protected override int Least(int tokensPerFrame) => tokensPerFrame;
}

/// <summary>
/// <c>dycoke</c>: see <see cref="DyCoke"/> before the decoder and <see cref="DyCokeDecoding"/> while it answers.
/// </summary>
public sealed class DyCokeMethod : MethodDefinition<DyCokeMethod.Options>
{
    /// <summary>Settings of <c>dycoke</c>.</summary>
    /// <param name="Keep">Share of a pruned frame's tokens that is kept, rounded down.</param>
    /// <param name="Layer">
    /// The first layer that sees less while decoding; null: 3, or 1 in a decoder of up to three layers.
    /// </param>
    /// <param name="Hide">Share of the visual tokens that is hidden while decoding; 0: none.</param>
    public sealed record Options(Retention Keep, int? Layer, double Hide) : MethodSettings
    {
        /// <inheritdoc/>
        public override IReadOnlyList<KeyValuePair<string, string>> Pairs =>
        [
            new("keep", $"{Keep}"), new("layer", Layer is { } l ? $"{l}" : "default"),
            new("hide", Hide.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        ];
    }

    /// <inheritdoc/>
    public override string Name => "dycoke";

    /// <inheritdoc/>
    public override string Summary
        => "keeps what changes between frames, and hides little attended tokens while an answer is decoded";

    /// <inheritdoc/>
    public override string Source
        => "DyCoke (arXiv 2411.15024; KD-TAO/DyCoke; merging ratio 0.7, layer 3, p = 0.7 as in its README)";

    /// <inheritdoc/>
    public override MethodPlaces Places => MethodPlaces.BeforeModel | MethodPlaces.Decoding;

    /// <inheritdoc/>
    public override MethodNeeds Needs => MethodNeeds.LastTokenAttention;

    /// <inheritdoc/>
    public override MethodFit On(HostTraits host) => MethodFit.AdaptedIf(host.Placed);

    /// <inheritdoc/>
    public override IReadOnlyList<SettingInfo> Settings { get; } =
    [
        new("keep", "share of a pruned frame's tokens that is kept; default 0.3", "0.3"),
        new("layer", "the first layer that sees less while decoding; default 3", "3"),
        new("hide", "share of the visual tokens that is hidden while decoding; default 0.7", "0.7"),
    ];

    /// <inheritdoc/>
    protected override Options Read(SettingReader settings)
        => new(settings.Share("keep", new Retention(3, 10)), settings.Whole("layer", 1), settings.Number("hide", 0.7, 0, 1));

    /// <inheritdoc/>
    protected override Options Settle(Options settings, HostTraits host)
    {
        int layer = settings.Layer ?? (host.Layers > 3 ? 3 : 1);
        return layer < host.Layers || settings.Hide == 0
            ? settings with { Layer = layer }
            : throw new SettingException(
                Name, "layer", $"is {layer}; a decoder of {host.Layers} layers takes 1 to {host.Layers - 1}");
    }

    /// <inheritdoc/>
    protected override ReductionMethod Make(Options settings, HostTraits host)
    {
        double ratio = 1 - settings.Keep.Value;
        return new ReductionMethod
        {
            Definition = this,
            Settings = settings,
            Merger = new WholeVideoMerger(
                (frames, tokens) => DyCoke.Count(frames, tokens, ratio),
                input => MergedTokens.Chosen(input, DyCoke.Select(input.Features, ratio))),
            Hides = settings.Hide == 0 ? null : () => new DyCokeDecoding(settings.Layer!.Value, settings.Hide),
        };
    }

    /// <inheritdoc/>
    protected override IEnumerable<Options> Ladder(Options settings, HostTraits host, PromptShape shape)
        => Enumerable.Range(1, shape.TokensPerFrame).Select(k => settings with { Keep = new Retention(k, shape.TokensPerFrame) });
}

/// <summary>A merger of all frames together, from its count and its rule.</summary>
/// <param name="kept">Tokens that so many frames of so many tokens are left with.</param>
/// <param name="merge">The rule.</param>
internal sealed class WholeVideoMerger(Func<int, int, int> kept, Func<MergeInput, MergedTokens> merge) : ITokenMerger
{
    public int Kept(int frames, int tokensPerFrame) => kept(frames, tokensPerFrame);

    public MergedTokens Merge(MergeInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return kept(input.Frames, input.Tokens) == input.Frames * input.Tokens
            ? IdentityMerger.Instance.Merge(input) : merge(input);
    }
}
