using System.Security.Cryptography;
using System.Text.Json;
using Aim.Models;

namespace Aim.Parity;

/// <summary>
/// resize.json: Pillow's and torch's picture operations, and transformers' image processors. Of them this build has what models
/// need: Pillow's bicubic resizing of whole RGB pictures.
/// </summary>
internal sealed class ResizeKind : IParityKind
{
    internal const string KindName = "resize";

    public IEnumerable<IParityCase> Find(string directory)
    {
        string path = Path.Combine(directory, "resize.json");
        return FileOfCases.Find(path, KindName, file => file.NeedArray("cases").EnumerateArray().Select((item, i) =>
        {
            string op = item.NeedText("op"), name = item.TextOrNull("expected") ?? $"{op}/{i}";
            return Missing(item, op) is { } reason
                ? SettledCase.NotSupported(KindName, name, reason)
                : (IParityCase)new ResizeCase(name, path, item);
        }));
    }

    private static string? Missing(JsonElement item, string op)
    {
        if (op != "pillow_resize")
            return $"no {op}";
        string filter = item.NeedText("filter"), mode = item.NeedText("mode");
        return filter != "bicubic" ? $"no {op} with filter {filter}"
            : mode != "RGB" ? $"no {op} of mode {mode}"
            : item.Has("box") ? $"no {op} of a box"
            : null;
    }
}

/// <summary>One picture brought to another size.</summary>
internal sealed class ResizeCase(string name, string path, JsonElement item) : ParityCase(ResizeKind.KindName, name, path)
{
    private const int MostPixels = 1 << 26;

    protected override void Compare(Comparison c)
    {
        string directory = Path.GetDirectoryName(Path.GetFullPath(File))!;
        using var stored = FixtureFiles.OpenTensors(Path.Combine(directory, "resize.safetensors"));
        string source = item.NeedText("src");
        int[] size = item.NeedInts("size_wh");
        if (size is not [>= 1 and var width, >= 1 and var height] || (long)width * height > MostPixels)
            throw new BadFixtureException($"size_wh must be two numbers of at least 1, of at most {MostPixels} pixels");
        if (stored.Info(source).Shape is not [>= 1 and var h, >= 1 and var w, 3] || h * w > MostPixels)
            throw new BadFixtureException($"{source} must be [height, width, 3], at most {MostPixels} pixels");
        var picture = new RgbImage((int)h, (int)w, [.. stored.ReadInt64(source).Select(v => checked((byte)v))]);
        var resized = BicubicResize.Resize(picture, height, width);
        const string Crop = "expected_crop_rows_0_16";
        if (item.TextOrNull("sha256") is { } hash)
            c.Same("sha256", Convert.ToHexStringLower(SHA256.HashData(resized.Rgb)), hash);

        // Of large pictures the first rows are stored, and the hash of all.
        long[] expected = stored.ReadInt64(item.NeedText(item.Has(Crop) ? Crop : "expected"));
        long[] pixels = [.. resized.Rgb.Take(item.Has(Crop) ? expected.Length : int.MaxValue).Select(b => (long)b)];
        c.Whole("pixels", pixels, expected, new Tolerance(item.NeedNumber("tolerance")));
    }
}
