using Aim.Models;

namespace Aim.Fusion;

/// <summary>
/// A query behind its demonstrations, in the forms that experiments compare. In all of them demonstrations follow each other
/// without separators of their own (their texts bring what separates them), and the query's picture stands before the query's
/// text.
/// </summary>
public static class InContextPrompt
{
    /// <summary>The paper's form: each demonstration as its fused virtual tokens; one picture is left, the query's.</summary>
    /// <param name="host">The model.</param>
    /// <param name="fused">For each demonstration <c>[text tokens, dim]</c>.</param>
    /// <param name="picture">The query's picture; null for a query without one.</param>
    /// <param name="query">The query's text.</param>
    /// <param name="see">What stands in the prompt for a picture (its tokens, merged, say); null: all that the host makes of
    /// it.</param>
    public static PackedSequence Fused(
        IFusionHost host, IReadOnlyList<Tensor> fused, RgbImage? picture, string query, Func<RgbImage, FusionPart>? see = null)
        => Pack(host, fused.Select(f => new FusionPart.Fused(f)), picture, query, see);

    /// <summary>The vanilla form: picture and text of each demonstration in the context.</summary>
    /// <inheritdoc cref="Fused" path="/param"/>
    /// <param name="demonstrations">The demonstrations.</param>
    public static PackedSequence Raw(
        IFusionHost host, IReadOnlyList<Demonstration> demonstrations, RgbImage? picture, string query,
        Func<RgbImage, FusionPart>? see = null)
        => Pack(host, Parts(host, demonstrations, see), picture, query, see);

    /// <summary>The demonstrations of the vanilla form alone: what a cache of keys and values may hold before any query is
    /// known.</summary>
    /// <inheritdoc cref="Raw" path="/param"/>
    /// <exception cref="ArgumentException">There is no demonstration, and nothing opens a sequence.</exception>
    public static PackedSequence Prefix(
        IFusionHost host, IReadOnlyList<Demonstration> demonstrations, Func<RgbImage, FusionPart>? see = null)
    {
        ArgumentNullException.ThrowIfNull(host);
        return host.Pack([new FusionPart.Text(host.Opening), .. Parts(host, demonstrations, see)]);
    }

    /// <summary>The query alone, without what opens a sequence: what follows <see cref="Prefix"/>.</summary>
    /// <inheritdoc cref="Fused" path="/param"/>
    public static PackedSequence Query(IFusionHost host, RgbImage? picture, string query, Func<RgbImage, FusionPart>? see = null)
    {
        ArgumentNullException.ThrowIfNull(host);
        return host.Pack([.. PictureOf(picture, see), Text(host, query)]);
    }

    /// <summary>The demonstrations' texts without their pictures (a control).</summary>
    /// <inheritdoc cref="Raw" path="/param"/>
    public static PackedSequence TextOnly(
        IFusionHost host, IReadOnlyList<Demonstration> demonstrations, RgbImage? picture, string query,
        Func<RgbImage, FusionPart>? see = null)
        => Pack(host, demonstrations.Select(d => Text(host, d.Text)), picture, query, see);

    /// <summary>Slots of the fused form: the tokens of the demonstrations' texts, the query's picture and text (claim R4). Runs
    /// no model.</summary>
    /// <param name="textTokens">Tokens of each demonstration's text.</param>
    /// <param name="opening">Ids that open every sequence.</param>
    /// <param name="pictureTokens">Visual tokens of the query's picture.</param>
    /// <param name="queryTokens">Tokens of the query's text.</param>
    public static int FusedLength(IEnumerable<int> textTokens, int opening, int pictureTokens, int queryTokens)
        => opening + textTokens.Sum() + pictureTokens + queryTokens;

    private static PackedSequence Pack(
        IFusionHost host, IEnumerable<FusionPart> demonstrations, RgbImage? picture, string query, Func<RgbImage,
            FusionPart>? see)
    {
        ArgumentNullException.ThrowIfNull(host);
        return host.Pack([new FusionPart.Text(host.Opening), .. demonstrations, .. PictureOf(picture, see), Text(host, query)]);
    }

    private static IEnumerable<FusionPart> Parts(
        IFusionHost host, IReadOnlyList<Demonstration> demonstrations, Func<RgbImage, FusionPart>? see)
        => demonstrations.SelectMany(d => PictureOf(d.Picture, see).Append(Text(host, d.Text)));

    private static FusionPart[] PictureOf(RgbImage? picture, Func<RgbImage, FusionPart>? see)
        => picture is null ? [] : [see?.Invoke(picture) ?? new FusionPart.Picture(picture)];

    private static FusionPart.Text Text(IFusionHost host, string text) => new(host.Encode(text));
}
