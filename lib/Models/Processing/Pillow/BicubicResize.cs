namespace Aim.Models;

/// <summary>What the models' processors do to a picture's size: Pillow's bicubic <c>Image.resize</c>.</summary>
internal static class BicubicResize
{
    /// <summary>The picture at another size; itself if it has that size.</summary>
    public static RgbImage Resize(RgbImage picture, int height, int width)
    {
        if (picture.Height == height && picture.Width == width)
            return picture;
        var source = new Raster(picture.Height, picture.Width, 3, picture.Rgb);
        return new RgbImage(height, width, source.Resize(height, width, ResampleFilter.Bicubic).Samples);
    }
}
