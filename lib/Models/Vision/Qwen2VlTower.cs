namespace Aim.Models;

/// <summary>
/// Qwen2-VL's vision transformer: pictures of any size as patches, 2-D rotary positions instead of learned ones, attention within
/// one frame of one picture, and a merger that makes a token of the decoder's width of every 2 x 2 patches. Patches come in the
/// merger's order: the four of a square are neighbours, squares follow each other row by row.
/// </summary>
public sealed class Qwen2VlTower
{
    private readonly Weight _patches;
    private readonly Qwen2VlBlock[] _blocks;
    private readonly RotaryEmbedding _rotary;
    private readonly LayerNorm _norm;
    private readonly Linear _first, _second;

    /// <summary>Wires the tower to its weights, which stay the store's.</summary>
    /// <param name="config">The tower's shape.</param>
    /// <param name="weights">Weights under Hugging Face's names.</param>
    /// <param name="prefix">What stands before <c>patch_embed.</c>, <c>blocks.</c> and <c>merger.</c></param>
    public Qwen2VlTower(Qwen2VlVisionConfig config, WeightStore weights, string prefix)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        Config = config;
        _patches = weights[prefix + "patch_embed.proj.weight"];
        _blocks = [.. Enumerable.Range(0, config.Depth).Select(i => new Qwen2VlBlock(config, weights, $"{prefix}blocks.{i}."))];
        _rotary = RotaryEmbedding.OfGrid(config.HeadDim);
        _norm = new LayerNorm(weights, prefix + "merger.ln_q", config.EmbedDim, Qwen2VlVisionConfig.LayerNormEps);
        _first = new Linear(weights, prefix + "merger.mlp.0");
        _second = new Linear(weights, prefix + "merger.mlp.2");
    }

    /// <summary>The tower's shape.</summary>
    public Qwen2VlVisionConfig Config { get; }

    /// <summary>The input of the first block: a convolution whose stride is its kernel, without bias.</summary>
    /// <param name="visual">A picture or video.</param>
    /// <returns><c>[frames, patches, dim]</c>.</returns>
    /// <exception cref="ArgumentException">The patches do not fit their grid or the tower.</exception>
    public Tensor Embed(PatchedVisual visual)
    {
        ArgumentNullException.ThrowIfNull(visual);
        var (patches, grid) = (visual.Patches, visual.Grid);
        int side = Config.SpatialMergeSize;
        if (patches.shape is not [var count, var values] || values != Config.PatchValues || count != grid.Count
            || grid.Rows % side != 0 || grid.Columns % side != 0)
        {
            throw new ArgumentException(
                $"patches [{string.Join(", ", patches.shape)}] of a grid of {grid} do not fit the tower: "
                + $"[{grid.Count}, {Config.PatchValues}] is expected, rows and columns being multiples of {side}",
                nameof(visual));
        }

        using var scope = NewDisposeScope();
        return FusedOps.linear(patches, _patches).reshape(grid.Frames, grid.PerFrame, Config.EmbedDim).MoveToOuterDisposeScope();
    }

    /// <summary>The residual stream after the first <paramref name="blocks"/> blocks.</summary>
    /// <param name="visual">A picture or video.</param>
    /// <param name="blocks">How many blocks run, from 0 to all.</param>
    /// <param name="cancel">Ends it before its next block.</param>
    /// <returns><c>[frames, patches, dim]</c>.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was raised.</exception>
    public Tensor Forward(PatchedVisual visual, int blocks, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(visual);
        ArgumentOutOfRangeException.ThrowIfNegative(blocks);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(blocks, _blocks.Length);
        using var scope = NewDisposeScope();
        var hidden = Embed(visual);
        var (cos, sin) = Tables(visual.Grid, hidden);
        for (int i = 0; i < blocks; i++)
        {
            cancel.ThrowIfCancellationRequested();
            using var blockScope = NewDisposeScope();
            var input = hidden;
            hidden = _blocks[i].Forward(input, cos, sin).MoveToOuterDisposeScope();
            if (!hidden.requires_grad)
                input.Dispose();
        }

        return hidden.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// Queries and keys of a block as its attention compares them (rotated), heads side by side: each <c>[frames, patches,
    /// dim]</c>.
    /// </summary>
    /// <param name="visual">A picture or video.</param>
    /// <param name="block">The block, from 0.</param>
    public (Tensor Query, Tensor Key) Look(PatchedVisual visual, int block)
    {
        ArgumentNullException.ThrowIfNull(visual);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(block, _blocks.Length);
        using var scope = NewDisposeScope();
        var hidden = Forward(visual, block);
        var (cos, sin) = Tables(visual.Grid, hidden);
        var (query, key, _) = _blocks[block].Project(hidden, cos, sin);
        Tensor Joined(Tensor x) => x.transpose(1, 2).reshape(hidden.shape).MoveToOuterDisposeScope();
        return (Joined(query), Joined(key));
    }

    /// <summary>
    /// Makes tokens of the last block's output: LayerNorm of each patch, the patches of a square side by side, linear, gelu
    /// (erf),
    /// linear.
    /// </summary>
    /// <param name="hidden"><c>[frames, patches, dim]</c>.</param>
    /// <returns><c>[frames, tokens, decoder's dim]</c>, four patches a token.</returns>
    public Tensor Merge(Tensor hidden)
    {
        ArgumentNullException.ThrowIfNull(hidden);
        using var scope = NewDisposeScope();
        int square = Config.SpatialMergeSize * Config.SpatialMergeSize;
        var joined = _norm.Forward(hidden).reshape(hidden.shape[0], hidden.shape[1] / square, hidden.shape[2] * square);
        return _second.Forward(nn.functional.gelu(_first.Forward(joined))).MoveToOuterDisposeScope();
    }

    // Row and column of every patch of a frame, in the merger's order.
    private (Tensor Cos, Tensor Sin) Tables(VisionGrid grid, Tensor like)
    {
        int side = Config.SpatialMergeSize, n = grid.PerFrame, across = grid.Columns / side;
        var places = new int[2 * n];
        for (int i = 0; i < n; i++)
        {
            int square = i / (side * side), inside = i % (side * side);
            places[i] = (square / across * side) + (inside / side);
            places[n + i] = (square % across * side) + (inside % side);
        }

        return _rotary.Tables(places, 0, n, like);
    }
}
