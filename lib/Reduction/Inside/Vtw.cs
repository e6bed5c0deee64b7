using Aim.Models;

namespace Aim.Reduction;

/// <summary>
/// <c>vtw</c>: all visual tokens are withdrawn at once; layer K (from 0) is the first without any. K = 15 of 32 layers for
/// LLaVA-1.5-7B. Positions are kept, or (<c>positions: reset</c>) counted anew from layer K on.
/// </summary>
public sealed class Vtw : MethodDefinition<Vtw.Options>
{
    /// <summary>Settings of <c>vtw</c>.</summary>
    /// <param name="Layer">K; null: 15 / 32 of the decoder's depth, rounded.</param>
    /// <param name="Reset">Whether positions are counted anew from layer K on.</param>
    public sealed record Options(int? Layer, bool Reset) : MethodSettings
    {
        /// <inheritdoc/>
        public override IReadOnlyList<KeyValuePair<string, string>> Pairs =>
            [new("layer", Layer is { } l ? $"{l}" : "default"), new("positions", Reset ? "reset" : "keep")];
    }

    /// <summary>Bound of the mean divergence that the official search uses for LLaVA-1.5-7B.</summary>
    public const double DefaultBound = 0.003;

    /// <inheritdoc/>
    public override string Name => "vtw";

    /// <inheritdoc/>
    public override string Summary => "withdraws all visual tokens before layer K";

    /// <inheritdoc/>
    public override string Source => "VTW (arXiv 2405.05803; lzhxmu/VTW, VTW.py; K = 15 of 32 layers)";

    /// <inheritdoc/>
    public override MethodPlaces Places => MethodPlaces.InsideModel;

    /// <inheritdoc/>
    public override IReadOnlyList<SettingInfo> Settings { get; } =
    [
        new("layer", "K, the first layer without visual tokens; default 15/32 of the decoder's depth", "6"),
        new("positions", "'keep' or 'reset' (counted anew from layer K on); default keep", "keep"),
    ];

    /// <inheritdoc/>
    protected override Options Read(SettingReader settings)
        => new(settings.Whole("layer", 1), settings.Choice("positions", "keep", "keep", "reset") == "reset");

    /// <inheritdoc/>
    protected override Options Settle(Options settings, HostTraits host)
    {
        int layer = settings.Layer ?? Math.Max(1, (30 * host.Layers + 32) / 64);
        return layer <= host.Layers
            ? settings with { Layer = layer }
            : throw new SettingException(
                Name, "layer", $"is {layer}; a decoder of {host.Layers} layers takes 1 to {host.Layers}");
    }

    /// <inheritdoc/>
    protected override ReductionMethod Make(Options settings, HostTraits host) => new()
    {
        Definition = this,
        Settings = settings,
        Prunes = _ => new VtwPruner(settings.Layer!.Value, settings.Reset),
    };

    /// <inheritdoc/>
    protected override IEnumerable<Options> Ladder(Options settings, HostTraits host, PromptShape shape)
        => Enumerable.Range(1, host.Layers).Select(k => settings with { Layer = k });

    /// <summary>
    /// The official search of K: on some samples (20 upstream), the smallest K from 5 on at which withdrawing changes the
    /// distribution of the first answer token by no more than a bound, on average. Read from the code (VTW, search_K).
    /// </summary>
    /// <param name="layers">Layers of the decoder.</param>
    /// <param name="divergences"><see cref="Divergence"/> of every sample at a K.</param>
    /// <param name="bound">eta: 0.003, 0.0001 for LLaVA-1.6-7B.</param>
    /// <param name="first">The first K that is tried.</param>
    /// <returns>K, or the number of layers (nothing is withdrawn) if none keeps to the bound.</returns>
    public static int Search(int layers, Func<int, IEnumerable<double>> divergences, double bound = DefaultBound, int first = 5)
    {
        ArgumentNullException.ThrowIfNull(divergences);
        for (int k = first; k < layers; k++)
        {
            if (divergences(k).Average() <= bound)
                return k;
        }

        return layers;
    }

    /// <summary>Kullback-Leibler divergence of the distribution with withdrawal from the one without, in nats.</summary>
    /// <param name="withdrawn">Logits <c>[vocabulary]</c> of the prompt's last token with withdrawal.</param>
    /// <param name="whole">The same without.</param>
    public static double Divergence(Tensor withdrawn, Tensor whole)
    {
        ArgumentNullException.ThrowIfNull(withdrawn);
        ArgumentNullException.ThrowIfNull(whole);
        using var scope = NewDisposeScope();
        var (p, q) = (withdrawn.log_softmax(-1), whole.log_softmax(-1));
        return (p.exp() * (p - q)).sum().item<float>();
    }
}

/// <summary>VTW's rule.</summary>
/// <param name="k">The first layer without visual tokens, at least 1.</param>
/// <param name="reset">Whether positions are counted anew from there on.</param>
public sealed class VtwPruner(int k, bool reset = false) : ITokenPruner
{
    /// <inheritdoc/>
    public bool Renumbers => reset;

    /// <inheritdoc/>
    public int Kept(int layer, int visual, int text) => layer < k - 1 ? visual : 0;

    /// <inheritdoc/>
    public int[][] Select(LayerContext context, int[] keep)
        => throw new InvalidOperationException("withdrawing leaves nothing to choose");
}
