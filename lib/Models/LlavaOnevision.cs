namespace Aim.Models;

/// <summary>
/// LLaVA-OneVision: SigLIP tower, two-layer projector, single pictures in tiles, videos as pooled frames, a Qwen2 decoder.
/// </summary>
public sealed class LlavaOnevision : LlavaFamily
{
    private readonly Lazy<VideoProcessor> _videoProcessor;
    private readonly Lazy<OnevisionImageProcessor> _imageProcessor;

    internal LlavaOnevision(LlavaOnevisionConfig config, WeightStore weights, string? weightsPath, WeightResidency products)
        : base(config, weights, weightsPath, products)
    {
        Config = config;
        _videoProcessor = new(() => VideoProcessor.Load(SourceDirectory, config.Vision));
        _imageProcessor = new(() => OnevisionImageProcessor.Load(SourceDirectory, config));
    }

    /// <inheritdoc/>
    public override LlavaOnevisionConfig Config { get; }

    /// <summary>
    /// The learned token <c>[dim]</c> that follows each row of a picture's tiles, and the last frame of a video.
    /// </summary>
    public Tensor ImageNewline => Newline!;

    /// <summary>The video processor of the checkpoint directory.</summary>
    /// <exception cref="CheckpointException">Its settings are missing or not supported.</exception>
    public VideoProcessor VideoProcessor => _videoProcessor.Value;

    /// <summary>Loads a checkpoint directory of this family.</summary>
    /// <inheritdoc cref="MultimodalModel.Load(string, bool, WeightResidency)"/>
    public static new LlavaOnevision Load(
        string directory, bool trainable = false, WeightResidency products = WeightResidency.Packed)
    {
        CheckDirectory(directory);
        return (LlavaOnevision)Load(LlavaOnevisionConfig.Load(directory), directory, trainable, products);
    }

    /// <inheritdoc cref="MultimodalModel.Create"/>
    public static LlavaOnevision Create(LlavaOnevisionConfig config, ulong seed, bool trainable)
        => (LlavaOnevision)MultimodalModel.Create(config, seed, trainable);

    /// <inheritdoc/>
    public override IReadOnlyList<PreparedImage> Prepare(IReadOnlyList<RgbImage> pictures)
        => _imageProcessor.Value.Prepare(pictures);

    /// <summary>Projects the tower's features to the decoder's width and pools each frame.</summary>
    /// <param name="visionFeatures"><c>[frames, patches, vision dim]</c>.</param>
    /// <returns><c>[frames, tokens, dim]</c>, tokens = <see cref="LlavaOnevisionConfig.TokensPerFrame"/>.</returns>
    public Tensor ProjectAndPool(Tensor visionFeatures)
    {
        using var scope = NewDisposeScope();
        return FramePooling.Pool(Project(visionFeatures)).MoveToOuterDisposeScope();
    }

    /// <summary>The visual tokens of a video's frames, in order, without the newline: <c>[frames, tokens, dim]</c>.</summary>
    /// <param name="pixelValues"><c>[frames, 3, height, width]</c>, normalised.</param>
    /// <param name="cancel">Ends it before the tower's next layer.</param>
    public Tensor VideoFeatures(Tensor pixelValues, CancellationToken cancel = default)
    {
        using var scope = NewDisposeScope();
        return ProjectAndPool(VisionFeatures(pixelValues, cancel: cancel)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override PromptVisual Video(IReadOnlyList<RgbImage> frames)
    {
        using var scope = NewDisposeScope();
        return new OnevisionVideo(this, VideoProcessor.ToPixelValues(frames));
    }

    /// <summary>The decoder's input: token embeddings with a video's tokens in the place of its placeholder.</summary>
    /// <param name="ids">A prompt with exactly one video placeholder, or with none if there are no visual tokens.</param>
    /// <param name="visualTokens">
    /// <c>[v, dim]</c>, all frames' tokens in order, merged or not; image_newline is appended after the last and is visual (and
    /// prunable) too.
    /// </param>
    /// <returns>Embeddings <c>[1, n, dim]</c> and which of the n slots are visual.</returns>
    /// <exception cref="ArgumentException">Placeholders and visual tokens do not fit together.</exception>
    public (Tensor Embeds, PromptLayout Layout) Pack(IReadOnlyList<int> ids, Tensor? visualTokens)
    {
        ArgumentNullException.ThrowIfNull(ids);
        if (ids.Contains(Config.ImageTokenId))
            throw new ArgumentException("the prompt holds an image placeholder where a video is packed", nameof(ids));
        using var scope = NewDisposeScope();
        Tensor[] visual = visualTokens is null ? [] : [WithNewline(visualTokens)];
        var (embeds, layout) = PromptPacking.Pack(Language, ids, [Config.VideoTokenId], visual, "video");
        return (embeds.MoveToOuterDisposeScope(), layout);
    }

    // Tokens of another shape are left for the packing to name.
    private Tensor WithNewline(Tensor tokens)
        => tokens.shape is [_, var dim] && dim == Config.Text.HiddenSize ? cat([tokens, ImageNewline.unsqueeze(0)], 0) : tokens;

    /// <inheritdoc/>
    public override (Tensor Embeds, PromptLayout Layout) PackPictures(IReadOnlyList<int> ids, IReadOnlyList<Tensor> pictures)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return ids.Contains(Config.VideoTokenId)
            ? throw new ArgumentException("the prompt holds a video placeholder where pictures are packed", nameof(ids))
            : base.PackPictures(ids, pictures);
    }
}
