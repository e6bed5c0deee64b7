namespace Aim.Models;

/// <summary>
/// Brings a picture to another size as Pillow's <c>Image.resize</c> does it: bicubic (a = -0.5, widened by the shrink factor),
/// 22-bit fixed point, horizontal pass first, rounded and clipped to bytes between the passes.
/// </summary>
internal static class BicubicResize
{
    private const int Precision = 22;

    /// <summary>The picture at another size; itself if it has that size.</summary>
    public static RgbImage Resize(RgbImage picture, int height, int width)
    {
        if (picture.Height == height && picture.Width == width)
            return picture;
        byte[] rows = Horizontal(picture.Rgb, picture.Width, picture.Height, width);

        // The vertical pass is the horizontal one of the transposed picture.
        byte[] columns = Horizontal(Transpose(rows, width, picture.Height), picture.Height, width, height);
        return new RgbImage(height, width, Transpose(columns, height, width));
    }

    private static byte[] Transpose(byte[] rgb, int width, int height)
    {
        var result = new byte[rgb.Length];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
                rgb.AsSpan((y * width + x) * 3, 3).CopyTo(result.AsSpan((x * height + y) * 3));
        }

        return result;
    }

    private static byte[] Horizontal(byte[] rgb, int from, int height, int to)
    {
        if (from == to)
            return rgb;
        var result = new byte[checked(height * to * 3)];
        for (int x = 0; x < to; x++)
        {
            var (first, weights) = Weights(x, from, to);
            for (int y = 0; y < height; y++)
            {
                for (int channel = 0; channel < 3; channel++)
                {
                    int sum = 1 << (Precision - 1);
                    for (int i = 0; i < weights.Length; i++)
                        sum += rgb[(y * from + first + i) * 3 + channel] * weights[i];
                    result[(y * to + x) * 3 + channel] = (byte)Math.Clamp(sum >> Precision, 0, 255);
                }
            }
        }

        return result;
    }

    private static (int First, int[] Weights) Weights(int x, int from, int to)
    {
        double scale = (double)from / to, wide = Math.Max(scale, 1), support = 2 * wide, centre = (x + 0.5) * scale;
        int first = Math.Max((int)(centre - support + 0.5), 0), end = Math.Min((int)(centre + support + 0.5), from);
        var weights = new double[end - first];
        for (int i = 0; i < weights.Length; i++)
            weights[i] = Cubic((i + first - centre + 0.5) / wide);
        double total = weights.Sum();
        return (first, [.. weights.Select(w => w / total * (1 << Precision)).Select(w => (int)(w < 0 ? w - 0.5 : w + 0.5))]);
    }

    private static double Cubic(double x)
    {
        const double a = -0.5;
        x = Math.Abs(x);
        return x < 1 ? ((a + 2) * x - (a + 3)) * x * x + 1
            : x < 2 ? (((x - 5) * x + 8) * x - 4) * a
            : 0;
    }
}
