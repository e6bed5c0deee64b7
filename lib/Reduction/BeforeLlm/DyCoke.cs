namespace Aim.Reduction;

/// <summary>
/// DyCoke's first stage, temporal token merging (its second, at decoding, acts inside the language model): of a frame that
/// follows a similar one only the tokens that changed most stay.
/// <list type="bullet">
/// <item>Acts before the language model, on all frames' tokens after projector and pooling.</item>
/// <item>Needs the tokens alone; frames of equal length.</item>
/// <item>A pruned frame keeps int((1 - ratio) * tokens), in order of increasing similarity to the same slot of its reference. Of
/// frames 0 1 2 3 .. the odd ones are pruned against the frame before, then frame i + 2 against frame i for i = 0, 4, 8, .. as
/// long as i &lt; frames - 4, so that of each four frames one stays whole, of the last four two. Default ratio 0.7.</item>
/// <item>Differs from upstream where that fails: up to four frames have no second stage (upstream raises), and the last of an odd
/// number of frames stays whole (upstream drops it; <c>dropOdd</c> does so, too).</item>
/// <item>Source: KD-TAO/DyCoke, llava_arch.py, dycole_ttm.</item>
/// </list>
/// </summary>
public static class DyCoke
{
    /// <summary>The share of a pruned frame's tokens that goes.</summary>
    public const double DefaultRatio = 0.7;

    /// <summary>Tokens that a pruned frame keeps.</summary>
    public static int KeptPerPrunedFrame(int tokensPerFrame, double ratio = DefaultRatio)
    {
        if (!(ratio >= 0 && ratio <= 1))
            throw new ArgumentOutOfRangeException(nameof(ratio), ratio, "a share lies in 0 .. 1");
        return (int)((1 - ratio) * tokensPerFrame);
    }

    /// <summary>Tokens that remain of all frames.</summary>
    public static int Count(int frames, int tokensPerFrame, double ratio = DefaultRatio, bool dropOdd = false)
        => Enumerable.Range(0, frames - (dropOdd ? frames % 2 : 0))
            .Sum(f => Reference(f, frames) is null ? tokensPerFrame : KeptPerPrunedFrame(tokensPerFrame, ratio));

    /// <summary>The tokens to keep, in output order: frame after frame, slots counted through all frames.</summary>
    /// <param name="tokens">[frames, tokens, dim].</param>
    /// <param name="ratio">Share of a pruned frame's tokens that goes, 0 .. 1.</param>
    /// <param name="dropOdd">Drop the last of an odd number of frames, as upstream does.</param>
    public static int[] Select(Tensor tokens, double ratio = DefaultRatio, bool dropOdd = false)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        int frames = (int)tokens.shape[0], count = (int)tokens.shape[1];
        int kept = KeptPerPrunedFrame(count, ratio);
        using var scope = NewDisposeScope();
        var chosen = new List<int>();
        for (int f = 0; f < frames - (dropOdd ? frames % 2 : 0); f++)
        {
            int from = f * count;
            var slots = Reference(f, frames) is { } reference
                ? Ranking.Ascending(Cosine.Pairwise(tokens[f], tokens[reference])).Take(kept)
                : Enumerable.Range(0, count);
            chosen.AddRange(slots.Select(i => from + i));
        }

        return [.. chosen];
    }

    // The frame that a frame is compared with; null: it stays whole.
    private static int? Reference(int frame, int frames) => (frame % 4) switch
    {
        1 or 3 => frame - 1,
        2 when frame - 2 < frames - 4 => frame - 2,
        _ => null,
    };
}
