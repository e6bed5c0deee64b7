namespace Aim.Models;

/// <summary><c>Image.reduce</c>: means of whole blocks of pixels, those at the right and lower edge of what is left.</summary>
internal static class PillowReduce
{
    /// <summary>Shrinks by whole factors; sizes are rounded up.</summary>
    public static Raster Reduce(this Raster picture, int across, int down)
    {
        if (across < 1 || down < 1)
            throw new ArgumentException($"a picture cannot be reduced by {across} x {down}");
        if (picture.HasAlpha)
            return Means(picture.Premultiply(), across, down).Unpremultiply();
        return Means(picture, across, down);
    }

    private static Raster Means(Raster picture, int across, int down)
    {
        int channels = picture.Channels;
        var result = new Raster((picture.Height + down - 1) / down, (picture.Width + across - 1) / across, channels);
        for (int y = 0; y < result.Height; y++)
        {
            for (int x = 0; x < result.Width; x++)
            {
                int endX = Math.Min((x + 1) * across, picture.Width), endY = Math.Min((y + 1) * down, picture.Height);
                uint count = (uint)((endX - x * across) * (endY - y * down));

                // Pillow's division: times 2^24 / count, truncated.
                uint multiplier = (uint)(4294967296f / (256u * count));
                for (int c = 0; c < channels; c++)
                {
                    uint sum = count / 2;
                    for (int fromY = y * down; fromY < endY; fromY++)
                    {
                        for (int fromX = x * across; fromX < endX; fromX++)
                            sum += picture.Samples[(fromY * picture.Width + fromX) * channels + c];
                    }

                    result.Samples[(y * result.Width + x) * channels + c] = (byte)(sum * multiplier >> 24);
                }
            }
        }

        return result;
    }
}
