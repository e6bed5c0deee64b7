using System.Numerics;
using Aim.Models;

namespace Aim.Reduction;

/// <summary>
/// <c>sparsevlm</c> (v1): after some layers the visual tokens that relevant text attends to least are dropped, and the best of
/// the dropped come back as the means of a few clusters behind the survivors. Positions are counted anew.
/// </summary>
public sealed class SparseVlm : MethodDefinition<SparseVlm.Options>
{
    /// <summary>Settings of <c>sparsevlm</c>.</summary>
    /// <param name="Keep">
    /// Share of the original visual tokens that survives each stage (cluster means come on top), falling.
    /// </param>
    /// <param name="Layers">The layers (from 0) after which tokens are dropped; null: 2, 6 and 15 of 32, in proportion.</param>
    public sealed record Options(Values<Retention> Keep, Values<int>? Layers) : MethodSettings
    {
        /// <inheritdoc/>
        public override IReadOnlyList<KeyValuePair<string, string>> Pairs =>
            [new("keep", $"{Keep}"), new("layers", Layers?.ToString() ?? "default")];
    }

    // Survivors of 576 at each stage, of which the official code means 192 tokens on average.
    private static readonly Retention[] s_budget192 = [new(300, 576), new(200, 576), new(110, 576)];

    /// <inheritdoc/>
    public override string Name => "sparsevlm";

    /// <inheritdoc/>
    public override string Summary
        => "drops visual tokens in stages by the attention of relevant text, and recycles some as cluster means";

    /// <inheritdoc/>
    public override string Source
        => "SparseVLM (arXiv 2410.04417; Gumpest/SparseVLMs v1, score.py; 300, 200, 110 of 576 after layers 2, 6, 15)";

    /// <inheritdoc/>
    public override MethodPlaces Places => MethodPlaces.InsideModel;

    /// <inheritdoc/>
    public override MethodNeeds Needs => MethodNeeds.TextAttention | MethodNeeds.TextEmbeddings;

    /// <inheritdoc/>
    public override MethodFit On(HostTraits host) => MethodFit.AdaptedIf(host.Renumbered);

    /// <inheritdoc/>
    public override IReadOnlyList<SettingInfo> Settings { get; } =
    [
        new(
            "keep", "share of the visual tokens that survives each stage; default [300/576, 200/576, 110/576]",
            "[1/2, 1/3, 1/5]"),
        new("layers", "layers, from 0, after which tokens are dropped; default 2, 6, 15 of 32, in proportion", "[1, 3, 6]"),
    ];

    /// <inheritdoc/>
    protected override Options Read(SettingReader settings)
    {
        var keep = settings.Shares("keep") ?? s_budget192;
        if (keep.Count == 0 || keep.Zip(keep.Skip(1)).Any(p => p.First.Value < p.Second.Value))
            throw settings.Wrong("keep", $"{new Values<Retention>(keep)}", "falling shares");
        var layers = settings.Wholes("layers", 0);
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
        int At(int layer) => (2 * layer * host.Layers + 32) / 64;
        int first = At(2), second = Math.Max(first + 1, At(6)), third = Math.Max(second + 1, At(15));
        var layers = settings.Layers ?? new([first, second, third]);
        return layers.Items[^1] < host.Layers - 1
            ? settings with { Layers = layers }
            : throw new SettingException(
                Name, "layers", $"is [{layers}]; a stage needs a layer behind it, and the decoder has {host.Layers}");
    }

    /// <inheritdoc/>
    protected override ReductionMethod Make(Options settings, HostTraits host) => new()
    {
        Definition = this,
        Settings = settings,
        Prunes = _ => new SparseVlmPruner(
            [.. settings.Layers!.Items], visual => [.. settings.Keep.Items.Select(k => (int)(visual * k.Value))]),
    };

    /// <inheritdoc/>
    /// <remarks>The stages keep their proportions.</remarks>
    protected override IEnumerable<Options> Ladder(Options settings, HostTraits host, PromptShape shape)
    {
        int steps = Math.Min(shape.Visual, 1000);
        return Enumerable.Range(1, steps).Select(k => settings with { Keep = new(Scaled(settings.Keep.Items, k, steps)) });
    }

    // The first stage keeps k / steps, the later ones as much less as in the given settings.
    private static IEnumerable<Retention> Scaled(IReadOnlyList<Retention> keep, int k, int steps)
        => keep.Select(share => new Retention(
            (BigInteger)Math.Round(1e6 * share.Value / keep[0].Value) * k, (BigInteger)1_000_000 * steps));
}

/// <summary>SparseVLM's rule.</summary>
/// <param name="layers">The layers after which tokens are dropped, rising.</param>
/// <param name="keep">Of so many visual tokens, how many survive each stage, falling.</param>
public sealed class SparseVlmPruner(int[] layers, Func<int, int[]> keep) : ITokenReplacer
{
    // What Select found out is what Replace needs.
    private (LayerContext Of, float[][] Relevance)? _known;

    /// <inheritdoc/>
    public bool Renumbers => true;

    /// <inheritdoc/>
    public int Kept(int layer, int visual, int text)
    {
        int left = visual;
        for (int stage = 0; stage < layers.Length && layers[stage] <= layer; stage++)
        {
            if (Drops(left))
                left = Survivors(left, visual, stage) + SparseVlmStage.Clusters(left - Survivors(left, visual, stage));
        }

        return left;
    }

    /// <inheritdoc/>
    public int Added(int layer, int visual, int text)
    {
        int stage = Array.IndexOf(layers, layer), before = layer == 0 ? visual : Kept(layer - 1, visual, text);
        return stage < 0 || !Drops(before) ? 0 : SparseVlmStage.Clusters(before - Survivors(before, visual, stage));
    }

    /// <inheritdoc/>
    public int[][] Select(LayerContext context, int[] keep)
    {
        ArgumentNullException.ThrowIfNull(context);
        float[][] relevance = Relevance(context);
        _known = (context, relevance);
        return [.. relevance.Select((scores, b) => PageRankPruner.Top(scores, keep[b]))];
    }

    /// <inheritdoc/>
    public Tensor[] Replace(LayerContext context, int[][] chosen, int[] added)
    {
        ArgumentNullException.ThrowIfNull(context);
        float[][] relevance = _known is { } known && ReferenceEquals(known.Of, context) ? known.Relevance : Relevance(context);
        _known = null;
        long n = context.Hidden.shape[1];
        var flat = context.Hidden.flatten(0, 1);
        var means = new Tensor[chosen.Length];
        for (int b = 0; b < means.Length; b++)
        {
            if (added[b] == 0)
            {
                means[b] = flat.narrow(0, 0, 0);
                continue;
            }

            int[] recycled = SparseVlmStage.Recycled(relevance[b], chosen[b]);
            int[] rows = context.Rows(b, context.Candidates[b]);
            var at = tensor(Array.ConvertAll(recycled, i => b * n + rows[i])).to(flat.device);
            means[b] = SparseVlmStage.Means(flat.index_select(0, at), added[b]);
        }

        return means;
    }

    // A single token cannot be reduced.
    private static bool Drops(int left) => left >= 2;

    private int Survivors(int left, int visual, int stage) => Math.Min(keep(visual)[stage], left - 1);

    private static float[][] Relevance(LayerContext context)
    {
        long n = context.Embeddings.shape[1];
        return context.Attention([.. context.Layout.Select((layout, b) =>
        {
            using var scope = NewDisposeScope();
            var prompt = context.Embeddings.select(0, b).narrow(0, n - layout.Length, layout.Length);
            int last = layout.VisualSlots.DefaultIfEmpty(-1).Max();
            // The question stands behind the picture; a prompt without one has its other text.
            int[] text = [.. Enumerable.Range(0, layout.Length).Where(s => !layout.IsVisual[s])];
            int[] question = [.. text.Where(s => s > last)];
            question = question.Length > 0 ? question : text;
            Tensor Rows(IEnumerable<int> slots)
                => prompt.index_select(0, tensor(slots.Select(s => (long)s).ToArray()).to(prompt.device));
            return layout.Visual == 0 ? question
                : (int[])[.. SparseVlmStage.Raters(Rows(layout.VisualSlots), Rows(question)).Select(i => question[i])];
        })]);
    }
}
