namespace Aim.Datasets;

/// <summary>
/// A scene that plays: a still background with fresh pixel noise in every frame and things that come and go. A single picture is
/// a clip of one frame. A clip is a description; its frames are drawn when asked for, each a pure function of the scene.
/// </summary>
public sealed partial class LabClip
{
    private readonly Lazy<byte[]> _background;

    private LabClip(int length, LabStyle style, ulong look, LabThing[] things, LabPlate? plate = null)
    {
        (Length, Style, Look, Things, Plate) = (length, style, look, things, plate);
        SceneHash = HashOf(length, look, things, plate);
        _background = new(() => LabCanvas.Background(Look));
    }

    /// <summary>Frames of the whole clip: 1 or <see cref="LabWorld.ClipFrames"/>.</summary>
    public int Length { get; }

    /// <summary>The style the things are drawn in; not part of the hash, so a scene exists in both styles.</summary>
    public LabStyle Style { get; }

    /// <summary>The things in the order in which they appear.</summary>
    public IReadOnlyList<LabThing> Things { get; }

    /// <summary>A plate with text; null if there is none.</summary>
    public LabPlate? Plate { get; }

    /// <summary>The thing that appears only briefly; null if there is none.</summary>
    public LabThing? Brief => Length == 1 ? null : Things.FirstOrDefault(thing => thing.Length <= LabThing.BriefFrames);

    /// <summary>Identifies the scene (everything drawn but the style); decides its split.</summary>
    public ulong SceneHash { get; }

    /// <summary>Seed of background and noise.</summary>
    internal ulong Look { get; }

    /// <summary>The split that the scene belongs to.</summary>
    public LabSplit Split => (SceneHash % 16) switch { 0 => LabSplit.Test, 1 => LabSplit.Validation, _ => LabSplit.Train };

    /// <summary>The same scene in another drawing style (for shift tests).</summary>
    public LabClip In(LabStyle style) => new(Length, style, Look, [.. Things], Plate);

    /// <summary>
    /// The frames that a model sees when <paramref name="count"/> are sampled: <c>np.linspace(0, T-1, count, dtype=int)</c>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one frame, or more than the clip has.</exception>
    public int[] Sample(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Length);
        return Sampled(Length, count);
    }

    internal static int[] Sampled(int length, int count)
    {
        var indices = new int[count];
        for (int i = 1; i < count; i++)
            indices[i] = i * (length - 1) / (count - 1);
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
        foreach (var (thing, x, y) in Placed(frame, random))
            LabCanvas.Draw(rgb, SpriteOf(Things[thing]), x, y);
        if (Plate is not null && Plate.VisibleAt(frame))
        {
            var (dx, dy) = Jitter(random);
            Plate.Render(rgb, dx, dy);
        }
        LabCanvas.AddNoise(rgb, random);
    }

    internal Sprite SpriteOf(LabThing thing) => LabSprites.Get(Style, thing.Object, thing.Size, thing.Turn, thing.Mirrored);

    private static ulong HashOf(int length, ulong look, LabThing[] things, LabPlate? plate)
    {
        ulong hash = LabRandom.Hash((ulong)length, look);
        foreach (var thing in things)
            hash = LabRandom.Hash(hash, thing.Hash());
        return plate is null ? hash : LabRandom.Hash(hash, plate.Hash());
    }
}
