namespace Aim.Datasets;

/// <summary>What a frame shows where: the truth that analyses of visual tokens are held against.</summary>
public sealed partial class LabClip
{
    /// <summary>The plate in <see cref="Owners"/>: it stands behind the last thing.</summary>
    public int PlateOwner => Things.Count;

    /// <summary>
    /// The thing that every pixel of a frame shows, row by row, <c>[96 * 96]</c>: an index into <see cref="Things"/>,
    /// <see cref="PlateOwner"/> for the plate's glyphs, -1 for the background (a plate's paper included). A pixel belongs to the
    /// topmost drawing that covers it by half or more.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A frame outside the clip.</exception>
    public sbyte[] Owners(int frame)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(frame);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(frame, Length);
        var owners = new sbyte[LabWorld.Canvas * LabWorld.Canvas];
        Array.Fill(owners, (sbyte)-1);
        var random = new LabRandom(Look, (ulong)frame);
        foreach (var (thing, x, y) in Placed(frame, random))
            Own(owners, SpriteOf(Things[thing]), x, y, (sbyte)thing);
        if (Plate is { } plate && plate.VisibleAt(frame))
        {
            var (dx, dy) = Jitter(random);
            for (int i = 0; i < plate.Glyphs.Length; i++)
                Own(owners, plate.SpriteOf(i), plate.X + dx + i * plate.Pitch, plate.Y + dy, (sbyte)PlateOwner);
        }
        return owners;
    }

    /// <summary>
    /// The visible things, by index, and their centres in a frame, jitter included, in the order in which they are drawn.
    /// </summary>
    private IEnumerable<(int Thing, int X, int Y)> Placed(int frame, LabRandom random)
    {
        for (int i = 0; i < Things.Count; i++)
        {
            // Jitter is drawn for every thing, visible or not: a thing's jitter must not depend on who else is there.
            var (dx, dy) = Jitter(random);
            if (!Things[i].VisibleAt(frame))
                continue;
            var (x, y) = Things[i].CentreAt(frame);
            yield return (i, x + dx, y + dy);
        }
    }

    /// <summary>A frame's jitter of one drawing; a picture has none.</summary>
    private (int Dx, int Dy) Jitter(LabRandom random)
    {
        if (Length == 1)
            return (0, 0);
        int dx = random.Between(-1, 1);
        return (dx, random.Between(-1, 1));
    }

    private static void Own(sbyte[] owners, Sprite sprite, int x, int y, sbyte owner)
    {
        const int side = LabWorld.Canvas;
        int left = x - sprite.Side / 2, top = y - sprite.Side / 2;
        for (int row = Math.Max(0, -top); row < Math.Min(sprite.Side, side - top); row++)
            for (int column = Math.Max(0, -left); column < Math.Min(sprite.Side, side - left); column++)
                if (sprite.Alpha[row * sprite.Side + column] >= 128)
                    owners[(top + row) * side + left + column] = owner;
    }
}
