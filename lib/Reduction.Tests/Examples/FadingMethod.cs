using Aim.Models;
using Aim.Reduction;

namespace Aim.Examples;

/// <summary><c>fading</c>: from a layer on, every layer keeps a share of the visual tokens that the layer before had.</summary>
public sealed class FadingMethod : MethodDefinition<FadingMethod.Options>
{
    /// <summary>Settings of <c>fading</c>.</summary>
    public sealed record Options(Retention Keep, int Layer) : MethodSettings
    {
        /// <inheritdoc/>
        public override IReadOnlyList<KeyValuePair<string, string>> Pairs => [new("keep", $"{Keep}"), new("layer", $"{Layer}")];
    }

    /// <inheritdoc/>
    public override string Name => "fading";

    /// <inheritdoc/>
    public override string Summary => "keeps a share of the visual tokens after every layer, by the last token's attention";

    /// <inheritdoc/>
    public override string Source => "an example";

    /// <inheritdoc/>
    public override MethodPlaces Places => MethodPlaces.InsideModel;

    /// <inheritdoc/>
    public override MethodNeeds Needs => MethodNeeds.LastTokenAttention;

    /// <inheritdoc/>
    public override IReadOnlyList<SettingInfo> Settings { get; } =
    [
        new("keep", "share that goes on after each layer, rounded up; default 1/2", "2/3"),
        new("layer", "the first layer that drops tokens, from 0; default 2", "2"),
    ];

    /// <inheritdoc/>
    protected override Options Read(SettingReader settings)
        => new(settings.Share("keep", new Retention(1, 2)), settings.Whole("layer", 0) ?? 2);

    /// <inheritdoc/>
    protected override ReductionMethod Make(Options settings, HostTraits host)
        => new() { Definition = this, Settings = settings, Prunes = _ => new Pruner(settings) };

    /// <inheritdoc/>
    protected override IEnumerable<Options> Ladder(Options settings, HostTraits host, PromptShape shape)
        => Enumerable.Range(1, shape.Visual).Select(k => settings with { Keep = new Retention(k, shape.Visual) });

    private sealed class Pruner(Options settings) : ITokenPruner
    {
        public int Kept(int layer, int visual, int text)
        {
            for (int l = settings.Layer; l <= layer; l++)
                visual = settings.Keep.Ceiling(visual);
            return visual;
        }

        public int[][] Select(LayerContext context, int[] keep)
            => [.. context.LastTokenAttention().Select((scores, b) => PageRankPruner.Top(scores, keep[b]))];
    }
}
