namespace Aim.Models;

/// <summary>
/// From bytes to the tower's numbers: rescaled and normalised, channels first. Upstream rescales in float64, rounds to float32
/// and normalises in float32; a byte has 256 values, so a table holds them all.
/// </summary>
internal sealed class PixelNormalizer
{
    public const int Channels = 3;
    private readonly float[] _table;

    /// <param name="rescale">What a byte is multiplied with.</param>
    /// <param name="mean">Mean of each channel, after rescaling.</param>
    /// <param name="deviation">Standard deviation of each channel, after rescaling.</param>
    public PixelNormalizer(double rescale, IReadOnlyList<double> mean, IReadOnlyList<double> deviation)
    {
        Mean = mean;
        _table = new float[Channels * 256];
        for (int c = 0; c < Channels; c++)
        {
            for (int value = 0; value < 256; value++)
                _table[(c * 256) + value] = ((float)(value * rescale) - (float)mean[c]) / (float)deviation[c];
        }
    }

    /// <summary>Mean of each channel, which is also the colour that squares are padded with.</summary>
    public IReadOnlyList<double> Mean { get; }

    /// <summary>Reads a processor's file; what it leaves out is the family's.</summary>
    /// <exception cref="CheckpointException">A field is wrong; the message names it.</exception>
    public static PixelNormalizer Read(ConfigSection file, double[] mean, double[] deviation)
    {
        bool rescale = file.Bool("do_rescale", true), normalize = file.Bool("do_normalize", true);
        double factor = file.Positive("rescale_factor", 1.0 / 255);
        mean = file.Numbers("image_mean", mean, Channels);
        deviation = file.Numbers("image_std", deviation, Channels);
        if (deviation.Any(d => d <= 0))
            throw file.Error("image_std", "every deviation must be greater than zero");
        return new PixelNormalizer(
            rescale ? factor : 1, normalize ? mean : new double[Channels], normalize ? deviation : [1, 1, 1]);
    }

    /// <summary>Pictures of one size, one after another: <c>[pictures, 3, height, width]</c>.</summary>
    public Tensor ToTensor(IReadOnlyList<RgbImage> pictures)
    {
        int height = pictures[0].Height, width = pictures[0].Width, one = Channels * height * width;
        var values = new float[checked(pictures.Count * one)];
        for (int i = 0; i < pictures.Count; i++)
            Fill(pictures[i].Rgb, values.AsSpan(i * one, one));
        return tensor(values, [pictures.Count, Channels, height, width]);
    }

    /// <summary>One picture's planes.</summary>
    public void Fill(ReadOnlySpan<byte> rgb, Span<float> planes)
    {
        int pixels = rgb.Length / Channels;
        for (int c = 0; c < Channels; c++)
        {
            var table = _table.AsSpan(c * 256, 256);
            var plane = planes.Slice(c * pixels, pixels);
            for (int i = 0; i < plane.Length; i++)
                plane[i] = table[rgb[(i * Channels) + c]];
        }
    }
}
