namespace Aim.Models;

/// <summary>A picture or video as Qwen2-VL's tower takes it.</summary>
/// <param name="Patches">
/// <c>[patches, channels * frames of a patch * rows * columns]</c>, normalised; the patches of a square that becomes one token
/// are
/// neighbours.
/// </param>
/// <param name="Grid">How the patches lie, before squares of them become tokens.</param>
public sealed record PatchedVisual(Tensor Patches, VisionGrid Grid);

/// <summary>
/// Qwen2-VL's processing of pictures and videos (transformers' <c>Qwen2VLImageProcessor</c> with Pillow, and
/// <c>Qwen2VLVideoProcessor</c>): each is resized to a multiple of the token's side within limits of its area, near its own
/// shape;
/// frames go in pairs.
/// </summary>
public sealed class Qwen2VlProcessor
{
    private const int MostLopsided = 200;
    private static readonly double[] s_mean = [0.48145466, 0.4578275, 0.40821073];
    private static readonly double[] s_deviation = [0.26862954, 0.26130258, 0.27577711];

    private readonly Qwen2VlVisionConfig _config;
    private readonly PixelNormalizer _pixels;
    private readonly int _least, _most;

    private Qwen2VlProcessor(Qwen2VlVisionConfig config, PixelNormalizer pixels, int least, int most)
        => (_config, _pixels, _least, _most) = (config, pixels, least, most);

    /// <summary>
    /// Reads <c>preprocessor_config.json</c> for pictures; for videos <c>video_preprocessor_config.json</c>, or where there is
    /// none
    /// the same file. What it leaves out is upstream's (CLIP's mean and deviation, bytes / 255; areas of 4 to 1,280 tokens for
    /// pictures, 128 to 768 for frames).
    /// </summary>
    /// <exception cref="CheckpointException">
    /// The file is missing, a field is wrong or does not fit config.json; the message names it.
    /// </exception>
    public static Qwen2VlProcessor Load(string directory, Qwen2VlVisionConfig config, bool video)
    {
        ArgumentNullException.ThrowIfNull(config);
        const int Bicubic = 3;
        string pictures = Path.Combine(directory, "preprocessor_config.json");
        string videos = Path.Combine(directory, "video_preprocessor_config.json");
        var file = ConfigSection.Load(video && File.Exists(videos) ? videos : pictures);
        if (!file.Bool("do_resize", true))
            throw file.Error("do_resize", "must be true: sizes of pictures are multiples of a token's side");
        if (file.Int("resample", Bicubic, 0) != Bicubic)
            throw file.Error("resample", $"must be {Bicubic} (bicubic)");
        Same(file, "patch_size", 14, config.PatchSize, "patch_size");
        Same(file, "temporal_patch_size", 2, config.TemporalPatchSize, "temporal_patch_size");
        Same(file, "merge_size", 2, config.SpatialMergeSize, "spatial_merge_size");

        // min_pixels and max_pixels are the older fields, and win.
        var size = file.Section("size");
        if (size is { } given && given.Has("shortest_edge") != given.Has("longest_edge"))
            throw file.Error("size", "shortest_edge and longest_edge (least and most pixels) are expected together");
        const int Token = 28 * 28;
        int least = file.Int("min_pixels", size?.Int("shortest_edge", Least(video)) ?? Least(video));
        int most = file.Int("max_pixels", size?.Int("longest_edge", Most(video)) ?? Most(video));
        return least <= most
            ? new Qwen2VlProcessor(config, PixelNormalizer.Read(file, s_mean, s_deviation), least, most)
            : throw file.Error("max_pixels", $"{most} (or size.longest_edge) is less than the least number of pixels, {least}");

        static int Least(bool video) => (video ? 128 : 4) * Token;
        static int Most(bool video) => (video ? 768 : 1280) * Token;
    }

    private static void Same(ConfigSection file, string field, int fallback, int config, string configField)
    {
        if (file.Int(field, fallback) is var given && given != config)
            throw file.Error(field, $"{given} differs from vision_config.{configField} {config} in config.json");
    }

    /// <summary>
    /// The size that a picture is brought to, transformers' <c>smart_resize</c>: both sides rounded (halves to even) to multiples
    /// of
    /// the token's side; then, where the area is out of its limits, scaled and rounded inwards.
    /// </summary>
    /// <param name="height">The picture's height in pixels.</param>
    /// <param name="width">Its width.</param>
    /// <param name="side">Side of a token in pixels.</param>
    /// <param name="least">Least pixels.</param>
    /// <param name="most">Most pixels; a side is never less than a token's.</param>
    /// <exception cref="ArgumentException">One side is more than 200 times the other.</exception>
    public static (int Height, int Width) SmartResize(int height, int width, int side, int least, int most)
    {
        if ((double)Math.Max(height, width) / Math.Min(height, width) > MostLopsided)
        {
            throw new ArgumentException(
                $"a picture of {height} x {width} pixels is too lopsided for Qwen2-VL: "
                + $"one side may be at most {MostLopsided} times the other");
        }

        double area = (double)height * width;
        long down = (long)Math.Round((double)height / side) * side, across = (long)Math.Round((double)width / side) * side;
        if (down * across > most)
        {
            double beta = Math.Sqrt(area / most);
            return (Floor(height / beta), Floor(width / beta));
        }

        if (down * across < least)
        {
            double beta = Math.Sqrt(least / area);
            return (Ceiling(height * beta), Ceiling(width * beta));
        }

        return ((int)down, (int)across);

        int Floor(double length) => Math.Max(1, (int)Math.Floor(length / side)) * side;
        int Ceiling(double length) => (int)Math.Ceiling(length / side) * side;
    }

    /// <summary>The patches of a picture (one frame) or video, before squares of them become tokens.</summary>
    /// <exception cref="ArgumentException">One side is more than 200 times the other.</exception>
    public VisionGrid GridOf(int frames, int height, int width)
    {
        int patch = _config.PatchSize, time = _config.TemporalPatchSize;
        var (down, across) = SmartResize(height, width, _config.Factor, _least, _most);
        return new VisionGrid((frames + time - 1) / time, down / patch, across / patch);
    }

    /// <summary>Prepares one picture (a single frame, shown as often as a patch has frames) or one video.</summary>
    /// <param name="frames">Of one size; a last pair that is not full repeats the last frame.</param>
    /// <exception cref="ArgumentException">There is no frame, or frames differ in size.</exception>
    public PatchedVisual Prepare(IReadOnlyList<RgbImage> frames)
    {
        ArgumentNullException.ThrowIfNull(frames);
        if (frames.Count == 0)
            throw new ArgumentException("a video needs at least one frame", nameof(frames));
        var (sourceHeight, sourceWidth) = (frames[0].Height, frames[0].Width);
        if (frames.FirstOrDefault(f => f.Height != sourceHeight || f.Width != sourceWidth) is { } other)
        {
            throw new ArgumentException(
                $"frames of a video must have one size; {other.Height} x {other.Width} follows {sourceHeight} x {sourceWidth}",
                nameof(frames));
        }

        int patch = _config.PatchSize, time = _config.TemporalPatchSize;
        var grid = GridOf(frames.Count, sourceHeight, sourceWidth);
        var (height, width) = (grid.Rows * patch, grid.Columns * patch);
        if ((double)grid.Frames * grid.Rows * grid.Columns * _config.PatchValues > Array.MaxLength)
        {
            throw new ArgumentException(
                $"{frames.Count} frames of {height} x {width} pixels are too much for one video; "
                + "give fewer, or a lower max_pixels",
                nameof(frames));
        }

        var values = new float[grid.Count * _config.PatchValues];
        var planes = new float[Qwen2VlVisionConfig.Channels * height * width];
        for (int frame = 0; frame < grid.Frames * time; frame++)
        {
            if (frame < frames.Count)
                _pixels.Fill(BicubicResize.Resize(frames[frame], height, width).Rgb, planes);
            Scatter(planes, grid, frame, values);
        }

        return new PatchedVisual(tensor(values, [grid.Count, _config.PatchValues]), grid);
    }

    // Brings a frame's planes [channels, height, width] to their places in [patches, channels, time, rows, columns].
    private void Scatter(float[] planes, VisionGrid grid, int frame, float[] values)
    {
        int patch = _config.PatchSize, time = _config.TemporalPatchSize, side = _config.SpatialMergeSize;
        int height = grid.Rows * patch, width = grid.Columns * patch, across = grid.Columns / side;
        for (int y = 0; y < grid.Rows; y++)
        {
            for (int x = 0; x < grid.Columns; x++)
            {
                int square = (y / side * across) + (x / side), inside = (y % side * side) + (x % side);
                int at = ((frame / time * grid.PerFrame) + (square * side * side) + inside) * _config.PatchValues;
                for (int channel = 0; channel < Qwen2VlVisionConfig.Channels; channel++)
                {
                    for (int row = 0; row < patch; row++)
                    {
                        int from = (((channel * height) + (y * patch) + row) * width) + (x * patch);
                        int to = at + (((((channel * time) + (frame % time)) * patch) + row) * patch);
                        planes.AsSpan(from, patch).CopyTo(values.AsSpan(to));
                    }
                }
            }
        }
    }
}
