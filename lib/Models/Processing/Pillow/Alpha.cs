namespace Aim.Models;

/// <summary>
/// Colours times alpha and back (Pillow's modes RGBa and La), and the division by 255 that its operations share.
/// </summary>
internal static class Alpha
{
    /// <summary>value / 255, rounded: exact for products of two bytes.</summary>
    public static int Div255(int value)
    {
        value += 128;
        return value + (value >> 8) >> 8;
    }

    /// <summary>Colours times alpha.</summary>
    public static Raster Premultiply(this Raster picture) => Map(picture, static (colour, alpha) => (byte)Div255(colour * alpha));

    /// <summary>Colours divided by alpha, truncated; those of transparent and opaque pixels stay.</summary>
    public static Raster Unpremultiply(this Raster picture)
        => Map(picture, static (colour, alpha) => alpha is 0 or 255 ? colour : (byte)Math.Min(255, 255 * colour / alpha));

    private static Raster Map(Raster picture, Func<byte, byte, byte> map)
    {
        var result = new byte[picture.Samples.Length];
        int channels = picture.Channels;
        for (int at = 0; at < result.Length; at += channels)
        {
            byte alpha = picture.Samples[at + channels - 1];
            for (int c = 0; c < channels - 1; c++)
                result[at + c] = map(picture.Samples[at + c], alpha);
            result[at + channels - 1] = alpha;
        }

        return picture with { Samples = result };
    }
}
