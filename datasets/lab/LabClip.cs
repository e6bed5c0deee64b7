namespace Aim.Datasets;

/// <summary>One thing of a scene: what it is, where, how it is drawn, and when it is visible.</summary>
/// <param name="Object">Index into <see cref="LabWorld.Objects"/>.</param>
/// <param name="Cell">Index into <see cref="LabWorld.Places"/>.</param>
/// <param name="X">Centre, in pixels from the left.</param>
/// <param name="Y">Centre, in pixels from the top.</param>
/// <param name="Size">Index of the sprite's size (22, 25, 28 pixels).</param>
/// <param name="Turn">0, 1, 2 for -15, 0, 15 degrees.</param>
/// <param name="Mirrored">Whether left and right are exchanged.</param>
/// <param name="Start">The first frame that shows it.</param>
/// <param name="Length">How many frames show it.</param>
public sealed record LabThing(int Object, int Cell, int X, int Y, int Size, int Turn, bool Mirrored, int Start, int Length)
{
    /// <summary>The object's one-word name.</summary>
    public string Name => LabWorld.Objects[Object].Name;

    /// <summary>The place's one-word name.</summary>
    public string Place => LabWorld.Places[Cell];

    /// <summary>Whether frame <paramref name="frame"/> shows it.</summary>
    public bool VisibleAt(int frame) => frame >= Start && frame < Start + Length;
}

/// <summary>
/// A scene that plays: a still background with fresh pixel noise in every frame and things that come and go. A single picture is
/// a clip of one frame. A clip is a description; its frames are drawn when asked for, each a pure function of the scene.
/// </summary>
public sealed class LabClip
{
    private readonly Lazy<byte[]> _background;

    private LabClip(int length, LabStyle style, ulong look, LabThing[] things)
    {
        (Length, Style, Look, Things) = (length, style, look, things);
        SceneHash = HashOf(length, look, things);
        _background = new(() => LabCanvas.Background(Look));
    }

    /// <summary>Frames of the whole clip: 1 or <see cref="LabWorld.ClipFrames"/>.</summary>
    public int Length { get; }

    /// <summary>The style the things are drawn in; not part of the hash, so a scene exists in both styles.</summary>
    public LabStyle Style { get; }

    /// <summary>The things in the order in which they appear.</summary>
    public IReadOnlyList<LabThing> Things { get; }

    /// <summary>Identifies the scene (everything drawn but the style); decides its split.</summary>
    public ulong SceneHash { get; }

    /// <summary>Seed of background and noise.</summary>
    internal ulong Look { get; }

    /// <summary>The split that the scene belongs to.</summary>
    public LabSplit Split => (SceneHash % 16) switch { 0 => LabSplit.Test, 1 => LabSplit.Validation, _ => LabSplit.Train };

    /// <summary>
    /// A clip of 64 frames with 3 to 5 things. Starts lie at least one sampling step of <paramref name="minFrames"/> frames apart and
    /// every thing stays at least as long (at most half the clip), so that sampling <paramref name="minFrames"/> or more frames
    /// shows every thing, and no two appear at once.
    /// </summary>
    /// <param name="random">Where the scene is drawn from.</param>
    /// <param name="split">The split that the scene must belong to.</param>
    /// <param name="minFrames">The fewest sampled frames that must tell the story, 4 to 64.</param>
    /// <param name="style">The drawing style.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 4 or more than 64 frames.</exception>
    public static LabClip Video(LabRandom random, LabSplit split, int minFrames = 8, LabStyle style = LabStyle.Noto)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(minFrames, 4);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minFrames, LabWorld.ClipFrames);
        const int frames = LabWorld.ClipFrames;
        int step = Math.Max(6, (frames - 1 + minFrames - 2) / (minFrames - 1));
        int latest = frames - step, most = Math.Min(5, 1 + latest / step);
        return Draw(random, split, () =>
        {
            int count = Math.Min(most, random.Between(3, 5));
            var slack = new int[count];
            for (int i = 0; i < count; i++)
                slack[i] = random.Between(0, latest - (count - 1) * step);
            Array.Sort(slack);
            return new LabClip(frames, style, random.Bits(), Place(random, count, i =>
            {
                int start = slack[i] + i * step;
                return (start, random.Between(step, Math.Min(frames / 2, frames - start)));
            }));
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

    /// <summary>The same scene in another drawing style (for shift tests).</summary>
    public LabClip In(LabStyle style) => new(Length, style, Look, [.. Things]);

    /// <summary>The frames that a model sees when <paramref name="count"/> are sampled: <c>np.linspace(0, T-1, count, dtype=int)</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one frame, or more than the clip has.</exception>
    public int[] Sample(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Length);
        var indices = new int[count];
        for (int i = 1; i < count; i++)
            indices[i] = i * (Length - 1) / (count - 1);
        return indices;
    }

    /// <summary>Draws frames.</summary>
    /// <param name="frameIndices">Which, each in [0, <see cref="Length"/>).</param>
    /// <returns>RGB, 8 bits: <c>[frames, 96, 96, 3]</c>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An index outside the clip.</exception>
    public byte[] Frames(params ReadOnlySpan<int> frameIndices)
    {
        var rgb = new byte[frameIndices.Length * LabCanvas.Bytes];
        for (int i = 0; i < frameIndices.Length; i++)
            Render(frameIndices[i], rgb.AsSpan(i * LabCanvas.Bytes, LabCanvas.Bytes));
        return rgb;
    }

    /// <summary>Draws one frame into <paramref name="rgb"/>, <c>[96, 96, 3]</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An index outside the clip.</exception>
    public void Render(int frame, Span<byte> rgb)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(frame);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(frame, Length);
        var random = new LabRandom(Look, (ulong)frame);
        _background.Value.CopyTo(rgb);
        foreach (var thing in Things)
        {
            // Drawn for every thing, visible or not: a thing's jitter must not depend on who else is there.
            int dx = Length == 1 ? 0 : random.Between(-1, 1), dy = Length == 1 ? 0 : random.Between(-1, 1);
            if (thing.VisibleAt(frame))
                LabCanvas.Draw(rgb, SpriteOf(thing), thing.X + dx, thing.Y + dy);
        }
        LabCanvas.AddNoise(rgb, random);
    }

    internal Sprite SpriteOf(LabThing thing) => LabSprites.Get(Style, thing.Object, thing.Size, thing.Turn, thing.Mirrored);

    private static LabClip Draw(LabRandom random, LabSplit split, Func<LabClip> draw)
    {
        while (true)
        {
            var clip = draw();
            if (clip.Split == split)
                return clip;
        }
    }

    private static LabThing[] Place(LabRandom random, int count, Func<int, (int Start, int Length)> interval)
    {
        int[] objects = random.Distinct(count, LabWorld.Objects.Count), cells = random.Distinct(count, LabWorld.Places.Count);
        var things = new LabThing[count];
        for (int i = 0; i < count; i++)
        {
            var (start, length) = interval(i);
            things[i] = new LabThing(objects[i], cells[i],
                16 + 32 * (cells[i] % 3) + random.Between(-2, 2), 16 + 32 * (cells[i] / 3) + random.Between(-2, 2),
                random.Below(LabSprites.Sides.Length), random.Below(LabSprites.Turns), random.Chance(0.5), start, length);
        }
        return things;
    }

    private static ulong HashOf(int length, ulong look, LabThing[] things)
    {
        ulong hash = LabRandom.Hash((ulong)length, look);
        foreach (var t in things)
            hash = LabRandom.Hash(hash, (ulong)t.Object, (ulong)t.Cell, (ulong)t.X, (ulong)t.Y, (ulong)t.Size, (ulong)t.Turn,
                t.Mirrored ? 1UL : 0UL, (ulong)t.Start, (ulong)t.Length);
        return hash;
    }
}
