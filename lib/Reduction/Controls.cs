using Aim.Models;

namespace Aim.Reduction;

/// <summary>Leaves every token where it is.</summary>
public sealed class IdentityMerger : ITokenMerger
{
    /// <inheritdoc/>
    public int Kept(int tokensPerFrame) => tokensPerFrame;

    /// <inheritdoc/>
    public Tensor Merge(Tensor tokens) => tokens.alias();
}

/// <summary>Control: keeps as many tokens of each frame as AIM would, drawn uniformly, in their order.</summary>
public sealed class RandomMerger : ITokenMerger
{
    private readonly Func<int, RetentionPlan> _plan;
    private readonly ulong _seed;
    private readonly string _sampleId;

    /// <summary>Makes the merger of one sample; the same seed and id always draw the same slots.</summary>
    public RandomMerger(Func<int, RetentionPlan> plan, ulong seed, string sampleId)
        => (_plan, _seed, _sampleId) = (plan, seed, sampleId);

    /// <inheritdoc/>
    public int Kept(int tokensPerFrame) => _plan(tokensPerFrame).Kept;

    /// <inheritdoc/>
    public Tensor Merge(Tensor tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        int frames = (int)tokens.shape[0], count = (int)tokens.shape[1];
        int kept = Kept(count);
        if (kept == count)
            return tokens.alias();
        // Place -1: pruning after layer 0 draws at place 0.
        var random = new SampleRandom(_seed, _sampleId, -1);
        var rows = new long[frames * kept];
        for (int f = 0; f < frames; f++)
        {
            int[] slots = random.Subset(count, kept);
            for (int i = 0; i < kept; i++)
                rows[f * kept + i] = (long)f * count + slots[i];
        }

        using var scope = NewDisposeScope();
        return tokens.reshape(frames * count, tokens.shape[2]).index_select(0, tensor(rows).to(tokens.device))
            .view(frames, kept, tokens.shape[2]).MoveToOuterDisposeScope();
    }
}

/// <summary>Control: prunes as many visual tokens as AIM's schedule after the same layers, drawn uniformly among those alive.</summary>
public sealed class RandomPruner : ITokenPruner
{
    private readonly PruneSchedule _schedule;
    private readonly ulong _seed;
    private readonly IReadOnlyList<string> _sampleIds;

    /// <summary>Makes the pruner of one batch, whose samples have these ids.</summary>
    public RandomPruner(PruneSchedule schedule, ulong seed, IReadOnlyList<string> sampleIds)
        => (_schedule, _seed, _sampleIds) = (schedule, seed, sampleIds);

    /// <inheritdoc/>
    public int KeptVisual(int layer, int visual, int text) => _schedule.KeptVisual(layer, visual, text);

    /// <inheritdoc/>
    public int[][] Select(LayerContext context, int[] keep)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Visual.Length != _sampleIds.Count)
            throw new ArgumentException($"{_sampleIds.Count} sample ids were given for a batch of {context.Visual.Length}");
        return
        [
            .. context.Visual.Select((slots, b) => new SampleRandom(_seed, _sampleIds[b], context.Layer).Subset(slots.Length, keep[b])),
        ];
    }
}

/// <summary>Control: every frame's square token grid averaged down to g x g by adaptive pooling.</summary>
public sealed class DownsampleMerger : ITokenMerger
{
    /// <summary>Makes the merger for a grid of side <paramref name="side"/>; grids that are not larger stay as they are.</summary>
    public DownsampleMerger(int side)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(side, 1);
        Side = side;
    }

    /// <summary>g.</summary>
    public int Side { get; }

    /// <inheritdoc/>
    public int Kept(int tokensPerFrame)
    {
        int side = Math.Min(Side, SideOf(tokensPerFrame));
        return side * side;
    }

    /// <inheritdoc/>
    public Tensor Merge(Tensor tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        int from = SideOf((int)tokens.shape[1]);
        int to = Math.Min(Side, from);
        if (to == from)
            return tokens.alias();
        using var scope = NewDisposeScope();
        return matmul(tensor(Pooling(from, to), [to * to, from * from]).to(tokens.device), tokens).MoveToOuterDisposeScope();
    }

    /// <summary>The largest grid whose cost does not exceed the target.</summary>
    /// <param name="tokensPerFrame">Tokens before pooling, a square.</param>
    /// <param name="target">FLOPs to stay within.</param>
    /// <param name="flops">FLOPs executed with that many tokens a frame, unpruned.</param>
    /// <returns>The side, what it costs, and whether that keeps to the target (a single token may still cost more).</returns>
    public static (int Side, double Achieved, bool WithinTarget) Largest(int tokensPerFrame, double target, Func<int, double> flops)
    {
        ArgumentNullException.ThrowIfNull(flops);
        for (int side = SideOf(tokensPerFrame); ; side--)
        {
            double cost = flops(side * side);
            if (cost <= target || side == 1)
                return (side, cost, cost <= target);
        }
    }

    private static int SideOf(int tokens)
    {
        int side = (int)Math.Round(Math.Sqrt(tokens));
        return side * side == tokens
            ? side
            : throw new ArgumentException($"downsampling needs a square grid of tokens; {tokens} is no square");
    }

    // Adaptive average pooling as a matrix: cell i of g covers rows floor(i G / g) .. ceil((i + 1) G / g) - 1, likewise columns.
    private static float[] Pooling(int from, int to)
    {
        var matrix = new float[to * to * from * from];
        for (int y = 0; y < to; y++)
        {
            var (top, bottom) = (y * from / to, ((y + 1) * from + to - 1) / to);
            for (int x = 0; x < to; x++)
            {
                var (left, right) = (x * from / to, ((x + 1) * from + to - 1) / to);
                for (int i = top; i < bottom; i++)
                {
                    for (int j = left; j < right; j++)
                        matrix[((y * to + x) * from + i) * from + j] = 1f / ((bottom - top) * (right - left));
                }
            }
        }

        return matrix;
    }
}
