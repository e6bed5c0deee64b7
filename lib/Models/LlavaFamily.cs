namespace Aim.Models;

/// <summary>
/// What the LLaVA families share beside a <see cref="MultimodalModel"/>'s decoder: a vision tower that sees tiles of one size,
/// and a projector. A family adds how pictures become tokens, and videos where it has them.
/// </summary>
public abstract class LlavaFamily : MultimodalModel
{
    private protected LlavaFamily(LlavaFamilyConfig config, WeightStore weights, string? weightsPath, WeightResidency products)
        : base(config, weights, weightsPath, products)
    {
        Tower = new VisionTower(config.Vision, weights, MultimodalWeights.Tower);
        Projector = new MultimodalProjector(weights, MultimodalWeights.Projector, config.ProjectorLayers);
    }

    /// <inheritdoc/>
    public abstract override LlavaFamilyConfig Config { get; }

    /// <summary>The vision tower, whose attention methods may <see cref="VisionTower.Look">look at</see>.</summary>
    public VisionTower Tower { get; }

    internal MultimodalProjector Projector { get; }

    /// <summary>The learned token <c>[dim]</c> that stands after rows of a picture; null for a family without one.</summary>
    public Tensor? Newline => Config.HasNewline ? Weights.Get(MultimodalWeights.Newline) : null;

    /// <summary>Prepares the pictures of one prompt for the tower, as the checkpoint's processor files say.</summary>
    /// <param name="pictures">In the order of their placeholders.</param>
    /// <exception cref="CheckpointException">The processor's settings are missing or not supported.</exception>
    public abstract IReadOnlyList<PreparedImage> Prepare(IReadOnlyList<RgbImage> pictures);

    /// <inheritdoc/>
    public override IReadOnlyList<PromptVisual> Pictures(IReadOnlyList<RgbImage> pictures)
    {
        using var scope = NewDisposeScope();
        return [.. Prepare(pictures).Select(picture => new LlavaPicture(this, picture))];
    }

    /// <summary>What the tower gives for tiles, pictures or frames, before the projector.</summary>
    /// <param name="pixelValues"><c>[tiles, 3, height, width]</c>, normalised.</param>
    /// <param name="merger">Merges tokens within the tower; null: all stay.</param>
    /// <param name="cancel">Ends it before the tower's next layer.</param>
    /// <returns>
    /// <c>[tiles, features, vision dim]</c>, features = <see cref="LlavaFamilyConfig.FeaturesPerTile"/>, or what the merger
    /// leaves of them.
    /// </returns>
    public Tensor VisionFeatures(Tensor pixelValues, ITowerMerger? merger = null, CancellationToken cancel = default)
    {
        using var scope = NewDisposeScope();
        return Select(Tower.Forward(pixelValues, Config.VisionLayersUsed, merger, cancel)).MoveToOuterDisposeScope();
    }

    /// <summary>Of the tower's output <c>[tiles, tokens, vision dim]</c> the rows that enter the projector.</summary>
    public Tensor Select(Tensor hidden)
    {
        ArgumentNullException.ThrowIfNull(hidden);
        return Config.DropsClass ? hidden.narrow(1, 1, hidden.shape[1] - 1) : hidden.alias();
    }

    /// <summary>Projects the tower's features to the decoder's width: what pictures are packed from.</summary>
    /// <param name="visionFeatures"><c>[tiles, features, vision dim]</c>.</param>
    /// <returns><c>[tiles, features, dim]</c>.</returns>
    public Tensor Project(Tensor visionFeatures) => Projector.Forward(visionFeatures);

    /// <summary>
    /// Each picture's tokens, from the projected features of all pictures' tiles; gradients flow to them and to the newline.
    /// </summary>
    /// <param name="projected"><c>[tiles, features, dim]</c>, picture after picture.</param>
    /// <param name="layouts">The pictures' layouts.</param>
    /// <returns>For each picture <c>[tokens, dim]</c>, newlines included.</returns>
    /// <exception cref="ArgumentException">There are more or fewer tiles than the layouts say.</exception>
    public IReadOnlyList<Tensor> PictureTokens(Tensor projected, IReadOnlyList<ImageLayout> layouts)
    {
        ArgumentNullException.ThrowIfNull(projected);
        ArgumentNullException.ThrowIfNull(layouts);
        int tiles = layouts.Sum(l => l.Tiles), first = 0;
        if (projected.shape[0] != tiles)
        {
            throw new ArgumentException(
                $"{projected.shape[0]} tiles are given where the layouts have {tiles}", nameof(projected));
        }

        var tokens = new List<Tensor>();
        foreach (var layout in layouts)
        {
            tokens.Add(layout.Pack(projected.narrow(0, first, layout.Tiles), Newline));
            first += layout.Tiles;
        }

        return tokens;
    }

    /// <summary>Each picture's tokens, from its pixels.</summary>
    /// <returns>For each picture <c>[tokens, dim]</c>, newlines included.</returns>
    public IReadOnlyList<Tensor> PictureTokens(IReadOnlyList<PreparedImage> pictures)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        if (pictures.Count == 0)
            return [];
        using var scope = NewDisposeScope();
        var pixels = cat(pictures.Select(p => p.PixelValues).ToArray(), 0);
        var tokens = PictureTokens(Project(VisionFeatures(pixels)), [.. pictures.Select(p => p.Layout)]);
        return [.. tokens.Select(t => t.MoveToOuterDisposeScope())];
    }

    /// <summary>The decoder's input: token embeddings with each picture's tokens in the place of its placeholder.</summary>
    /// <param name="ids">A prompt with one image placeholder a picture.</param>
    /// <param name="pictures">
    /// Each picture's tokens <c>[v, dim]</c>, newlines included, merged or not; all are visual (and prunable).
    /// </param>
    /// <returns>Embeddings <c>[1, n, dim]</c> and which of the n slots are visual.</returns>
    /// <exception cref="ArgumentException">Placeholders and pictures do not fit together.</exception>
    public virtual (Tensor Embeds, PromptLayout Layout) PackPictures(IReadOnlyList<int> ids, IReadOnlyList<Tensor> pictures)
    {
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentNullException.ThrowIfNull(pictures);
        return PromptPacking.Pack(Language, ids, [Config.ImageTokenId], pictures, "image");
    }
}
