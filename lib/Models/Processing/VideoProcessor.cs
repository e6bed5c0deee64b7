namespace Aim.Models;

/// <summary>
/// From RGB frames to the tower's input, after <c>video_preprocessor_config.json</c> (or <c>preprocessor_config.json</c>, where
/// older checkpoints keep both): resized to the square without regard to their shape, rescaled and normalised.
/// </summary>
public sealed class VideoProcessor
{
    private static readonly double[] s_half = [0.5, 0.5, 0.5];
    private readonly PixelNormalizer _pixels;

    /// <param name="height">Height of a frame in pixels.</param>
    /// <param name="width">Width of a frame in pixels.</param>
    /// <param name="rescale">What a byte is multiplied with.</param>
    /// <param name="mean">Mean of each channel, after rescaling.</param>
    /// <param name="deviation">Standard deviation of each channel, after rescaling.</param>
    public VideoProcessor(int height, int width, double rescale, IReadOnlyList<double> mean, IReadOnlyList<double> deviation)
        : this(height, width, new PixelNormalizer(rescale, mean, deviation))
    {
    }

    private VideoProcessor(int height, int width, PixelNormalizer pixels) => (Height, Width, _pixels) = (height, width, pixels);

    /// <summary>Height of a frame in pixels.</summary>
    public int Height { get; }

    /// <summary>Width of a frame in pixels.</summary>
    public int Width { get; }

    /// <summary>
    /// Reads a checkpoint directory's settings; what the files leave out is SigLIP's (mean and deviation 0.5, bytes / 255).
    /// </summary>
    /// <exception cref="CheckpointException">A file is missing or a field is wrong; the message names it.</exception>
    public static VideoProcessor Load(string directory, VisionConfig vision)
    {
        ArgumentNullException.ThrowIfNull(vision);
        string path = Path.Combine(directory, "video_preprocessor_config.json");
        var file = ConfigSection.Load(File.Exists(path) ? path : Path.Combine(directory, "preprocessor_config.json"));
        var pixels = PixelNormalizer.Read(file, s_half, s_half);
        var (height, width) = ReadSize(file, vision);
        return new VideoProcessor(height, width, pixels);
    }

    /// <summary>The <c>size</c> of a processor that brings every picture to the tower's square.</summary>
    internal static (int Height, int Width) ReadSize(ConfigSection file, VisionConfig vision)
    {
        var size = file.Section("size");
        int side = vision.ImageSize, height = size?.Int("height", side) ?? side, width = size?.Int("width", side) ?? side;
        return height == side && width == side
            ? (height, width)
            : throw file.Error("size", $"{height} x {width} differs from the tower's image_size {side}");
    }

    /// <summary>Resizes, rescales and normalises frames of any size.</summary>
    /// <returns><c>[frames, 3, height, width]</c>, float32.</returns>
    /// <exception cref="ArgumentException">There is no frame.</exception>
    public Tensor ToPixelValues(IReadOnlyList<RgbImage> frames)
    {
        ArgumentNullException.ThrowIfNull(frames);
        if (frames.Count == 0)
            throw new ArgumentException("a video needs at least one frame", nameof(frames));
        return _pixels.ToTensor([.. frames.Select(frame => BicubicResize.Resize(frame, Height, Width))]);
    }

    /// <summary>Rescales and normalises frames that have the model's size already.</summary>
    /// <param name="rgb">
    /// Bytes, frame after frame, row after row, red, green and blue of each pixel: frames * height * width * 3.
    /// </param>
    /// <param name="frames">Number of frames.</param>
    /// <param name="height">Their height; must be <see cref="Height"/>.</param>
    /// <param name="width">Their width; must be <see cref="Width"/>.</param>
    /// <returns><c>[frames, 3, height, width]</c>, float32.</returns>
    /// <exception cref="ArgumentException">The frames have another size, or the bytes do not fit it.</exception>
    public Tensor ToPixelValues(ReadOnlySpan<byte> rgb, int frames, int height, int width)
    {
        if (height != Height || width != Width)
        {
            throw new ArgumentException(
                $"frames of {height} x {width} pixels do not fit the model: {Height} x {Width} is expected", nameof(height));
        }

        int one = height * width * PixelNormalizer.Channels;
        if (frames < 1 || rgb.Length != (long)frames * one)
        {
            throw new ArgumentException(
                $"{rgb.Length} bytes are not {frames} frames of {height} x {width} RGB pixels", nameof(rgb));
        }

        var values = new float[rgb.Length];
        for (int frame = 0; frame < frames; frame++)
            _pixels.Fill(rgb.Slice(frame * one, one), values.AsSpan(frame * one, one));
        return tensor(values, [frames, PixelNormalizer.Channels, height, width]);
    }
}
