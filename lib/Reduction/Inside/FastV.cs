using Aim.Models;

namespace Aim.Reduction;

/// <summary>
/// <c>fastv</c>: after the first K layers the visual tokens that the prompt's last token attends to least are dropped, once.
/// The softmax attention of layer K - 1 (from 0), averaged over heads, decides; layer K is the first to see fewer tokens. Order
/// and rotary positions are kept. The official code hides instead of removing in one variant, with the same logits.
/// </summary>
public sealed class FastV : MethodDefinition<FastV.Options>
{
    /// <summary>Settings of <c>fastv</c>.</summary>
    /// <param name="Keep">Share of the visual tokens that goes on, rounded up.</param>
    /// <param name="Layer">K, the number of layers that see all of them.</param>
    public sealed record Options(Retention Keep, int Layer) : MethodSettings
    {
        /// <inheritdoc/>
        public override IReadOnlyList<KeyValuePair<string, string>> Pairs => [new("keep", $"{Keep}"), new("layer", $"{Layer}")];
    }

    /// <inheritdoc/>
    public override string Name => "fastv";

    /// <inheritdoc/>
    public override string Summary => "after K layers drops the visual tokens that the last token attends to least";

    /// <inheritdoc/>
    public override string Source
        => "FastV (arXiv 2403.06764; pkunlp-icler/FastV, modeling_llama.py; K = 2, R = 50 % in paper and README)";

    /// <inheritdoc/>
    public override MethodPlaces Places => MethodPlaces.InsideModel;

    /// <inheritdoc/>
    public override MethodNeeds Needs => MethodNeeds.LastTokenAttention;

    /// <inheritdoc/>
    public override IReadOnlyList<SettingInfo> Settings { get; } =
    [
        new("keep", "share of the visual tokens that goes on; default 1/2", "1/4"),
        new("layer", "K, layers that see all visual tokens; default 2", "2"),
    ];

    /// <inheritdoc/>
    protected override Options Read(SettingReader settings)
        => new(settings.Share("keep", new Retention(1, 2)), settings.Whole("layer", 1) ?? 2);

    /// <inheritdoc/>
    protected override Options Settle(Options settings, HostTraits host) => settings.Layer < host.Layers
        ? settings
        : throw new SettingException(
            Name, "layer", $"is {settings.Layer}; a decoder of {host.Layers} layers takes 1 to {host.Layers - 1}");

    /// <inheritdoc/>
    protected override ReductionMethod Make(Options settings, HostTraits host) => new()
    {
        Definition = this,
        Settings = settings,
        Prunes = _ => new FastVPruner(settings.Layer, settings.Keep.Ceiling),
    };

    /// <inheritdoc/>
    protected override IEnumerable<Options> Ladder(Options settings, HostTraits host, PromptShape shape)
        => Enumerable.Range(1, shape.Visual).Select(k => settings with { Keep = new Retention(k, shape.Visual) });
}

/// <summary>FastV's rule.</summary>
/// <param name="k">Layers that see all visual tokens, at least 1.</param>
/// <param name="keep">Visual tokens that go on, of so many.</param>
public sealed class FastVPruner(int k, Func<int, int> keep) : ITokenPruner
{
    /// <inheritdoc/>
    public int Kept(int layer, int visual, int text) => layer < k - 1 ? visual : keep(visual);

    /// <inheritdoc/>
    public int[][] Select(LayerContext context, int[] keep)
    {
        ArgumentNullException.ThrowIfNull(context);
        return [.. context.LastTokenAttention().Select((scores, b) => PageRankPruner.Top(scores, keep[b]))];
    }
}
