namespace Aim.Models;

/// <summary><c>Image.convert</c> between the kinds of pictures, in Pillow's own fixed point.</summary>
internal static class PillowConvert
{
    // Pillow's tables for YCbCr have 6 bits behind the point; their rounding is (int)(x + 0.5), which truncates towards 0.
    private const int TableBits = 6;

    /// <summary>Grey (ITU-R 601-2) of RGB or RGBA.</summary>
    public static Raster ToGrey(this Raster picture) => Map(picture, 1, static (from, to)
        => to[0] = (byte)(from[0] * 19595 + from[1] * 38470 + from[2] * 7471 + 0x8000 >> 16));

    /// <summary>RGB of grey or RGB, with or without alpha, which is dropped.</summary>
    public static Raster ToRgb(this Raster picture) => Map(picture, 3, static (from, to) => Colours(from, to));

    /// <summary>RGBA of the same; opaque where there is no alpha.</summary>
    public static Raster ToRgba(this Raster picture) => Map(picture, 4, static (from, to) =>
    {
        Colours(from, to);
        to[3] = from.Length is 2 or 4 ? from[^1] : (byte)255;
    });

    /// <summary>The last channel alone.</summary>
    public static Raster ToAlpha(this Raster picture) => Map(picture, 1, static (from, to) => to[0] = from[^1]);

    /// <summary>CMYK of RGB, without any black.</summary>
    public static Raster RgbToCmyk(this Raster picture) => Map(picture, 4, static (from, to)
        => (to[0], to[1], to[2], to[3]) = ((byte)~from[0], (byte)~from[1], (byte)~from[2], 0));

    /// <summary>YCbCr (JFIF) of RGB.</summary>
    public static Raster RgbToYCbCr(this Raster picture) => Map(picture, 3, static (from, to) =>
    {
        var (r, g, b) = (from[0], from[1], from[2]);
        to[0] = (byte)(Table(0.29900, r) + Table(0.58700, g) + Table(0.11400, b) >> TableBits);
        to[1] = (byte)((Table(-0.16874, r) + Table(-0.33126, g) + Table(0.50000, b) >> TableBits) + 128);
        to[2] = (byte)((Table(0.50000, r) + Table(-0.41869, g) + Table(-0.08131, b) >> TableBits) + 128);
    });

    /// <summary>RGB of YCbCr (JFIF).</summary>
    public static Raster YCbCrToRgb(this Raster picture) => Map(picture, 3, static (from, to) =>
    {
        int y = from[0], cb = from[1] - 128, cr = from[2] - 128;
        to[0] = Clip(y + (Table(1.40200, cr) >> TableBits));
        to[1] = Clip(y + (Table(-0.34414, cb) + Table(-0.71414, cr) >> TableBits));
        to[2] = Clip(y + (Table(1.77200, cb) >> TableBits));
    });

    /// <summary>Hue, saturation and value of RGB, each 0 to 255.</summary>
    public static Raster RgbToHsv(this Raster picture) => Map(picture, 3, static (from, to) =>
    {
        int r = from[0], g = from[1], b = from[2], most = Math.Max(r, Math.Max(g, b)), least = Math.Min(r, Math.Min(g, b));
        to[2] = (byte)most;
        if (most == least)
            return;
        float range = most - least, red = (most - r) / range, green = (most - g) / range, blue = (most - b) / range;
        float hue = r == most ? blue - green : g == most ? (float)(2.0 + red - blue) : (float)(4.0 + green - red);
        hue = (float)((hue / 6.0 + 1.0) % 1.0);
        to[0] = Clip((int)(hue * 255.0));
        to[1] = Clip((int)(range / most * 255.0));
    });

    private delegate void Pixel(ReadOnlySpan<byte> from, Span<byte> to);

    private static Raster Map(Raster picture, int channels, Pixel pixel)
    {
        var result = new Raster(picture.Height, picture.Width, channels);
        for (int i = 0; i < picture.Height * picture.Width; i++)
            pixel(picture.Samples.AsSpan(i * picture.Channels, picture.Channels), result.Samples.AsSpan(i * channels, channels));
        return result;
    }

    private static void Colours(ReadOnlySpan<byte> from, Span<byte> to)
    {
        if (from.Length < 3)
            to[..3].Fill(from[0]);
        else
            from[..3].CopyTo(to);
    }

    private static int Table(double factor, int value) => (int)(factor * (1 << TableBits) * value + 0.5);

    private static byte Clip(int value) => (byte)Math.Clamp(value, 0, 255);
}
