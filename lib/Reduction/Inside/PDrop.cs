using Aim.Models;

namespace Aim.Reduction;

/// <summary>
/// <c>pdrop</c> (PyramidDrop): after some layers visual tokens are dropped down to a share of the original number, ranked by
/// the attention that the prompt's last token would pay them in the next layer. Survivors keep their order and are renumbered.
/// </summary>
public sealed class PDrop : MethodDefinition<PDrop.Options>
{
    /// <summary>Settings of <c>pdrop</c>.</summary>
    /// <param name="Keep">Share of the original visual tokens that goes on after each stage, falling; rounded down.</param>
    /// <param name="Layers">The number of layers before each stage (counted from 1); null: 1/4, 1/2 and 3/4 of the depth.</param>
    public sealed record Options(Values<Retention> Keep, Values<int>? Layers) : MethodSettings
    {
        /// <inheritdoc/>
        public override IReadOnlyList<KeyValuePair<string, string>> Pairs =>
            [new("keep", $"{Keep}"), new("layers", Layers?.ToString() ?? "default")];
    }

    /// <inheritdoc/>
    public override string Name => "pdrop";

    /// <inheritdoc/>
    public override string Summary => "drops visual tokens in stages, ranked by the last token's attention in the next layer";

    /// <inheritdoc/>
    public override string Source
        => "PyramidDrop (arXiv 2410.17247; Cooperx521/PyramidDrop, modeling_llama_pdrop.py; layers 8, 16, 24 of 32; "
            + "1/2, 1/4, 1/8)";

    /// <inheritdoc/>
    public override MethodPlaces Places => MethodPlaces.InsideModel;

    /// <inheritdoc/>
    public override MethodNeeds Needs => MethodNeeds.LastTokenAttention;

    /// <inheritdoc/>
    public override MethodFit On(HostTraits host) => MethodFit.AdaptedIf(host.Renumbered);

    /// <inheritdoc/>
    public override IReadOnlyList<SettingInfo> Settings { get; } =
    [
        new("keep", "share of the original visual tokens after each stage; default [1/2, 1/4, 1/8]", "[1/2, 1/4, 1/8]"),
        new("layers", "layers before each stage, counted from 1; default 1/4, 1/2 and 3/4 of the depth", "[3, 6, 9]"),
    ];

    /// <inheritdoc/>
    protected override Options Read(SettingReader settings)
    {
        var keep = settings.Shares("keep") ?? [new(1, 2), new(1, 4), new(1, 8)];
        if (keep.Count == 0 || keep.Zip(keep.Skip(1)).Any(p => p.First.Value < p.Second.Value))
            throw settings.Wrong("keep", $"{new Values<Retention>(keep)}", "falling shares");
        var layers = settings.Wholes("layers", 1);
        if (layers is not null && (layers.Count != keep.Count || layers.Zip(layers.Skip(1)).Any(p => p.First >= p.Second)))
        {
            throw settings.Wrong(
                "layers", $"{new Values<int>(layers)}", $"{keep.Count} rising numbers, one for each share of 'keep'");
        }

        if (layers is null && keep.Count != 3)
            throw settings.Wrong("layers", "default", $"{keep.Count} rising numbers, one for each share of 'keep'");
        return new Options(new(keep), layers is null ? null : new(layers));
    }

    /// <inheritdoc/>
    protected override Options Settle(Options settings, HostTraits host)
    {
        var layers = settings.Layers ?? new([.. Enumerable.Range(1, 3).Select(i => Math.Max(i, (2 * i * host.Layers + 4) / 8))]);
        return layers.Items[^1] < host.Layers
            ? settings with { Layers = layers }
            : throw new SettingException(
                Name, "layers", $"is [{layers}]; a stage needs a layer behind it, and the decoder has {host.Layers}");
    }

    /// <inheritdoc/>
    protected override ReductionMethod Make(Options settings, HostTraits host) => new()
    {
        Definition = this,
        Settings = settings,
        Prunes = _ => new PDropPruner([.. settings.Layers!.Items], [.. settings.Keep.Items.Select(k => k.Value)]),
    };

    /// <inheritdoc/>
    /// <remarks>The shares are powers of one, as in the default: lambda, lambda squared, ...</remarks>
    protected override IEnumerable<Options> Ladder(Options settings, HostTraits host, PromptShape shape)
    {
        int steps = Math.Min(shape.Visual, 1000);
        return Enumerable.Range(1, steps).Select(k => settings with
        {
            Keep = new([.. Enumerable.Range(1, settings.Keep.Items.Count).Select(i => new Retention(
                System.Numerics.BigInteger.Pow(k, i), System.Numerics.BigInteger.Pow(steps, i)))]),
        });
    }
}

/// <summary>PyramidDrop's rule.</summary>
/// <param name="layers">The number of layers before each stage, rising.</param>
/// <param name="ratios">Share of the original visual tokens after each stage, falling.</param>
public sealed class PDropPruner(int[] layers, double[] ratios) : ITokenPruner
{
    /// <inheritdoc/>
    public bool Renumbers => true;

    /// <inheritdoc/>
    public int Kept(int layer, int visual, int text)
    {
        int stage = Array.FindLastIndex(layers, l => l - 1 <= layer);
        return stage < 0 ? visual : (int)(visual * ratios[stage]);
    }

    /// <inheritdoc/>
    public int[][] Select(LayerContext context, int[] keep)
    {
        ArgumentNullException.ThrowIfNull(context);
        return [.. context.NextLayerLastTokenAttention().Select((scores, b) => PageRankPruner.Top(scores, keep[b]))];
    }
}
