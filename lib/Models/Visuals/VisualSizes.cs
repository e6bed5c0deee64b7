namespace Aim.Models;

/// <summary>
/// What pictures and videos of some size become in a checkpoint's prompts, known from its configuration and processor files:
/// neither weights nor pixels are read. Equal to the shapes of what <see cref="MultimodalModel.Pictures"/> and
/// <see cref="MultimodalModel.Video"/> make.
/// </summary>
public sealed class VisualSizes
{
    private readonly MultimodalConfig _config;
    private readonly Qwen2VlProcessor? _pictures, _videos;

    private VisualSizes(MultimodalConfig config, Qwen2VlProcessor? pictures, Qwen2VlProcessor? videos)
        => (_config, _pictures, _videos) = (config, pictures, videos);

    /// <summary>The sizes of a checkpoint.</summary>
    /// <param name="config">Its configuration, loaded from its directory.</param>
    /// <exception cref="CheckpointException">A processor's file is missing or not supported; the message names it.</exception>
    public static VisualSizes Of(MultimodalConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        if (config is not Qwen2VlConfig qwen)
            return new VisualSizes(config, null, null);
        string directory = config.Directory
            ?? throw new ArgumentException("the sizes of pictures follow from a checkpoint's files", nameof(config));
        return new VisualSizes(
            config, Qwen2VlProcessor.Load(directory, qwen.Vision, video: false),
            Qwen2VlProcessor.Load(directory, qwen.Vision, video: true));
    }

    /// <summary>A prompt's only picture.</summary>
    /// <param name="size">
    /// Tells its height and width in pixels; asked only where tokens depend on them (not by LLaVA-1.5, which crops).
    /// </param>
    /// <exception cref="ArgumentException">The family cannot take a picture of this shape.</exception>
    public VisualShape Picture(Func<(int Height, int Width)> size)
    {
        ArgumentNullException.ThrowIfNull(size);
        if (_pictures is not null)
            return Patched(_pictures, 1, size());
        var (height, width) = _config is TiledConfig ? size() : default;
        var layout = ((LlavaFamilyConfig)_config).LayoutOf(height, width, pictures: 1);
        return new VisualShape(layout.Views, layout.Newlines, ((LlavaFamilyConfig)_config).PatchesOf(layout.Tiles));
    }

    /// <summary>A video.</summary>
    /// <param name="frames">Frames that are taken of it.</param>
    /// <param name="size">Tells their height and width; not asked by LLaVA-OneVision, whose frames are squares.</param>
    /// <exception cref="NotSupportedException">The family takes no videos.</exception>
    /// <exception cref="ArgumentException">The family cannot take frames of this shape.</exception>
    public VisualShape Video(int frames, Func<(int Height, int Width)> size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(frames, 1);
        ArgumentNullException.ThrowIfNull(size);
        if (_videos is not null)
            return Patched(_videos, frames, size());
        return _config is LlavaOnevisionConfig { PooledSide: var side } onevision
            ? new VisualShape([new VisionGrid(frames, side, side)], Newlines: 1, onevision.PatchesOf(frames))
            : throw MultimodalModel.NoVideos(_config.ModelType);
    }

    private VisualShape Patched(Qwen2VlProcessor processor, int frames, (int Height, int Width) size)
    {
        var patches = processor.GridOf(frames, size.Height, size.Width);
        return new VisualShape(
            [patches.Divide(((Qwen2VlConfig)_config).Vision.SpatialMergeSize)], 0, patches, HasPositions: true);
    }
}
