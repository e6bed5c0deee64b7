using System.Text.Json.Nodes;

namespace Aim.Models;

/// <summary>
/// config.json of a family that cuts pictures into tiles (LLaVA-NeXT's AnyRes, which LLaVA-OneVision took over): the resolutions
/// to choose from, and how a picture's base tile and grid become tokens.
/// </summary>
public abstract record TiledConfig : LlavaFamilyConfig
{
    // Beyond any real checkpoint's: numbers of a file must not decide how much memory a picture takes.
    private const int MostPinpoints = 1024;

    /// <inheritdoc/>
    public override bool HasNewline => true;

    /// <summary>
    /// The resolutions that a picture may be cut into tiles of, heights before widths, each a multiple of the tower's picture.
    /// </summary>
    public IReadOnlyList<(int Height, int Width)> ImageGridPinpoints
    {
        get => field ?? DefaultPinpoints;
        init;
    }

    /// <summary>What a file without <c>image_grid_pinpoints</c> means.</summary>
    private protected abstract IReadOnlyList<(int Height, int Width)> DefaultPinpoints { get; }

    /// <summary>The layout of a picture that is cut into tiles.</summary>
    /// <param name="height">Its height in pixels.</param>
    /// <param name="width">Its width.</param>
    /// <param name="maxTiles">The grid shrinks to as many tokens as this many tiles give; null: it never shrinks.</param>
    private protected ImageLayout Tiled(int height, int width, int? maxTiles)
    {
        var best = AnyResolution.Best(height, width, ImageGridPinpoints);
        return ImageLayout.Tiled(height, width, best, Vision.ImageSize, Vision.GridSide, maxTiles);
    }

    /// <summary>Checks that every resolution is made of the tower's pictures.</summary>
    private protected void ValidateTiles(ConfigSection file)
    {
        const string Field = "image_grid_pinpoints";
        int size = Vision.ImageSize;
        if (ImageGridPinpoints.Count > MostPinpoints)
        {
            throw file.Error(
                Field, $"{ImageGridPinpoints.Count} resolutions are more than the {MostPinpoints} that are supported");
        }

        foreach (var (height, width) in ImageGridPinpoints)
        {
            if (height % size != 0 || width % size != 0)
                throw file.Error(Field, $"{height} x {width} cannot be cut into tiles of vision_config.image_size {size}");
            if ((long)(height / size) * (width / size) * Vision.Patches > SizeLimits.Features)
            {
                throw file.Error(
                    Field, $"{height} x {width} gives more than the {SizeLimits.Features} features that are supported");
            }
        }
    }

    private protected override void Write(JsonObject json)
        => json["image_grid_pinpoints"] = new JsonArray([.. ImageGridPinpoints.Select(p => new JsonArray(p.Height, p.Width))]);
}
