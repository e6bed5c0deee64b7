namespace Aim.Reduction;

/// <summary>
/// Merging across time instead of space: the alternative that AIM's paper compares with (appendix, Table B). The paper gives no
/// more than 'adjacent frames, iteratively'; this is this project's reading of it.
/// <list type="bullet">
/// <item>Acts before the language model, on all frames' tokens after projector and pooling.</item>
/// <item>Needs the tokens alone; frames of equal length.</item>
/// <item>Frames are taken in pairs (0, 1), (2, 3), ..; the first frame's tokens are the sources, the second's the destinations of
/// <see cref="MergeStep"/>: cosine similarity, most similar first, plain means. What is left of a pair is one frame, and the
/// halved list is merged again; the last of an odd number waits for the next round.</item>
/// <item>Keeps exactly ceil(frames * tokens * retention), but never less than one frame's tokens: whole rounds as long as they
/// stay at or above that, then one round that removes the rest, spread evenly over the pairs, the first ones taking one
/// more.</item>
/// <item>Order: frame after frame; in a pair that was merged in part the first frame's remaining tokens by decreasing similarity,
/// then the second's.</item>
/// </list>
/// </summary>
public static class TemporalMerge
{
    /// <summary>Tokens that remain of all frames.</summary>
    public static int Count(int frames, int tokensPerFrame, Retention retention)
        => frames == 0 ? 0 : Math.Max(tokensPerFrame, retention.Ceiling(frames * tokensPerFrame));

    /// <summary>Merges all frames of a video.</summary>
    /// <param name="tokens">[frames, tokens, dim].</param>
    /// <param name="retention">Share of all tokens to keep.</param>
    public static TemporalMergeResult Merge(Tensor tokens, Retention retention)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        if (tokens.shape is not [var f, var t, var dim])
            throw new ArgumentException($"tokens must be [frames, tokens, dim], not [{string.Join(", ", tokens.shape)}]");
        var (frames, count) = ((int)f, (int)t);
        int target = Count(frames, count, retention);
        using var scope = NewDisposeScope();
        var trace = new Trace(frames * count);
        var x = tokens;
        while (frames / 2 > 0 && (frames - frames / 2) * count >= target && count > 0)
        {
            x = Round(x, trace);
            frames = (int)x.shape[0];
        }

        int[] perFrame = [.. Enumerable.Repeat(count, frames)];
        var result = frames * count > target
            ? Part(x, frames * count - target, trace, out perFrame)
            : x.reshape(frames * count, dim);

        // Where nothing was merged this is the caller's own tensor; an alias of it can be disposed like any result.
        return new TemporalMergeResult(result.alias().MoveToOuterDisposeScope(), trace.Assign, trace.Weight, perFrame);
    }

    // Every pair becomes one frame.
    private static Tensor Round(Tensor x, Trace trace)
    {
        int frames = (int)x.shape[0], count = (int)x.shape[1], pairs = frames / 2;
        var step = MergeStep.Match(Interleave(x, 0, pairs), count);
        var merged = step.Apply(Interleave(x, 0, pairs));
        trace.Move(slot =>
        {
            var (frame, i) = (slot / count, slot % count);
            return frame / 2 == pairs ? pairs * count + i : frame / 2 * count + step.Assign(frame / 2)[2 * i + frame % 2];
        });
        return frames % 2 == 0 ? merged : cat([merged, x.narrow(0, frames - 1, 1)], 0);
    }

    // Pairs lose some of their sources; what is left of them differs in length.
    private static Tensor Part(Tensor x, int remove, Trace trace, out int[] perFrame)
    {
        int frames = (int)x.shape[0], count = (int)x.shape[1], pairs = frames / 2, more = remove % pairs;
        var parts = new List<Tensor>();
        var lengths = new List<int>();
        int[] moved = new int[frames * count];
        int at = 0;
        (int From, int Number, int R)[] groups = [(0, more, remove / pairs + 1), (more, pairs - more, remove / pairs)];
        foreach (var (from, number, r) in groups)
        {
            if (number == 0)
                continue;
            if (r == 0)
            {
                Stay(2 * from, 2 * number);
                continue;
            }

            var pair = Interleave(x, from, number);
            var step = MergeStep.Match(pair, r);
            parts.Add(step.Apply(pair).reshape(number * step.Kept, x.shape[2]));
            for (int p = 0; p < number; p++, at += step.Kept)
            {
                int[] assign = step.Assign(p);
                for (int i = 0; i < 2 * count; i++)
                    moved[(2 * (from + p) + i % 2) * count + i / 2] = at + assign[i];
                lengths.Add(step.Kept);
            }
        }

        if (frames % 2 == 1)
            Stay(frames - 1, 1);
        trace.Move(slot => moved[slot]);
        perFrame = [.. lengths];
        return cat(parts.ToArray(), 0);

        void Stay(int first, int number)
        {
            parts.Add(x.narrow(0, first, number).reshape(number * count, x.shape[2]));
            for (int i = 0; i < number * count; i++)
                moved[first * count + i] = at + i;
            at += number * count;
            lengths.AddRange(Enumerable.Repeat(count, number));
        }
    }

    // [pairs, 2 tokens, dim]: even slots hold the first frame, odd ones the second, as MergeStep has its sources and
    // destinations.
    private static Tensor Interleave(Tensor x, int firstPair, int pairs)
        => x.narrow(0, 2 * firstPair, 2 * pairs).reshape(pairs, 2, x.shape[1], x.shape[2]).transpose(1, 2)
            .reshape(pairs, 2 * x.shape[1], x.shape[2]);

    // Where every original token is, and its weight there.
    private sealed class Trace(int tokens)
    {
        public int[] Assign { get; } = [.. Enumerable.Range(0, tokens)];

        public float[] Weight { get; } = [.. Enumerable.Repeat(1f, tokens)];

        public void Move(Func<int, int> next)
        {
            // Each token of the round before counts once in its mean, however many it holds.
            var sizes = new Dictionary<int, int>();
            var seen = new Dictionary<int, int>();
            foreach (int slot in Assign)
            {
                if (seen.ContainsKey(slot))
                    continue;
                int to = seen[slot] = next(slot);
                sizes[to] = sizes.GetValueOrDefault(to) + 1;
            }

            for (int i = 0; i < Assign.Length; i++)
            {
                Assign[i] = seen[Assign[i]];
                Weight[i] /= sizes[Assign[i]];
            }
        }
    }
}

/// <summary>Tokens merged across frames, and how they came about.</summary>
/// <param name="Tokens">[kept, dim], frame after frame.</param>
/// <param name="Assign">For each original slot, counted through all frames, the output token it is in.</param>
/// <param name="Weight">Its weight in that token; weights of one token add up to 1.</param>
/// <param name="PerFrame">Tokens of each frame that is left.</param>
public sealed record TemporalMergeResult(Tensor Tokens, int[] Assign, float[] Weight, int[] PerFrame);
