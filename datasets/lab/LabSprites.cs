using System.Collections.Concurrent;
using System.Reflection;

namespace Aim.Datasets;

/// <summary>The drawing style of the sprites. Training uses <see cref="Noto"/>; the other one is for shift tests.</summary>
public enum LabStyle
{
    /// <summary>Google Noto Emoji (Apache-2.0).</summary>
    Noto,

    /// <summary>Twitter Twemoji (CC-BY 4.0).</summary>
    Twemoji,
}

/// <summary>A sprite as it is drawn: premultiplied, scaled, turned, perhaps mirrored.</summary>
/// <param name="Side">Pixels a side of the square box.</param>
/// <param name="Rgb">Colours times alpha: <c>[side, side, 3]</c>.</param>
/// <param name="Alpha">Coverage, 0 to 255: <c>[side, side]</c>.</param>
internal sealed record Sprite(int Side, byte[] Rgb, byte[] Alpha);

/// <summary>The embedded drawings (64x64 RGBA) and their scaled variants, each made once and kept.</summary>
internal static class LabSprites
{
    /// <summary>Sides that a drawing is scaled to, before it is turned.</summary>
    public static readonly int[] Sides = [22, 25, 28];

    /// <summary>Turns in steps of 15 degrees.</summary>
    public const int Turns = 3;

    private const double Cos15 = 0.96592582628906831, Sin15 = 0.25881904510252074;
    private const int Samples = 6;                  // a side, for each pixel of the variant: area averaging

    private static readonly ConcurrentDictionary<(LabStyle, int, int, int, bool), Sprite> Variants = new();
    private static readonly ConcurrentDictionary<(LabStyle, int), Picture> Drawings = new();

    /// <summary>
    /// The variant: <paramref name="size"/> indexes <see cref="Sides"/>, <paramref name="turn"/> is 0, 1, 2 for -15, 0, 15
    /// degrees.
    /// </summary>
    public static Sprite Get(LabStyle style, int thing, int size, int turn, bool mirrored) =>
        Variants.GetOrAdd((style, thing, size, turn, mirrored),
            static key => Make(key.Item1, key.Item2, key.Item3, key.Item4, key.Item5));

    /// <summary>The drawing itself, as stored.</summary>
    public static Picture Drawing(LabStyle style, int thing) => Drawings.GetOrAdd((style, thing), static key =>
    {
        string name = $"sprites/{(key.Item1 == LabStyle.Noto ? "noto" : "twemoji")}/{LabWorld.Objects[key.Item2].Name}.png";
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new PictureException(name, "the drawing is not in the assembly");
        var data = new byte[stream.Length];
        stream.ReadExactly(data);
        return PngFile.Read(data, name);
    });

    private static Sprite Make(LabStyle style, int thing, int size, int turn, bool mirrored)
    {
        var drawing = Drawing(style, thing);
        byte[] rgba = drawing.ToRgba();
        double scale = drawing.Width / (double)Sides[size];
        double cos = turn == 1 ? 1 : Cos15, sin = turn == 1 ? 0 : turn == 0 ? -Sin15 : Sin15;
        int side = turn == 1 ? Sides[size] : (int)Math.Ceiling(Sides[size] * (Cos15 + Sin15));
        var rgb = new byte[side * side * 3];
        var alpha = new byte[side * side];
        for (int y = 0; y < side; y++)
            for (int x = 0; x < side; x++)
            {
                long r = 0, g = 0, b = 0, a = 0;
                for (int s = 0; s < Samples * Samples; s++)
                {
                    double dx = x + (s % Samples + 0.5) / Samples - side / 2.0,
                        dy = y + (s / Samples + 0.5) / Samples - side / 2.0;
                    double u = (cos * dx + sin * dy) * scale, v = (cos * dy - sin * dx) * scale;
                    int sx = (int)Math.Floor((mirrored ? -u : u) + drawing.Width / 2.0),
                        sy = (int)Math.Floor(v + drawing.Height / 2.0);
                    if ((uint)sx >= (uint)drawing.Width || (uint)sy >= (uint)drawing.Height)
                        continue;
                    int p = (sy * drawing.Width + sx) * 4, weight = rgba[p + 3];
                    r += weight * rgba[p];
                    g += weight * rgba[p + 1];
                    b += weight * rgba[p + 2];
                    a += weight;
                }
                int q = y * side + x;
                const long area = Samples * Samples;
                alpha[q] = (byte)((a + area / 2) / area);
                rgb[q * 3] = (byte)((r + area * 255 / 2) / (area * 255));
                rgb[q * 3 + 1] = (byte)((g + area * 255 / 2) / (area * 255));
                rgb[q * 3 + 2] = (byte)((b + area * 255 / 2) / (area * 255));
            }
        return new Sprite(side, rgb, alpha);
    }
}
