namespace Aim.Models;

/// <summary>
/// A picture as a tower sees it that takes squares of one size: whole, and in the tiles of its best resolution.
/// </summary>
internal static class PictureTiles
{
    /// <summary>
    /// The base tile, resized without regard to the picture's shape; then the best resolution's tiles, row by row, into which the
    /// picture is scaled, centred (an odd pixel goes right or below) and padded with black.
    /// </summary>
    /// <param name="picture">The picture.</param>
    /// <param name="config">The resolutions to choose from, and a tile's size.</param>
    /// <param name="layout">The picture's layout; where it shares a tile, the base tile alone.</param>
    public static IReadOnlyList<RgbImage> Cut(RgbImage picture, TiledConfig config, ImageLayout layout)
    {
        int size = config.Vision.ImageSize;
        List<RgbImage> tiles = [BicubicResize.Resize(picture, size, size)];
        if (layout.SharesTile)
            return tiles;
        var resolution = AnyResolution.Best(picture.Height, picture.Width, config.ImageGridPinpoints);
        var (height, width) = AnyResolution.Inside(picture.Height, picture.Width, resolution);
        int above = (resolution.Height - height) / 2, before = (resolution.Width - width) / 2;
        var padded = BicubicResize.Resize(picture, height, width)
            .Pad(above, before, resolution.Height, resolution.Width, [0, 0, 0]);
        for (int top = 0; top < resolution.Height; top += size)
        {
            for (int left = 0; left < resolution.Width; left += size)
                tiles.Add(padded.Crop(top, left, size, size));
        }

        return tiles;
    }

    /// <summary>Checks that a processor's file, where it names resolutions, names those of config.json.</summary>
    /// <exception cref="CheckpointException">It names others.</exception>
    public static void CheckPinpoints(ConfigSection file, TiledConfig config)
    {
        if (file.Pairs("image_grid_pinpoints") is { } pinpoints && !pinpoints.SequenceEqual(config.ImageGridPinpoints))
            throw file.Error("image_grid_pinpoints", "differs from config.json's; tiles and tokens would not fit together");
    }
}
