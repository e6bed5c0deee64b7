namespace Aim.Models;

/// <summary>
/// From RGB frames to the tower's input, after <c>video_preprocessor_config.json</c> (or <c>preprocessor_config.json</c>, where older
/// checkpoints keep both): rescaled and normalised. Frames must have the configured size already.
/// </summary>
public sealed class VideoProcessor
{
    private const int Channels = 3;
    private readonly float[] _table;

    /// <param name="height">Height of a frame in pixels.</param>
    /// <param name="width">Width of a frame in pixels.</param>
    /// <param name="rescale">What a byte is multiplied with.</param>
    /// <param name="mean">Mean of each channel, after rescaling.</param>
    /// <param name="deviation">Standard deviation of each channel, after rescaling.</param>
    public VideoProcessor(int height, int width, double rescale, IReadOnlyList<double> mean, IReadOnlyList<double> deviation)
    {
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(deviation);
        Height = height;
        Width = width;

        // A byte has 256 values. Upstream rescales in float64, rounds to float32, and normalises in float32.
        _table = new float[Channels * 256];
        for (int c = 0; c < Channels; c++)
        {
            for (int value = 0; value < 256; value++)
                _table[(c * 256) + value] = ((float)(value * rescale) - (float)mean[c]) / (float)deviation[c];
        }
    }

    /// <summary>Height of a frame in pixels.</summary>
    public int Height { get; }

    /// <summary>Width of a frame in pixels.</summary>
    public int Width { get; }

    /// <summary>Reads a checkpoint directory's settings; what the files leave out is SigLIP's (mean and deviation 0.5, bytes / 255).</summary>
    /// <exception cref="CheckpointException">A file is missing or a field is wrong; the message names it.</exception>
    public static VideoProcessor Load(string directory, VisionConfig vision)
    {
        ArgumentNullException.ThrowIfNull(vision);
        string path = Path.Combine(directory, "video_preprocessor_config.json");
        var file = ConfigSection.Load(File.Exists(path) ? path : Path.Combine(directory, "preprocessor_config.json"));
        bool rescale = file.Bool("do_rescale", true), normalize = file.Bool("do_normalize", true);
        double factor = file.Positive("rescale_factor", 1.0 / 255);
        double[] mean = file.Numbers("image_mean", [0.5, 0.5, 0.5], Channels), deviation = file.Numbers("image_std", [0.5, 0.5, 0.5], Channels);
        if (deviation.Any(d => d <= 0))
            throw file.Error("image_std", "every deviation must be greater than zero");
        var size = file.Section("size");
        int height = size?.Int("height", vision.ImageSize) ?? vision.ImageSize, width = size?.Int("width", vision.ImageSize) ?? vision.ImageSize;
        if (height != vision.ImageSize || width != vision.ImageSize)
            throw file.Error("size", $"{height} x {width} differs from the tower's image_size {vision.ImageSize}");
        return new VideoProcessor(
            height, width, rescale ? factor : 1, normalize ? mean : new double[Channels], normalize ? deviation : [1, 1, 1]);
    }

    /// <summary>Rescales and normalises frames.</summary>
    /// <param name="rgb">Bytes, frame after frame, row after row, red, green and blue of each pixel: frames * height * width * 3.</param>
    /// <param name="frames">Number of frames.</param>
    /// <param name="height">Their height; must be <see cref="Height"/>.</param>
    /// <param name="width">Their width; must be <see cref="Width"/>.</param>
    /// <returns><c>[frames, 3, height, width]</c>, float32.</returns>
    /// <exception cref="ArgumentException">The frames have another size, or the bytes do not fit it.</exception>
    public Tensor ToPixelValues(ReadOnlySpan<byte> rgb, int frames, int height, int width)
    {
        if (height != Height || width != Width)
            throw new ArgumentException($"frames of {height} x {width} pixels do not fit the model: {Height} x {Width} is expected", nameof(height));
        int pixels = height * width;
        if (frames < 1 || rgb.Length != (long)frames * pixels * Channels)
            throw new ArgumentException($"{rgb.Length} bytes are not {frames} frames of {height} x {width} RGB pixels", nameof(rgb));
        var values = new float[rgb.Length];
        for (int frame = 0; frame < frames; frame++)
        {
            var source = rgb.Slice(frame * pixels * Channels, pixels * Channels);
            for (int c = 0; c < Channels; c++)
            {
                var table = _table.AsSpan(c * 256, 256);
                var plane = values.AsSpan(((frame * Channels) + c) * pixels, pixels);
                for (int i = 0; i < plane.Length; i++)
                    plane[i] = table[source[(i * Channels) + c]];
            }
        }

        return tensor(values, [frames, Channels, height, width]);
    }
}
