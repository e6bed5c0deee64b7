using System.Text.Json;
using Aim.Models;

namespace Aim.Parity;

/// <summary>geometry.json: sizes, tiles and token counts of pictures by the families' rules.</summary>
internal sealed class GeometryKind : IParityKind
{
    internal const string KindName = "geometry";

    public IEnumerable<IParityCase> Find(string directory)
    {
        string path = Path.Combine(directory, "geometry.json");
        return FileOfCases.Find(path, KindName, file =>
        [
            .. file.NeedArray("cases").EnumerateArray()
                .Select(item => new GeometryCase($"{item.NeedInt("height")}x{item.NeedInt("width")}", path, file, item)),
        ]);
    }
}

/// <summary>One picture's size.</summary>
internal sealed class GeometryCase(string name, string path, JsonElement file, JsonElement item)
    : ParityCase(GeometryKind.KindName, name, path)
{
    private const string ShortestEdge = "clip_shortest_edge_336", SmartResize = "qwen2_vl_smart_resize";
    private const int MostPixels = 1 << 24, MostResolutions = 1024, MostTiles = 1 << 12;
    private readonly int _height = item.NeedInt("height"), _width = item.NeedInt("width");

    protected override void Compare(Comparison c)
    {
        if (_height is < 1 or > MostPixels || _width is < 1 or > MostPixels)
            throw new BadFixtureException($"height and width must be 1 to {MostPixels}");
        Tiled(c, "llava_next", tile: 336, side: 24, maxTiles: null);
        Tiled(c, "llava_onevision", tile: 384, side: 27, maxTiles: 9);
        if (item.Has(ShortestEdge))
        {
            var (height, width) = LlavaImageProcessor.ShortestEdge(_height, _width, 336);
            c.Exact(ShortestEdge, [height, width], item.NeedInts(ShortestEdge));
        }

        Smart(c, SmartResize, 4, 1280);
        Smart(c, SmartResize + "_min_4x28x28_max_16x28x28", 4, 16);
        foreach (var field in item.EnumerateObject())
        {
            if (!c.Names.Any(n => n == field.Name || n.StartsWith(field.Name + ".", StringComparison.Ordinal))
                && field.Name is not ("height" or "width"))
                c.LeaveOut(field.Name);
        }
    }

    // Least and most area in tokens of 28 x 28 pixels.
    private void Smart(Comparison c, string field, int least, int most)
    {
        const int Side = 28;
        if (!item.Has(field))
            return;
        var (height, width) = Qwen2VlProcessor.SmartResize(_height, _width, Side, least * Side * Side, most * Side * Side);
        c.Exact(field, [height, width], item.NeedInts(field));
    }

    private void Tiled(Comparison c, string family, int tile, int side, int? maxTiles)
    {
        if (!item.TryField(family, out var expected))
            return;
        var pinpoints = file.NeedArray(family + "_pinpoints").EnumerateArray();
        (int Height, int Width)[] resolutions = [.. pinpoints.Take(MostResolutions).Select(Pair)];
        bool Fits((int Height, int Width) size)
            => size.Height % tile == 0 && size.Width % tile == 0 && (long)(size.Height / tile) * (size.Width / tile) <= MostTiles;
        if (resolutions.Length == 0 || !resolutions.All(Fits))
            throw new BadFixtureException($"{family}_pinpoints must be multiples of {tile}, of at most {MostTiles} tiles");
        var best = AnyResolution.Best(_height, _width, resolutions);
        var inside = AnyResolution.Inside(_height, _width, best);
        var layout = ImageLayout.Tiled(_height, _width, best, tile, side, maxTiles);
        void Equal(string field, params int[] actual)
        {
            var value = expected.Need(field);
            int[] stored = value.ValueKind == JsonValueKind.Array ? expected.NeedInts(field) : [expected.NeedInt(field)];
            c.Exact($"{family}.{field}", actual, stored);
        }

        Equal("best_resolution", best.Height, best.Width);
        Equal("grid", best.Height / tile, best.Width / tile);
        Equal("num_patches_with_base", layout.Tiles + (layout.SharesTile ? 1 : 0));
        Equal("resized_inside", inside.Height, inside.Width);
        Equal("image_tokens", layout.Tokens);
    }

    private static (int, int) Pair(JsonElement pair)
    {
        if (pair.ValueKind != JsonValueKind.Array || pair.GetArrayLength() != 2
            || !pair[0].TryGetInt32(out int height) || !pair[1].TryGetInt32(out int width) || height < 1 || width < 1)
        {
            throw new BadFixtureException("a resolution must be a pair [height, width]");
        }

        return (height, width);
    }
}
