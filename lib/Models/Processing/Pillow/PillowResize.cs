namespace Aim.Models;

/// <summary>
/// <c>Image.resize</c>, bit for bit: the horizontal pass first, in 22-bit fixed point, bytes between the passes; pictures with
/// alpha are premultiplied on the way. As Pillow up to 12; 13 changes the order where the height shrinks much more.
/// </summary>
internal static class PillowResize
{
    /// <summary>The whole picture at another size.</summary>
    public static Raster Resize(this Raster picture, int height, int width, ResampleFilter filter)
        => picture.Resize(height, width, filter, (0, 0, picture.Width, picture.Height));

    /// <summary>A part of the picture at another size.</summary>
    /// <param name="height">Rows of the result.</param>
    /// <param name="width">Pixels a row of the result.</param>
    /// <param name="filter">How pixels are mixed.</param>
    /// <param name="box">The part, in pixels of the picture and fractions of them; it must lie within.</param>
    /// <exception cref="ArgumentException">The size is not positive, or the box does not lie within the picture.</exception>
    public static Raster Resize(
        this Raster picture, int height, int width, ResampleFilter filter, (float Left, float Top, float Right, float Bottom) box)
    {
        if (height < 1 || width < 1)
            throw new ArgumentException($"a picture cannot be resized to {width} x {height} pixels");
        if (!(box.Left >= 0 && box.Top >= 0 && box.Right <= picture.Width && box.Bottom <= picture.Height)
            || !(box.Left <= box.Right && box.Top <= box.Bottom))
        {
            throw new ArgumentException(
                $"the box {box} does not lie within {picture.Width} x {picture.Height} pixels", nameof(box));
        }

        bool across = NeedsPass(picture.Width, width, box.Left, box.Right);
        bool down = NeedsPass(picture.Height, height, box.Top, box.Bottom);
        if (!across && !down)
            return picture;
        if (filter == ResampleFilter.Nearest)
            return Nearest(picture, height, width, box);
        if (picture.HasAlpha)
            return Filter(picture.Premultiply(), height, width, filter, box, across, down).Unpremultiply();
        return Filter(picture, height, width, filter, box, across, down);
    }

    /// <summary>The same of one plane of numbers (Pillow's mode F), without rounding to bytes.</summary>
    /// <param name="plane"><c>[height, width]</c>.</param>
    /// <param name="from">Height and width.</param>
    /// <param name="to">Height and width of the result.</param>
    public static float[] Resize(float[] plane, (int Height, int Width) from, (int Height, int Width) to, ResampleFilter filter)
    {
        if (filter == ResampleFilter.Nearest)
        {
            int[] rows = NearestPositions(from.Height, to.Height, 0, from.Height);
            int[] columns = NearestPositions(from.Width, to.Width, 0, from.Width);
            return [.. rows.SelectMany(y => columns.Select(x => plane[y * from.Width + x]))];
        }

        if (from.Width != to.Width)
            plane = Pass(plane, from.Height, to.Width, new(from.Width, 0, from.Width, to.Width, filter), from.Width, 1);
        if (from.Height != to.Height)
            plane = Pass(plane, to.Height, to.Width, new(from.Height, 0, from.Height, to.Height, filter), to.Width, to.Width);
        return plane;
    }

    private static bool NeedsPass(int from, int to, float first, float end) => from != to || first != 0 || end != to;

    private static Raster Filter(
        Raster picture,
        int height,
        int width,
        ResampleFilter filter,
        (float Left, float Top, float Right, float Bottom) box,
        bool across,
        bool down)
    {
        var rows = new ResampleWeights(picture.Height, box.Top, box.Bottom, height, filter);
        if (across)
        {
            // Only the rows that the vertical pass takes.
            var (first, end) = down ? rows.Span : (0, picture.Height);
            var columns = new ResampleWeights(picture.Width, box.Left, box.Right, width, filter);
            var result = new Raster(picture.Height, width, picture.Channels);
            ResamplePasses.Across(picture, result, columns, first, end);
            picture = result;
        }

        if (down)
        {
            var result = new Raster(height, width, picture.Channels);
            ResamplePasses.Down(picture, result, rows);
            picture = result;
        }

        return picture;
    }

    // One axis of a plane whose neighbours along it are `step` apart.
    private static float[] Pass(float[] plane, int height, int width, ResampleWeights weights, int stride, int step)
    {
        var result = new float[height * width];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int output = step == 1 ? x : y, start = (step == 1 ? y * stride : x) + weights.First(output) * step;
                double sum = 0;
                foreach (double weight in weights.Of(output))
                {
                    sum += plane[start] * weight;
                    start += step;
                }

                result[y * width + x] = (float)sum;
            }
        }

        return result;
    }

    private static Raster Nearest(Raster picture, int height, int width, (float Left, float Top, float Right, float Bottom) box)
    {
        var result = new Raster(height, width, picture.Channels);
        int[] rows = NearestPositions(picture.Height, height, box.Top, box.Bottom);
        int[] columns = NearestPositions(picture.Width, width, box.Left, box.Right);
        int channels = picture.Channels;
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; rows[y] >= 0 && x < width; x++)
            {
                if (columns[x] >= 0)
                    picture.Row(rows[y]).Slice(columns[x] * channels, channels).CopyTo(result.Row(y)[(x * channels)..]);
            }
        }

        return result;
    }

    // The position is accumulated, as Pillow does it; what falls outside is -1.
    private static int[] NearestPositions(int size, int count, double from, double to)
    {
        double step = (to - from) / count, at = from + step * 0.5;
        var positions = new int[count];
        for (int i = 0; i < count; i++, at += step)
            positions[i] = at >= 0 && at < size ? (int)at : -1;
        return positions;
    }
}
