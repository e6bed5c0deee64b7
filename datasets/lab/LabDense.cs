namespace Aim.Datasets;

/// <summary>A picture for stage 0 of training: every patch has a class.</summary>
/// <param name="Rgb">The picture, <c>[96, 96, 3]</c>.</param>
/// <param name="Classes">The class of each patch, row by row, <c>[144]</c>: an index into <see cref="LabWorld.Objects"/> where a thing covers
/// half the patch or more, <see cref="Background"/> where none touches it, <see cref="Ignore"/> in between.</param>
public sealed record LabDense(byte[] Rgb, long[] Classes)
{
    /// <summary>The class of patches that show no thing.</summary>
    public static int Background => LabWorld.Objects.Count;

    /// <summary>No class: PyTorch's ignore_index.</summary>
    public const long Ignore = -100;

    /// <summary>A picture of 3 to 7 things.</summary>
    internal static LabDense Draw(LabRandom random, LabSplit split)
    {
        var clip = LabClip.Picture(random, split, random.Between(3, 7));
        return new LabDense(clip.Frames(0), Label(clip));
    }

    /// <summary>The classes of a picture's patches; a pixel belongs to the topmost thing that covers it by half.</summary>
    private static long[] Label(LabClip clip)
    {
        const int side = LabWorld.Canvas, patch = LabWorld.Patch, grid = LabWorld.Grid;
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
        var classes = new long[grid * grid];
        Span<int> pixels = stackalloc int[clip.Things.Count];
        for (int p = 0; p < classes.Length; p++)
        {
            pixels.Clear();
            for (int k = 0; k < patch * patch; k++)
                if (owner[(p / grid * patch + k / patch) * side + p % grid * patch + k % patch] is >= 0 and var thing)
                    pixels[thing]++;
            classes[p] = Background;
            for (int i = 0; i < pixels.Length; i++)
            {
                if (pixels[i] * 2 >= patch * patch)
                {
                    classes[p] = clip.Things[i].Object;
                    break;
                }
                if (pixels[i] > 0)
                    classes[p] = Ignore;
            }
        }
        return classes;
    }
}
