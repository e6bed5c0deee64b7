namespace Aim.Models;

/// <summary>
/// The geometry of pictures that are cut into tiles (LLaVA-NeXT, LLaVA-OneVision): transformers' <c>select_best_resolution</c>,
/// <c>get_patch_output_size</c> and <c>unpad_image</c>. Each rounds in its own way, and counts of tokens depend on every one of
/// them. Heights come before widths.
/// </summary>
public static class AnyResolution
{
    // Features may exceed the most tiles' side by this much before they are shrunk.
    private const double Slack = 1.1;

    /// <summary>The resolution that shows most of a picture, then wastes least; of equals the first.</summary>
    /// <param name="height">The picture's height in pixels.</param>
    /// <param name="width">Its width.</param>
    /// <param name="resolutions">What there is to choose from (<c>image_grid_pinpoints</c>), at least one.</param>
    public static (int Height, int Width) Best(int height, int width, IReadOnlyList<(int Height, int Width)> resolutions)
    {
        ArgumentNullException.ThrowIfNull(resolutions);
        var best = resolutions[0];
        long most = 0, least = long.MaxValue;
        foreach (var (h, w) in resolutions)
        {
            double scale = Math.Min(w / (double)width, h / (double)height);
            long effective = Math.Min((long)(width * scale) * (long)(height * scale), (long)width * height);
            long wasted = ((long)h * w) - effective;
            if (effective > most || (effective == most && wasted < least))
                (best, most, least) = ((h, w), effective, wasted);
        }

        return best;
    }

    /// <summary>A picture's size when it is scaled to fit into a resolution, before the rest is padded.</summary>
    public static (int Height, int Width) Inside(int height, int width, (int Height, int Width) resolution)
    {
        double scaleWidth = resolution.Width / (double)width, scaleHeight = resolution.Height / (double)height;
        return scaleWidth < scaleHeight
            ? (Math.Min((int)Math.Ceiling(height * scaleWidth), resolution.Height), resolution.Width)
            : (resolution.Height, Math.Min((int)Math.Ceiling(width * scaleHeight), resolution.Width));
    }

    /// <summary>The part of a padded grid of features that shows the picture.</summary>
    /// <param name="height">The picture's height in pixels.</param>
    /// <param name="width">Its width.</param>
    /// <param name="rows">Rows of the grid.</param>
    /// <param name="columns">Its columns.</param>
    public static (int Top, int Left, int Rows, int Columns) Unpad(int height, int width, int rows, int columns)
    {
        if (width / (double)height > columns / (double)rows)
        {
            int kept = (int)Math.Round(height * (columns / (double)width), 7), padding = (rows - kept) / 2;
            return (padding, 0, rows - (2 * padding), columns);
        }
        else
        {
            int kept = (int)Math.Round(width * (rows / (double)height), 7), padding = (columns - kept) / 2;
            return (0, padding, rows, columns - (2 * padding));
        }
    }

    /// <summary>
    /// What a grid shrinks to where it has more tokens than the most tiles give (<c>anyres_max_9</c>); itself where it has not.
    /// </summary>
    /// <param name="rows">Rows of the unpadded grid.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="side">Side of one tile's grid.</param>
    /// <param name="tiles">The most tiles.</param>
    public static (int Rows, int Columns) Shrink(int rows, int columns, int side, int tiles)
    {
        double ratio = Math.Sqrt(rows * (double)columns / ((double)tiles * side * side));
        return ratio > Slack
            ? (Math.Max(FloorDivide(rows, ratio), 1), Math.Max(FloorDivide(columns, ratio), 1))
            : (rows, columns);
    }

    // Python's float // float, which is not the floor of the quotient: 20 // (5 / 3) is 11.
    private static int FloorDivide(double x, double y)
    {
        double quotient = (x - (x % y)) / y, floor = Math.Floor(quotient);
        return (int)(quotient - floor > 0.5 ? floor + 1 : floor);
    }
}
