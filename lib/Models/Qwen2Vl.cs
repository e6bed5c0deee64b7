namespace Aim.Models;

/// <summary>
/// Qwen2-VL: pictures and videos of any size, a vision transformer with 2-D rotary positions whose merger makes tokens of 2 x 2
/// patches (and of two frames), a Qwen2 decoder with positions in time, height and width (M-RoPE).
/// </summary>
public sealed class Qwen2Vl : MultimodalModel
{
    private readonly Lazy<Qwen2VlProcessor> _pictures, _videos;

    internal Qwen2Vl(Qwen2VlConfig config, WeightStore weights, string? weightsPath, WeightResidency products)
        : base(config, weights, weightsPath, products)
    {
        Config = config;
        Tower = new Qwen2VlTower(config.Vision, weights, Qwen2VlWeights.Tower);
        _pictures = new(() => Qwen2VlProcessor.Load(SourceDirectory, config.Vision, video: false));
        _videos = new(() => Qwen2VlProcessor.Load(SourceDirectory, config.Vision, video: true));
    }

    /// <inheritdoc/>
    public override Qwen2VlConfig Config { get; }

    /// <summary>The vision transformer and its merger.</summary>
    public Qwen2VlTower Tower { get; }

    /// <summary>Loads a checkpoint directory of this family.</summary>
    /// <inheritdoc cref="MultimodalModel.Load(string, bool, WeightResidency)"/>
    public static new Qwen2Vl Load(string directory, bool trainable = false, WeightResidency products = WeightResidency.Packed)
    {
        CheckDirectory(directory);
        return (Qwen2Vl)Load(Qwen2VlConfig.Load(directory), directory, trainable, products);
    }

    /// <inheritdoc cref="MultimodalModel.Create"/>
    public static Qwen2Vl Create(Qwen2VlConfig config, ulong seed, bool trainable)
        => (Qwen2Vl)MultimodalModel.Create(config, seed, trainable);

    /// <summary>Prepares a picture as the checkpoint's processor files say.</summary>
    /// <exception cref="CheckpointException">The processor's settings are missing or not supported.</exception>
    /// <exception cref="ArgumentException">One side is more than 200 times the other.</exception>
    public PatchedVisual PreparePicture(RgbImage picture) => _pictures.Value.Prepare([picture]);

    /// <summary>Prepares a video's frames.</summary>
    /// <inheritdoc cref="PreparePicture"/>
    public PatchedVisual PrepareVideo(IReadOnlyList<RgbImage> frames) => _videos.Value.Prepare(frames);

    /// <summary>The grid of the tokens that a picture or video becomes.</summary>
    public VisionGrid TokenGrid(VisionGrid patches) => patches.Divide(Config.Vision.SpatialMergeSize);

    /// <summary>The tokens of a picture or video, of the decoder's width; a frame here is a pair of a video's frames.</summary>
    /// <param name="visual">Its patches.</param>
    /// <param name="cancel">Ends it before the tower's next block.</param>
    /// <returns><c>[frames, tokens, dim]</c>, row after row, as many as <see cref="TokenGrid"/> says.</returns>
    public Tensor Features(PatchedVisual visual, CancellationToken cancel = default)
    {
        using var scope = NewDisposeScope();
        return Tower.Merge(Tower.Forward(visual, Config.Vision.Depth, cancel)).MoveToOuterDisposeScope();
    }

    /// <summary>A picture or video as it goes into the prompt, unreduced.</summary>
    /// <param name="visual">Its patches.</param>
    /// <param name="isVideo">Whether it stands in a video's placeholder.</param>
    public VisualTokens Tokens(PatchedVisual visual, bool isVideo = false)
    {
        ArgumentNullException.ThrowIfNull(visual);
        using var scope = NewDisposeScope();
        var tokens = Features(visual).flatten(0, 1).MoveToOuterDisposeScope();
        return new VisualTokens(tokens, VisualPositions.Of(TokenGrid(visual.Grid)), isVideo);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<PromptVisual> Pictures(IReadOnlyList<RgbImage> pictures)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        return [.. pictures.Select(picture => new Qwen2VlVisual(this, PreparePicture(picture), isVideo: false))];
    }

    /// <inheritdoc/>
    public override PromptVisual Video(IReadOnlyList<RgbImage> frames)
        => new Qwen2VlVisual(this, PrepareVideo(frames), isVideo: true);

    private protected override PromptLayout Position(PromptLayout layout, IReadOnlyList<VisualTokens> visuals)
    {
        foreach (var visual in visuals)
        {
            int? positions = visual.Positions?.Cells.Count;
            if (visual.Tokens.shape[0] != positions)
                throw new ArgumentException($"{visual.Tokens.shape[0]} tokens have {positions ?? 0} positions", nameof(visuals));
        }

        return layout with { Positions = VisualPositions.OfPrompt(layout.IsVisual, [.. visuals.Select(v => v.Positions!)]) };
    }
}
