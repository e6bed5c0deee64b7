namespace Aim.Reduction;

/// <summary>
/// <c>divprune</c>: see <see cref="DivPrune"/>; over all frames' tokens together, as upstream over all of a prompt's.
/// </summary>
public sealed class DivPruneMethod : MethodDefinition<KeepSettings>
{
    /// <inheritdoc/>
    public override string Name => "divprune";

    /// <inheritdoc/>
    public override string Summary => "keeps the tokens whose closest pair is as far apart as can be";

    /// <inheritdoc/>
    public override string Source => "DivPrune (arXiv 2503.02175; vbdi/divprune; ratio 0.098)";

    /// <inheritdoc/>
    public override MethodPlaces Places => MethodPlaces.BeforeModel;

    /// <inheritdoc/>
    public override MethodFit On(HostTraits host) => MethodFit.AdaptedIf(host.Placed);

    /// <inheritdoc/>
    public override IReadOnlyList<SettingInfo> Settings { get; } =
        [new("keep", "share of all visual tokens that is kept, rounded half to even; default 0.098", "1/4")];

    /// <inheritdoc/>
    protected override KeepSettings Read(SettingReader settings) => new(settings.Share("keep", new Retention(98, 1000)));

    /// <inheritdoc/>
    protected override ReductionMethod Make(KeepSettings settings, HostTraits host) => new()
    {
        Definition = this,
        Settings = settings,
        Merger = new WholeVideoMerger(
            (frames, tokens) => Count(frames * tokens, settings.Keep),
            input => MergedTokens.Chosen(
                input, DivPrune.Select(input.Features.flatten(0, 1), Count(input.Frames * input.Tokens, settings.Keep)))),
    };

    // A video keeps one token at least.
    private static int Count(int tokens, Retention keep) => Math.Max(Math.Min(1, tokens), DivPrune.Count(tokens, keep.Value));

    /// <inheritdoc/>
    protected override IEnumerable<KeepSettings> Ladder(KeepSettings settings, HostTraits host, PromptShape shape)
    {
        int all = shape.Frames * shape.TokensPerFrame;
        return Enumerable.Range(1, all).Select(k => new KeepSettings(new Retention(k, all)));
    }
}

/// <summary><c>temporal-merge</c>: see <see cref="TemporalMerge"/>.</summary>
public sealed class TemporalMergeMethod : MethodDefinition<KeepSettings>
{
    /// <inheritdoc/>
    public override string Name => "temporal-merge";

    /// <inheritdoc/>
    public override string Summary => "merges tokens of adjacent frames instead of a frame's own";

    /// <inheritdoc/>
    public override string Source => "our reading of AIM's Table B (arXiv 2412.03248)";

    /// <inheritdoc/>
    public override MethodPlaces Places => MethodPlaces.BeforeModel;

    /// <inheritdoc/>
    public override IReadOnlyList<SettingInfo> Settings { get; } =
        [new("keep", "share of all visual tokens that is kept, at least one frame's; default 1/4", "1/4")];

    /// <inheritdoc/>
    protected override KeepSettings Read(SettingReader settings) => new(settings.Share("keep", new Retention(1, 4)));

    /// <inheritdoc/>
    protected override ReductionMethod Make(KeepSettings settings, HostTraits host) => new()
    {
        Definition = this,
        Settings = settings,
        Merger = new WholeVideoMerger((frames, tokens) => TemporalMerge.Count(frames, tokens, settings.Keep), input =>
        {
            var merged = TemporalMerge.Merge(input.Features, settings.Keep);
            return new MergedTokens(
                merged.Tokens, Provenance.OfAssignment((int)merged.Tokens.shape[0], merged.Assign, merged.Weight));
        }),
    };

    /// <inheritdoc/>
    protected override IEnumerable<KeepSettings> Ladder(KeepSettings settings, HostTraits host, PromptShape shape)
    {
        int all = shape.Frames * shape.TokensPerFrame;
        return Enumerable.Range(shape.TokensPerFrame, all - shape.TokensPerFrame + 1).Select(k => new KeepSettings(new Retention(k, all)));
    }
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
    public override string Summary => "keeps what changes between frames, and hides little attended tokens while an answer is decoded";

    /// <inheritdoc/>
    public override string Source => "DyCoke (arXiv 2411.15024; KD-TAO/DyCoke; merging ratio 0.7, layer 3, p = 0.7 as in its README)";

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
            : throw new SettingException(Name, "layer", $"is {layer}; a decoder of {host.Layers} layers takes 1 to {host.Layers - 1}");
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
        return kept(input.Frames, input.Tokens) == input.Frames * input.Tokens ? IdentityMerger.Instance.Merge(input) : merge(input);
    }
}
