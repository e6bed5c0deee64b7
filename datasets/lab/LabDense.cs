namespace Aim.Datasets;

/// <summary>A picture for stage 0 of training: every patch has a class.</summary>
/// <param name="Rgb">The picture, <c>[96, 96, 3]</c>.</param>
/// <param name="Classes">The class of each patch, row by row, <c>[patches]</c>: an index into <see cref="Words"/> where a thing
/// covers half the patch or more, or a glyph's box a quarter (it is hardly larger than a patch); <see cref="Background"/> where
/// none touches it, <see cref="Ignore"/> in between.</param>
/// <param name="Spots">Where the thing of each patch stands, <c>[patches]</c>: an index into <see cref="SpotWords"/>;
/// <see cref="Ignore"/> where the patch shows none.</param>
public sealed record LabDense(byte[] Rgb, long[] Classes, long[] Spots)
{
    /// <summary>The word for each class, one token: the objects, the ten digits as number words, the letters of plates.</summary>
    public static IReadOnlyList<string> Words { get; } =
        [.. LabWorld.Objects.Select(thing => thing.Name), .. LabWorld.Numbers, .. LabWorld.PlateLetters];

    /// <summary>The word for each spot, one token: the nine places of things, then a glyph's place in its row.</summary>
    public static IReadOnlyList<string> SpotWords { get; } = [.. LabWorld.Places, .. LabWorld.Ordinals];

    /// <summary>The class of patches that show neither.</summary>
    public static int Background => Words.Count;

    /// <summary>No class: PyTorch's ignore_index.</summary>
    public const long Ignore = -100;

    private const double Plates = 0.35;

    /// <summary>
    /// A picture of 3 to 7 things; or of 2 to 5 and a plate, so that the tower learns to read before it is frozen.
    /// </summary>
    internal static LabDense Draw(LabRandom random, LabSplit split, int patch = LabWorld.Patch)
    {
        var clip = random.Chance(Plates)
            ? LabClip.LetteredPicture(random, split, random.Chance(0.5), random.Between(2, 5))
            : LabClip.Picture(random, split, random.Between(3, 7));
        var (classes, spots) = Label(clip, patch);
        return new LabDense(clip.Frames(0), classes, spots);
    }

    /// <summary>
    /// The classes and spots of a picture's patches; a pixel belongs to the topmost thing that covers it by half, or to a glyph's
    /// box.
    /// </summary>
    private static (long[] Classes, long[] Spots) Label(LabClip clip, int patch)
    {
        const int side = LabWorld.Canvas;
        int grid = side / patch;
        Span<sbyte> owner = stackalloc sbyte[side * side];
        owner.Fill(-1);
        for (int i = 0; i < clip.Things.Count; i++)
        {
            var sprite = clip.SpriteOf(clip.Things[i]);
            int left = clip.Things[i].X - sprite.Side / 2, top = clip.Things[i].Y - sprite.Side / 2;
            for (int y = Math.Max(0, -top); y < Math.Min(sprite.Side, side - top); y++)
                for (int x = Math.Max(0, -left); x < Math.Min(sprite.Side, side - left); x++)
                    if (sprite.Alpha[y * sprite.Side + x] >= 128)
                        owner[(top + y) * side + left + x] = (sbyte)i;
        }
        List<int> objects = [.. clip.Things.Select(thing => thing.Object)], at = [.. clip.Things.Select(thing => thing.Cell)];
        if (clip.Plate is { } plate)
            for (int i = 0; i < plate.Glyphs.Length; i++)
            {
                int left = plate.X + i * plate.Pitch - plate.Height / 2, top = plate.Y - plate.Height / 2;
                for (int y = Math.Max(0, top); y < Math.Min(side, top + plate.Height); y++)
                    owner.Slice(y * side + left, plate.Height).Fill((sbyte)objects.Count);
                objects.Add(ClassOf(plate.Glyphs[i]));
                at.Add(LabWorld.Places.Count + i);
            }
        long[] classes = new long[grid * grid], spots = new long[grid * grid];
        Span<int> pixels = stackalloc int[objects.Count];
        for (int p = 0; p < classes.Length; p++)
        {
            pixels.Clear();
            for (int k = 0; k < patch * patch; k++)
                if (owner[(p / grid * patch + k / patch) * side + p % grid * patch + k % patch] is >= 0 and var thing)
                    pixels[thing]++;
            int most = 0;
            for (int i = 1; i < pixels.Length; i++)
                most = pixels[i] > pixels[most] ? i : most;
            int share = most < clip.Things.Count ? 2 : 4;
            bool shown = pixels[most] * share >= patch * patch;
            classes[p] = shown ? objects[most] : pixels[most] > 0 ? Ignore : Background;
            spots[p] = shown ? at[most] : Ignore;
        }
        return (classes, spots);
    }

    private static int ClassOf(char glyph)
    {
        int first = LabWorld.Objects.Count;
        if (char.IsAsciiDigit(glyph))
            return first + glyph - '0';
        for (int i = 0; i < LabWorld.PlateLetters.Count; i++)
            if (LabWorld.PlateLetters[i][0] == glyph)
                return first + LabWorld.Numbers.Count + i;
        throw new ArgumentException($"'{glyph}' is not on any plate");
    }
}
