using Aim.Models;

namespace Aim.Reduction;

/// <summary>Leaves every token where it is.</summary>
public sealed class IdentityMerger : ITokenMerger
{
    /// <summary>The one there needs to be.</summary>
    public static IdentityMerger Instance { get; } = new();

    /// <inheritdoc/>
    public int Kept(int frames, int tokensPerFrame) => frames * tokensPerFrame;

    /// <inheritdoc/>
    public MergedTokens Merge(MergeInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new MergedTokens(input.Features.alias().flatten(0, 1), Provenance.Identity(input.Frames * input.Tokens))
        {
            Grid = input.Grid,
        };
    }
}

/// <summary>Control: keeps as many tokens of each frame as AIM would, drawn uniformly, in their order.</summary>
public sealed class RandomMerger : ITokenMerger
{
    private readonly Func<int, RetentionPlan> _plan;
    private readonly ulong _seed;

    /// <summary>Makes the merger; the same seed and sample id always draw the same slots.</summary>
    public RandomMerger(Func<int, RetentionPlan> plan, ulong seed) => (_plan, _seed) = (plan, seed);

    /// <summary>As <see cref="AimMerger.OnGrid"/>.</summary>
    public Func<VisionGrid, RetentionPlan>? OnGrid { get; init; }

    /// <inheritdoc/>
    public int Kept(int frames, int tokensPerFrame) => frames * _plan(tokensPerFrame).Kept;

    /// <inheritdoc/>
    public int Kept(VisionGrid grid) => grid.Frames * (OnGrid?.Invoke(grid) ?? _plan(grid.PerFrame)).Kept;

    /// <inheritdoc/>
    public MergedTokens Merge(MergeInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        int kept = input.Grid is { } grid ? Kept(grid) / grid.Frames : _plan(input.Tokens).Kept;
        if (kept == input.Tokens)
            return IdentityMerger.Instance.Merge(input);
        // Place -1: pruning after layer 0 draws at place 0.
        var random = new SampleRandom(_seed, input.SampleId, -1);
        var chosen = new List<int>();
        for (int f = 0; f < input.Frames; f++)
            chosen.AddRange(random.Subset(input.Tokens, kept).Select(slot => f * input.Tokens + slot));
        return MergedTokens.Chosen(input, chosen);
    }
}

/// <summary>
/// Control: prunes as many visual tokens as AIM's schedule after the same layers, drawn uniformly among those alive.
/// </summary>
public sealed class RandomPruner : ITokenPruner
{
    private readonly PruneSchedule _schedule;
    private readonly ulong _seed;
    private readonly IReadOnlyList<string> _sampleIds;

    /// <summary>Makes the pruner of one batch, whose samples have these ids.</summary>
    public RandomPruner(PruneSchedule schedule, ulong seed, IReadOnlyList<string> sampleIds)
        => (_schedule, _seed, _sampleIds) = (schedule, seed, sampleIds);

    /// <inheritdoc/>
    public int Kept(int layer, int visual, int text) => _schedule.KeptVisual(layer, visual, text);

    /// <inheritdoc/>
    public int[][] Select(LayerContext context, int[] keep)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Candidates.Length != _sampleIds.Count)
            throw new ArgumentException($"{_sampleIds.Count} sample ids were given for a batch of {context.Candidates.Length}");
        return
        [
            .. context.Candidates.Select(
                (slots, b) => new SampleRandom(_seed, _sampleIds[b], context.Layer).Subset(slots.Length, keep[b])),
        ];
    }
}

/// <summary>
/// Control: every frame's token grid averaged down to g x g by adaptive pooling; a side that is not larger than g stays as it is.
/// </summary>
public sealed class DownsampleMerger : ITokenMerger
{
    /// <summary>
    /// Makes the merger for a grid of side <paramref name="side"/>; grids that are not larger stay as they are.
    /// </summary>
    public DownsampleMerger(int side)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(side, 1);
        Side = side;
    }

    /// <summary>g.</summary>
    public int Side { get; }

    /// <inheritdoc/>
    public int Kept(int frames, int tokensPerFrame)
        => Kept(new VisionGrid(frames, MergeInput.SideOf(tokensPerFrame), MergeInput.SideOf(tokensPerFrame)));

    /// <inheritdoc/>
    public int Kept(VisionGrid grid) => Pooled(grid).Count;

    private VisionGrid Pooled(VisionGrid grid)
        => grid with { Rows = Math.Min(Side, grid.Rows), Columns = Math.Min(Side, grid.Columns) };

    /// <inheritdoc/>
    public MergedTokens Merge(MergeInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        VisionGrid from = input.Cells, to = Pooled(from);
        if (to == from)
            return IdentityMerger.Instance.Merge(input);
        using var scope = NewDisposeScope();
        float[] pooling = Pooling(from, to);
        var pooled = matmul(tensor(pooling, [to.PerFrame, from.PerFrame]).to(input.Features.device), input.Features);
        var frame = Provenance.OfMatrix(to.PerFrame, from.PerFrame, pooling);
        return new MergedTokens(
            pooled.flatten(0, 1).MoveToOuterDisposeScope(), Provenance.Concat([.. Enumerable.Repeat(frame, input.Frames)]))
        { Grid = to };
    }

    // Adaptive average pooling as a matrix: cell i of g covers rows floor(i G / g) .. ceil((i + 1) G / g) - 1, likewise columns.
    private static float[] Pooling(VisionGrid from, VisionGrid to)
    {
        var matrix = new float[to.PerFrame * from.PerFrame];
        for (int y = 0; y < to.Rows; y++)
        {
            var (top, bottom) = Covered(y, from.Rows, to.Rows);
            for (int x = 0; x < to.Columns; x++)
            {
                var (left, right) = Covered(x, from.Columns, to.Columns);
                for (int i = top; i < bottom; i++)
                {
                    for (int j = left; j < right; j++)
                    {
                        matrix[(((y * to.Columns + x) * from.Rows + i) * from.Columns) + j] =
                            1f / ((bottom - top) * (right - left));
                    }
                }
            }
        }

        return matrix;
    }

    private static (int First, int End) Covered(int cell, int from, int to)
        => (cell * from / to, ((cell + 1) * from + to - 1) / to);
}
