using System.Text.Json;
using Aim.Models;

namespace Aim.Parity;

/// <summary>Pillow's operations by the names that cases call them, with a case's settings.</summary>
internal static class PillowOperations
{
    private const int MostSide = 1 << 13;

    public static bool Knows(string op) => op is "pillow_resize" or "pillow_rotate" or "pillow_transpose" or "pillow_crop"
        or "pillow_reduce" or "pillow_convert" or "pillow_alpha_composite" or "pillow_paste_with_mask" or "pillow_blend";

    public static ResampleFilter Filter(JsonElement item)
        => Enum.TryParse<ResampleFilter>(item.NeedText("filter"), ignoreCase: true, out var filter)
            ? filter
            : throw new UnsupportedCaseException($"no filter {item.NeedText("filter")}");

    public static Raster Resize(Raster picture, (int Height, int Width) size, JsonElement item)
    {
        if (!item.Has("box"))
            return picture.Resize(size.Height, size.Width, Filter(item));
        double[] box = Four(item.NeedNumbers("box"));
        return picture.Resize(
            size.Height, size.Width, Filter(item), ((float)box[0], (float)box[1], (float)box[2], (float)box[3]));
    }

    /// <param name="other">The second picture, where the operation takes two.</param>
    public static Raster Run(Raster picture, Raster? other, JsonElement item)
    {
        switch (item.NeedText("op"))
        {
            case "pillow_rotate":
                return Rotate(picture, item);
            case "pillow_alpha_composite":
                return Second().Over(picture);
            case "pillow_paste_with_mask":
                int[] at = item.NeedInts("at");
                return picture.Paste(Second().ToRgb(), Second().ToAlpha(), at[0], at[1]);
            case "pillow_blend":
                return picture.Blend(Second(), (float)item.NeedNumber("alpha"));
            case "pillow_convert":
                return Convert(picture, item.NeedText("from"), item.NeedText("to"));
            case "pillow_transpose":
                return picture.Turn(Turn(item.NeedText("method")));
            case "pillow_crop":
                int[] box = [.. Four(item.NeedNumbers("box")).Select(v => (int)v)];
                if (box.Any(v => v is < -MostSide or > MostSide))
                    throw new BadFixtureException($"a box must lie within {MostSide} pixels of the corner");
                return picture.Crop(box[0], box[1], box[2], box[3]);
            default:
                int[] factor = item.Need("factor").ValueKind == JsonValueKind.Array
                    ? item.NeedInts("factor")
                    : [item.NeedInt("factor"), item.NeedInt("factor")];
                return picture.Reduce(factor[0], factor[1]);
        }

        Raster Second() => other ?? throw new BadFixtureException("the case names no second picture (over)");
    }

    private static Raster Rotate(Raster picture, JsonElement item)
    {
        (double, double)? Pair(string field) => item.Has(field) ? (item.NeedNumbers(field)[0], item.NeedNumbers(field)[1]) : null;
        byte[]? fill = item.Has("fillcolor") ? [.. item.NeedInts("fillcolor").Select(v => checked((byte)v))] : null;
        return picture.Rotate(
            item.NeedNumber("angle_degrees_ccw"), Filter(item), item.NeedBool("expand"), Pair("center"), Pair("translate"), fill);
    }

    private static Raster Convert(Raster picture, string from, string to) => (from, to) switch
    {
        ("RGB" or "RGBA", "L") => picture.ToGrey(),
        ("L" or "LA" or "RGBA", "RGB") => picture.ToRgb(),
        ("L" or "LA" or "RGB", "RGBA") => picture.ToRgba(),
        ("RGB", "YCbCr") => picture.RgbToYCbCr(),
        ("YCbCr", "RGB") => picture.YCbCrToRgb(),
        ("RGB", "CMYK") => picture.RgbToCmyk(),
        ("RGB", "HSV") => picture.RgbToHsv(),
        _ => throw new UnsupportedCaseException($"no conversion from {from} to {to}"),
    };

    private static Transposition Turn(string method) => method switch
    {
        "FLIP_LEFT_RIGHT" => Transposition.FlipLeftRight,
        "FLIP_TOP_BOTTOM" => Transposition.FlipTopBottom,
        "ROTATE_90" => Transposition.Rotate90,
        "ROTATE_180" => Transposition.Rotate180,
        "ROTATE_270" => Transposition.Rotate270,
        "TRANSPOSE" => Transposition.Transpose,
        "TRANSVERSE" => Transposition.Transverse,
        _ => throw new UnsupportedCaseException($"no transposition {method}"),
    };

    private static double[] Four(double[] numbers)
        => numbers.Length == 4 ? numbers : throw new BadFixtureException("a box must have four numbers");
}
