using System.Text.Json;
using Aim.Models;

namespace Aim.Parity;

/// <summary>resize.json: Pillow's and torch's picture operations, and transformers' image processors.</summary>
internal sealed class ResizeKind : IParityKind
{
    internal const string KindName = "resize";

    public IEnumerable<IParityCase> Find(string directory)
    {
        string path = Path.Combine(directory, "resize.json");
        return FileOfCases.Find(path, KindName, file => file.NeedArray("cases").EnumerateArray().Select((item, i) =>
        {
            string op = item.NeedText("op");
            string name = item.TextOrNull("expected") ?? item.TextOrNull("expected_float") ?? $"{op}/{i}";
            return op switch
            {
                "torch_interpolate_antialias" => (IParityCase)new InterpolateCase(name, path, item),
                "image_processor" => new ProcessorCase(name, path, item),
                _ when PillowOperations.Knows(op) => new PillowCase(name, path, item),
                _ => SettledCase.NotSupported(KindName, name, $"no {op}"),
            };
        }));
    }
}

/// <summary>A case whose pictures are tensors beside its description.</summary>
internal abstract class PictureOperationCase(string name, string path, JsonElement item)
    : ParityCase(ResizeKind.KindName, name, path)
{
    private const int MostPixels = 1 << 26;

    protected JsonElement Item => item;

    protected SafetensorsFile OpenTensors()
        => FixtureFiles.OpenTensors(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(File))!, "resize.safetensors"));

    /// <summary>The picture that a field names; a remark in brackets may say what becomes of it first.</summary>
    protected Raster Picture(SafetensorsFile stored, string field)
    {
        string[] words = item.NeedText(field).Split(" (");
        var shape = Shape(stored, words[0]);
        int channels = shape.Length == 3 ? (int)shape[2] : 1;
        if (channels is < 1 or > 4)
            throw new BadFixtureException($"{words[0]} must have 1 to 4 channels");
        var picture = new Raster(
            (int)shape[0], (int)shape[1], channels, [.. stored.ReadInt64(words[0]).Select(v => checked((byte)v))]);
        return words is [_, "RGB)" or "converted to RGB)"] ? picture.ToRgb() : picture;
    }

    /// <summary>Height, width and channels of a picture, or height and width.</summary>
    protected static long[] Shape(SafetensorsFile stored, string name)
    {
        long[] shape = [.. stored.Info(name).Shape];
        return shape.Length is 2 or 3 && shape.All(s => s is >= 1 and <= MostPixels) && shape[0] * shape[1] <= MostPixels
            ? shape
            : throw new BadFixtureException($"{name} must be [height, width(, channels)], of at most {MostPixels} pixels");
    }

    /// <summary>The size that is asked for.</summary>
    protected (int Height, int Width) Size()
    {
        return item.NeedInts("size_wh") is [>= 1 and var width, >= 1 and var height] && (long)width * height <= MostPixels
            ? (height, width)
            : throw new BadFixtureException($"size_wh must be two numbers of at least 1, of at most {MostPixels} pixels");
    }
}

/// <summary>One of Pillow's operations.</summary>
internal sealed class PillowCase(string name, string path, JsonElement item) : PictureOperationCase(name, path, item)
{
    private const string Crop = "expected_crop_rows_0_16";

    protected override void Compare(Comparison c)
    {
        using var stored = OpenTensors();
        var tolerance = new Tolerance(Item.NeedNumber("tolerance"));
        if (Item.TextOrNull("mode") == "F")
        {
            string source = Item.NeedText("src");
            long[] shape = Shape(stored, source);
            var (height, width) = Size();
            float[] plane = PillowResize.Resize(
                [.. stored.ReadFloat32(source)], ((int)shape[0], (int)shape[1]), (height, width), PillowOperations.Filter(Item));
            c.Close("plane", plane, stored.ReadFloat32(Item.NeedText("expected")), tolerance);
            return;
        }

        var picture = Picture(stored, "src");
        var other = Item.Has("over") ? Picture(stored, "over") : null;
        var result = Item.NeedText("op") == "pillow_resize"
            ? PillowOperations.Resize(picture, Size(), Item)
            : PillowOperations.Run(picture, other, Item);
        if (Item.TextOrNull("sha256") is { } hash)
            c.Same("sha256", DecodeKind.Hash(result.Samples), hash);

        // Of large pictures the first rows are stored, and the hash of all.
        string tensor = Item.NeedText(Item.Has(Crop) ? Crop : "expected");
        long[] expected = stored.ReadInt64(tensor), actual = [.. result.Samples.Select(b => (long)b)];
        if (!Item.Has(Crop))
            c.Exact("size", [result.Height, result.Width], [.. stored.Info(tensor).Shape.Take(2).Select(s => (int)s)]);
        int compared = Item.Has(Crop) ? Math.Min(expected.Length, actual.Length) : actual.Length;
        c.Whole("pixels", actual.AsSpan(0, compared), expected, tolerance);
    }
}

/// <summary>torch's interpolate with antialiasing, of channels-first pictures: as numbers, and rounded to bytes.</summary>
internal sealed class InterpolateCase(string name, string path, JsonElement item) : PictureOperationCase(name, path, item)
{
    protected override void Compare(Comparison c)
    {
        using var stored = OpenTensors();
        var picture = Picture(stored, "src");
        var (height, width) = Size();
        var mode = Item.NeedText("mode") switch
        {
            "bilinear" => InterpolationMode.Bilinear,
            "bicubic" => InterpolationMode.Bicubic,
            var other => throw new UnsupportedCaseException($"no antialiased interpolation of mode {other}"),
        };
        float[] values = [.. picture.Samples.Select(b => (float)b)];
        var pixels = tensor(values, [1, picture.Height, picture.Width, picture.Channels]).permute(0, 3, 1, 2);
        var result = nn.functional.interpolate(pixels, [height, width], mode: mode, antialias: true);
        float[] expected = stored.ReadFloat32(Item.NeedText("expected_float"));
        c.Close("float", result.Values(), expected, new Tolerance(Item.NeedNumber("tolerance")));
        long[] bytes = [.. result.round().clamp(0, 255).Values().Select(v => (long)v)];
        foreach (string entry in (string[])["expected_uint8_rounded", "expected_uint8_native"])
        {
            if (!Item.Has(entry))
                continue;
            var tolerance = new Tolerance(Item.NeedNumber("tolerance_uint8"));
            c.Whole(entry, bytes, FirstChannels(stored, Item.NeedText(entry)), tolerance);
        }
    }

    // Stored as pictures are, channels last; the result has them first.
    private static long[] FirstChannels(SafetensorsFile stored, string name)
    {
        long[] shape = Shape(stored, name), values = stored.ReadInt64(name);
        if (shape.Length != 3 || shape[2] > 4)
            return values;
        int pixels = (int)(shape[0] * shape[1]), channels = (int)shape[2];
        return [.. Enumerable.Range(0, values.Length).Select(i => values[i % pixels * channels + i / pixels])];
    }
}

/// <summary>A picture through CLIP's or SigLIP's image processor.</summary>
internal sealed class ProcessorCase(string name, string path, JsonElement item) : PictureOperationCase(name, path, item)
{
    private const int MostSide = 4096;

    protected override void Compare(Comparison c)
    {
        using var stored = OpenTensors();
        var config = Item.Need("config");
        var size = config.Need("size");
        bool clip = size.Has("shortest_edge");
        int edge = size.NeedInt(clip ? "shortest_edge" : "height");
        int side = clip ? config.Need("crop_size").NeedInt("height") : edge;
        if (side < 1 || edge < side || edge > MostSide || config.NeedText("resample") != "bicubic")
        {
            throw new UnsupportedCaseException(
                $"no processor of this size or filter: {size.GetRawText()}, {config.NeedText("resample")}");
        }

        var pixels = new PixelNormalizer(
            config.NeedNumber("rescale_factor"), config.NeedNumbers("image_mean"), config.NeedNumbers("image_std"));
        var processor = new LlavaImageProcessor(side, clip ? edge : null, ImageLayout.Single(1, newline: false), pixels);
        var picture = Picture(stored, "src");
        var prepared = processor.Prepare([new RgbImage(picture.Height, picture.Width, picture.Samples)])[0].PixelValues;
        c.Exact("shape", prepared.shape[1..], stored.Info(Item.NeedText("expected")).Shape);
        float[] expected = stored.ReadFloat32(Item.NeedText("expected"));
        c.Close("pixel_values", prepared.Values(), expected, new Tolerance(Item.NeedNumber("tolerance")));
    }
}
