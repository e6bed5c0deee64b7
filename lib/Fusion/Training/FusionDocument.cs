using Aim.Models;

namespace Aim.Fusion;

/// <summary>A stretch of a query's text.</summary>
/// <param name="Text">The text; no token crosses its borders.</param>
/// <param name="Learn">Whether the loss counts here.</param>
public readonly record struct FusionSegment(string Text, bool Learn);

/// <summary>
/// What a document teaches: given some of its demonstrations as fused tokens, and a picture, to go on with a text.
/// </summary>
/// <param name="Demonstrations">Which of the document's demonstrations stand before it, in this order.</param>
/// <param name="Picture">The query's picture; null for text alone.</param>
/// <param name="Text">What follows the picture.</param>
public sealed record FusionQuery(IReadOnlyList<int> Demonstrations, RgbImage? Picture, IReadOnlyList<FusionSegment> Text);

/// <summary>
/// An interleaved document, cut for training: pairs of picture and text, and queries on them. Several queries share the reading
/// of the demonstrations, which costs most.
/// </summary>
/// <param name="Demonstrations">The pairs.</param>
/// <param name="Queries">At least one.</param>
public sealed record FusionDocument(IReadOnlyList<Demonstration> Demonstrations, IReadOnlyList<FusionQuery> Queries)
{
    /// <summary>
    /// The natural reading of an interleaved document of N pairs: pairs 1 to N - 1 are demonstrations, the loss is on the text of
    /// pair N.
    /// </summary>
    public static FusionDocument OfPairs(IReadOnlyList<Demonstration> pairs)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        if (pairs.Count < 2)
            throw new ArgumentException("a document to train on needs two pairs of picture and text, or more", nameof(pairs));
        var last = pairs[^1];
        return new FusionDocument(
            [.. pairs.SkipLast(1)],
            [new FusionQuery([.. Enumerable.Range(0, pairs.Count - 1)], last.Picture,
                [new FusionSegment(last.Text, Learn: true)])]);
    }
}
