namespace Aim.Datasets;

/// <summary>
/// How scenes are drawn. Each kind of clip is told unambiguously by the fewest frames that may be sampled (8 in the tests): only
/// what appears briefly may fall between them.
/// </summary>
public sealed partial class LabClip
{
    private const int Frame = LabWorld.ClipFrames;

    /// <summary>
    /// A clip of 64 frames whose things appear one after the other. Starts lie at least one sampling step of
    /// <paramref name="minFrames"/> frames apart and every thing stays at least as long (at most half the clip), so that sampling
    /// <paramref name="minFrames"/> or more frames shows every thing, and no two appear at once.
    /// </summary>
    /// <param name="random">Where the scene is drawn from.</param>
    /// <param name="split">The split that the scene must belong to.</param>
    /// <param name="minFrames">The fewest sampled frames that must tell the story, 4 to 64.</param>
    /// <param name="style">The drawing style.</param>
    /// <param name="things">How many things, 2 to 6; 3 to 5 when null. Fewer where so many do not fit.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 4 or more than 64 frames, or not 2 to 6 things.</exception>
    public static LabClip Video(
        LabRandom random, LabSplit split, int minFrames = 8, LabStyle style = LabStyle.Noto, int? things = null)
    {
        int step = Step(minFrames), latest = Frame - step, most = 1 + latest / step;
        ArgumentOutOfRangeException.ThrowIfLessThan(things ?? 3, 2, nameof(things));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(things ?? 3, 6, nameof(things));
        return Draw(random, split, () =>
        {
            int count = Math.Min(most, things ?? random.Between(3, 5));
            var slack = new int[count];
            for (int i = 0; i < count; i++)
                slack[i] = random.Between(0, latest - (count - 1) * step);
            Array.Sort(slack);
            return new LabClip(Frame, style, random.Bits(), Place(random, count, i =>
            {
                int start = slack[i] + i * step;
                return (start, random.Between(step, Math.Min(Frame / 2, Frame - start)));
            }));
        });
    }

    /// <summary>
    /// A clip in which one thing appears for 1 or 2 frames, among 1 to 3 others that at least two of 8 sampled frames show.
    /// </summary>
    /// <param name="random">Where the scene is drawn from.</param>
    /// <param name="split">The split that the scene must belong to.</param>
    /// <param name="style">The drawing style.</param>
    /// <param name="shownBy">
    /// If given, the brief thing is visible in one of these frames (for training); else it may be anywhere.
    /// </param>
    public static LabClip Glimpse(
        LabRandom random, LabSplit split, LabStyle style = LabStyle.Noto, IReadOnlyList<int>? shownBy = null)
    {
        int shortest = 2 * Step(8) + 2;
        return Draw(random, split, () =>
        {
            int count = random.Between(2, 4), brief = random.Below(count);
            var things = Place(random, count, i =>
            {
                int length = i == brief ? random.Between(1, LabThing.BriefFrames) : random.Between(shortest, 40);
                if (i != brief || shownBy is null)
                    return (random.Between(0, Frame - length), length);
                return (Math.Clamp(random.Pick(shownBy) - random.Below(length), 0, Frame - length), length);
            });
            return new LabClip(Frame, style, random.Bits(), [.. things.OrderBy(thing => thing.Start)]);
        });
    }

    /// <summary>
    /// A clip in which a thing moves across the canvas, or two do in neighbouring lanes, beside one or two that stand still.
    /// Three of <paramref name="minFrames"/> sampled frames show each moving thing.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 4 or more than 64 frames.</exception>
    public static LabClip Moving(LabRandom random, LabSplit split, int minFrames = 8, LabStyle style = LabStyle.Noto)
    {
        int step = Step(minFrames), shortest = Math.Min(Frame, 3 * step + 1);
        return Draw(random, split, () =>
        {
            bool across = random.Chance(0.5);
            int movers = random.Between(1, 2), still = random.Between(1, 2);
            int[] lanes = random.Distinct(3, 3),
                objects = random.Distinct(movers + still, LabWorld.Objects.Count), spots = random.Distinct(3, 3);
            var things = new List<LabThing>();
            for (int i = 0; i < movers + still; i++)
            {
                bool moves = i < movers;
                // Things that stand still share the last lane, in different spots.
                int along = moves ? random.Chance(0.5) ? 0 : 2 : spots[i - movers], lane = lanes[moves ? i : 2];
                int cell = across ? lane * 3 + along : along * 3 + lane;
                int length = random.Between(moves ? shortest : step, Frame),
                    travel = moves ? (along == 0 ? 1 : -1) * random.Between(58, 66) : 0;
                things.Add(OfObject(random, objects[i], cell, random.Between(0, Frame - length), length) with
                {
                    Dx = across ? travel : 0,
                    Dy = across ? 0 : travel,
                });
            }
            return new LabClip(Frame, style, random.Bits(), [.. things.OrderBy(thing => thing.Start)]);
        });
    }

    /// <summary>
    /// A clip in which a plate with digits or letters appears, beside 1 to 3 things in the rows of the grid that it leaves.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 4 or more than 64 frames.</exception>
    public static LabClip Lettered(
        LabRandom random, LabSplit split, bool digits, int minFrames = 8, LabStyle style = LabStyle.Noto)
    {
        int shortest = Math.Min(Frame, 2 * Step(minFrames));
        return Draw(random, split, () =>
        {
            int length = random.Between(shortest, Frame), row = random.Below(3);
            var plate = LabPlate.Draw(random, digits, row, random.Between(0, Frame - length), length);
            var things = Place(random, random.Between(1, 3), _ =>
            {
                int stay = random.Between(Step(minFrames), Frame);
                return (random.Between(0, Frame - stay), stay);
            }, row);
            return new LabClip(Frame, style, random.Bits(), [.. things.OrderBy(thing => thing.Start)], plate);
        });
    }

    /// <summary>A single picture with <paramref name="things"/> different things in different places.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not 1 to 9 things.</exception>
    public static LabClip Picture(LabRandom random, LabSplit split, int things, LabStyle style = LabStyle.Noto)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(things, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(things, 9);
        return Draw(random, split, () => new LabClip(1, style, random.Bits(), Place(random, things, _ => (0, 1))));
    }

    /// <summary>A single picture of one thing, which is given.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not an index into <see cref="LabWorld.Objects"/>.</exception>
    public static LabClip PictureOf(LabRandom random, LabSplit split, int thing, LabStyle style = LabStyle.Noto)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(thing);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(thing, LabWorld.Objects.Count);
        return Draw(random, split, () =>
            new LabClip(1, style, random.Bits(), [OfObject(random, thing, random.Below(LabWorld.Places.Count), 0, 1)]));
    }

    /// <summary>A single picture of given things, each in a place of its own: the given ones, or random ones.</summary>
    /// <exception cref="ArgumentException">
    /// A thing or a place that there is not, or twice the same place, or not as many places as things.
    /// </exception>
    public static LabClip PictureOf(
        LabRandom random, LabSplit split, IReadOnlyList<int> things, IReadOnlyList<int>? cells = null,
        LabStyle style = LabStyle.Noto)
    {
        ArgumentNullException.ThrowIfNull(things);
        int places = LabWorld.Places.Count;
        if (things.Count is 0 || things.Count > places || things.Any(thing => thing < 0 || thing >= LabWorld.Objects.Count))
            throw new ArgumentException(
                $"a picture holds 1 to {places} of the lab's things, not {string.Join(", ", things)}", nameof(things));
        if (cells is not null && (cells.Count != things.Count || cells.Distinct().Count() != cells.Count
            || cells.Any(cell => cell < 0 || cell >= places)))
            throw new ArgumentException(
                $"{things.Count} things need as many places of 0 to {places - 1}, all different", nameof(cells));
        return Draw(random, split, () =>
        {
            var at = cells ?? random.Distinct(things.Count, places);
            return new LabClip(1, style, random.Bits(), [.. things.Select((thing, i) => OfObject(random, thing, at[i], 0, 1))]);
        });
    }

    /// <summary>A single picture of a plate with digits or letters, beside <paramref name="things"/> things (0 to 6).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not 0 to 6 things.</exception>
    public static LabClip LetteredPicture(
        LabRandom random, LabSplit split, bool digits, int things, LabStyle style = LabStyle.Noto)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(things);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(things, 6);
        return Draw(random, split, () =>
        {
            var plate = LabPlate.Draw(random, digits, random.Below(3), 0, 1);
            return new LabClip(1, style, random.Bits(), Place(random, things, _ => (0, 1), plate.Row), plate);
        });
    }

    /// <summary>The largest distance between two sampled frames (at least 6).</summary>
    private static int Step(int minFrames)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(minFrames, 4);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minFrames, Frame);
        return Math.Max(6, (Frame - 1 + minFrames - 2) / (minFrames - 1));
    }

    private static LabClip Draw(LabRandom random, LabSplit split, Func<LabClip> draw)
    {
        while (true)
        {
            var clip = draw();
            if (clip.Split == split)
                return clip;
        }
    }

    /// <summary>Different things in different places; none in the row of a plate, if there is one.</summary>
    private static LabThing[] Place(
        LabRandom random, int count, Func<int, (int Start, int Length)> interval, int? plateRow = null)
    {
        int[] objects = random.Distinct(count, LabWorld.Objects.Count);
        int[] cells = [.. random.Distinct(LabWorld.Places.Count, LabWorld.Places.Count).Where(cell => cell / 3 != plateRow)];
        var things = new LabThing[count];
        for (int i = 0; i < count; i++)
        {
            var (start, length) = interval(i);
            things[i] = OfObject(random, objects[i], cells[i], start, length);
        }
        return things;
    }

    private static LabThing OfObject(LabRandom random, int thing, int cell, int start, int length) => new(thing, cell,
        16 + 32 * (cell % 3) + random.Between(-2, 2), 16 + 32 * (cell / 3) + random.Between(-2, 2),
        random.Below(LabSprites.Sides.Length), random.Below(LabSprites.Turns), random.Chance(0.5), start, length);
}
