using System.Globalization;

namespace Aim.Models;

/// <summary>
/// <c>Image.rotate</c>, bit for bit: by an affine map from the result to the picture. Nearest steps in 16-bit fixed point;
/// bilinear and bicubic (a = -1, over 4 x 4 pixels, no antialiasing) compute in double and truncate.
/// </summary>
internal static class PillowRotate
{
    // Beyond that the fixed-point steps of `nearest` do not reach.
    private const int MostPixels = 32767;

    /// <summary>Turns a picture.</summary>
    /// <param name="degrees">Counter-clockwise.</param>
    /// <param name="filter">Nearest, bilinear or bicubic.</param>
    /// <param name="expand">Whether the result is large enough for all of the picture; else it has the picture's size.</param>
    /// <param name="centre">What it turns around, in pixels; null: its middle.</param>
    /// <param name="translate">How far it is moved afterwards, in pixels.</param>
    /// <param name="fill">The colour of what lies outside, a byte a channel; null: black and transparent.</param>
    /// <exception cref="ArgumentException">The filter is another one, or the picture is too large.</exception>
    public static Raster Rotate(
        this Raster picture,
        double degrees,
        ResampleFilter filter,
        bool expand = false,
        (double X, double Y)? centre = null,
        (double X, double Y)? translate = null,
        byte[]? fill = null)
    {
        if (filter is not (ResampleFilter.Nearest or ResampleFilter.Bilinear or ResampleFilter.Bicubic))
            throw new ArgumentException($"pictures cannot be rotated with the filter {filter}", nameof(filter));
        if (fill is not null && fill.Length != picture.Channels)
        {
            throw new ArgumentException(
                $"the fill colour has {fill.Length} bytes, the picture {picture.Channels} channels", nameof(fill));
        }

        degrees -= Math.Floor(degrees / 360) * 360;
        if (centre is null && translate is null)
        {
            switch (degrees)
            {
                case 0:
                    return picture;
                case 180:
                    return picture.Turn(Transposition.Rotate180);
                case 90 or 270 when expand || picture.Width == picture.Height:
                    return picture.Turn(degrees == 90 ? Transposition.Rotate90 : Transposition.Rotate270);
            }
        }

        var (height, width) = (picture.Height, picture.Width);
        var map = Affine.Rotation(degrees, centre ?? (width / 2.0, height / 2.0), translate ?? default);
        if (expand)
            (map, height, width) = map.Expand(height, width);
        if (Math.Max(Math.Max(height, width), Math.Max(picture.Height, picture.Width)) > MostPixels)
            throw new ArgumentException($"pictures of more than {MostPixels} pixels a side cannot be rotated", nameof(picture));
        bool mixes = filter != ResampleFilter.Nearest && picture.HasAlpha;
        var source = mixes ? picture.Premultiply() : picture;
        var result = new Raster(height, width, picture.Channels);
        if (fill is not null)
        {
            for (int at = 0; at < result.Samples.Length; at += fill.Length)
                fill.CopyTo(result.Samples, at);
        }

        if (filter == ResampleFilter.Nearest)
            Nearest(source, result, map);
        else
            Mix(source, result, map, filter == ResampleFilter.Bicubic);
        return mixes ? result.Unpremultiply() : result;
    }

    private static void Nearest(Raster source, Raster result, Affine map)
    {
        static int Fixed(double value) => (int)Math.Floor(value * 65536 + 0.5);
        var (stepX, rowX, stepY, rowY) = (Fixed(map.A), Fixed(map.B), Fixed(map.D), Fixed(map.E));
        int startX = Fixed(map.C + map.A * 0.5 + map.B * 0.5), startY = Fixed(map.F + map.D * 0.5 + map.E * 0.5);
        int channels = source.Channels;
        for (int y = 0; y < result.Height; y++, startX += rowX, startY += rowY)
        {
            int atX = startX, atY = startY;
            for (int x = 0; x < result.Width; x++, atX += stepX, atY += stepY)
            {
                int fromX = atX >> 16, fromY = atY >> 16;
                if ((uint)fromX < (uint)source.Width && (uint)fromY < (uint)source.Height)
                    source.Row(fromY).Slice(fromX * channels, channels).CopyTo(result.Row(y)[(x * channels)..]);
            }
        }
    }

    private static void Mix(Raster source, Raster result, Affine map, bool cubic)
    {
        for (int y = 0; y < result.Height; y++)
        {
            for (int x = 0; x < result.Width; x++)
            {
                var (fromX, fromY) = map.Apply(x + 0.5, y + 0.5);
                if (!(fromX >= 0 && fromX < source.Width && fromY >= 0 && fromY < source.Height))
                    continue;
                for (int c = 0; c < source.Channels; c++)
                {
                    double value = cubic
                        ? Cubic(source, c, fromX - 0.5, fromY - 0.5)
                        : Linear(source, c, fromX - 0.5, fromY - 0.5);
                    result.Samples[(y * result.Width + x) * source.Channels + c] = (byte)Math.Clamp(value, 0, 255);
                }
            }
        }
    }

    private static double Linear(Raster source, int channel, double atX, double atY)
    {
        int x = (int)Math.Floor(atX), y = (int)Math.Floor(atY);
        double dx = atX - x, dy = atY - y;
        double Row(int row)
        {
            double a = Texel(source, channel, x, row), b = Texel(source, channel, x + 1, row);
            return a + (b - a) * dx;
        }

        double above = Row(y), below = Row(y + 1);
        return above + (below - above) * dy;
    }

    private static double Cubic(Raster source, int channel, double atX, double atY)
    {
        int x = (int)Math.Floor(atX), y = (int)Math.Floor(atY);
        double dx = atX - x, dy = atY - y;
        double Row(int row) => Cubic(
            Texel(source, channel, x - 1, row), Texel(source, channel, x, row),
            Texel(source, channel, x + 1, row), Texel(source, channel, x + 2, row), dx);
        return Cubic(Row(y - 1), Row(y), Row(y + 1), Row(y + 2), dy);
    }

    private static double Cubic(double a, double b, double c, double d, double at)
    {
        double p2 = -a + c, p3 = 2 * (a - b) + c - d, p4 = -a + b - c + d;
        return b + at * (p2 + at * (p3 + at * p4));
    }

    // Neighbours beyond the edge are the edge's.
    private static byte Texel(Raster source, int channel, int x, int y)
    {
        x = Math.Clamp(x, 0, source.Width - 1);
        y = Math.Clamp(y, 0, source.Height - 1);
        return source.Samples[(y * source.Width + x) * source.Channels + channel];
    }

    /// <summary>(x, y) -> (A x + B y + C, D x + E y + F).</summary>
    private readonly record struct Affine(double A, double B, double C, double D, double E, double F)
    {
        /// <summary>
        /// From the rotated and moved picture back to the picture; sines and cosines are rounded as Pillow rounds them.
        /// </summary>
        public static Affine Rotation(double degrees, (double X, double Y) centre, (double X, double Y) translate)
        {
            double angle = -degrees * (Math.PI / 180);
            double cos = Round(Math.Cos(angle)), sin = Round(Math.Sin(angle));
            var turn = new Affine(cos, sin, 0, -sin, cos, 0);
            var (c, f) = turn.Apply(-centre.X - translate.X, -centre.Y - translate.Y);
            return turn with { C = c + centre.X, F = f + centre.Y };
        }

        // To 15 decimals; Math.Round would scale by 10^15 first, which rounds a second time.
        private static double Round(double value)
            => double.Parse(value.ToString("F15", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

        public (double X, double Y) Apply(double x, double y) => (A * x + B * y + C, D * x + E * y + F);

        /// <summary>The same for a result that holds all corners, and its size.</summary>
        public (Affine Map, int Height, int Width) Expand(int height, int width)
        {
            (double X, double Y)[] corners = [Apply(0, 0), Apply(width, 0), Apply(width, height), Apply(0, height)];
            int newWidth = (int)(Math.Ceiling(corners.Max(p => p.X)) - Math.Floor(corners.Min(p => p.X)));
            int newHeight = (int)(Math.Ceiling(corners.Max(p => p.Y)) - Math.Floor(corners.Min(p => p.Y)));
            var (c, f) = Apply(-(newWidth - width) / 2.0, -(newHeight - height) / 2.0);
            return (this with { C = c, F = f }, newHeight, newWidth);
        }
    }
}
