namespace Aim.Models;

/// <summary><c>Image.crop</c>: a part of a picture; what lies outside the picture is 0.</summary>
internal static class PillowCrop
{
    /// <summary>From a corner to before another one; empty where the second is not beyond the first.</summary>
    public static Raster Crop(this Raster picture, int left, int top, int right, int bottom)
    {
        var result = new Raster(Math.Max(0, bottom - top), Math.Max(0, right - left), picture.Channels);
        int first = Math.Max(left, 0), end = Math.Min(right, picture.Width), channels = picture.Channels;
        for (int y = Math.Max(top, 0); first < end && y < Math.Min(bottom, picture.Height); y++)
            picture.Row(y)[(first * channels)..(end * channels)].CopyTo(result.Row(y - top)[((first - left) * channels)..]);
        return result;
    }
}
